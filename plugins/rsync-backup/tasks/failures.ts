import { isSrvError, type SrvError } from '../../../src/index.ts'
import type { Vault } from '../vault.ts'
import { where } from './context.ts'

/** Why something could not be done in a destination; the others are gone on with. */
export interface Failures {
  has(vault: Vault): boolean
  /** Works in a destination, unless it failed before. */
  attempt(vault: Vault, work: () => Promise<unknown>): Promise<void>
  /** Does what concerns no destination. */
  note(work: () => Promise<unknown>): Promise<void>
  readonly errors: readonly SrvError[]
  /** All that failed, to be thrown: the only SrvError, or an AggregateError with each. */
  all(): Error
  /** @throws SrvError, or AggregateError when several failed */
  assertNone(): void
}

/** Nothing has failed yet. */
export function failures(): Failures {
  const errors: SrvError[] = []
  const failed = new Set<string>()
  const collected = async (work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work()
      return true
    } catch (thrown) {
      if (!isSrvError(thrown)) throw thrown
      errors.push(thrown)
      return false
    }
  }
  const all = (): Error => {
    const [first, ...others] = errors
    return first !== undefined && others.length === 0 ? first : new AggregateError(errors, first?.message)
  }
  return {
    errors,
    has: (vault) => failed.has(where(vault)),
    async attempt(vault, work) {
      if (!failed.has(where(vault)) && !(await collected(work))) failed.add(where(vault))
    },
    async note(work) {
      await collected(work)
    },
    all,
    assertNone() {
      if (errors.length > 0) throw all()
    },
  }
}
