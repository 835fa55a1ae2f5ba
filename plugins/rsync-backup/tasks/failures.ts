import { isSrvError, srvError, type InstanceContext, type SrvError } from '../../../src/index.ts'
import { destinationsOf, type Vault } from '../vault.ts'
import { kept, problemOf, vaultsIn, where, type Place } from './context.ts'

/** Failures in destinations; work continues in the others. */
export interface Failures {
  has(vault: Vault): boolean
  /** Works in a destination, unless it failed before. */
  attempt(vault: Vault, work: () => Promise<unknown>): Promise<void>
  /** Does work that is not about a destination. */
  note(work: () => Promise<unknown>): Promise<void>
  /** Says what was done: as what the step did, or, when others failed, beside their errors. */
  tell(telling: Pick<InstanceContext, 'done' | 'progress'>, said: readonly string[]): void
  readonly errors: readonly SrvError[]
  /** All that failed, to be thrown: the only SrvError, or an AggregateError with each. */
  all(): Error
  /** @throws SrvError, or AggregateError when several failed */
  assertNone(): void
}

/** Errors to be thrown as one: the only SrvError, or an AggregateError with each. */
export function together(errors: readonly SrvError[]): Error {
  const [first, ...others] = errors
  return first !== undefined && others.length === 0 ? first : new AggregateError(errors, first?.message)
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
  const all = (): Error => together(errors)
  return {
    errors,
    has: (vault) => failed.has(where(vault)),
    async attempt(vault, work) {
      if (!failed.has(where(vault)) && !(await collected(work))) failed.add(where(vault))
    },
    async note(work) {
      await collected(work)
    },
    tell(telling, said) {
      for (const one of said) {
        if (errors.length === 0) telling.done(one)
        else telling.progress(one)
      }
    },
    all,
    assertNone() {
      if (errors.length > 0) throw all()
    },
  }
}

/** With several destinations, an error names the one that could not be reached or in which a command failed, and says that the others went on. */
function ofOne(context: Place, vault: Vault, done: string, thrown: unknown): unknown {
  if (destinationsOf(context.options).length === 1) return thrown
  if (!isSrvError(thrown) || (thrown.exitCode !== 4 && thrown.code !== 'SRV-640' && thrown.code !== 'SRV-667'))
    return thrown
  const details = { ...kept(context, vault), done, problem: problemOf(thrown) }
  return srvError('SRV-658', details, { where: { host: context.host.name }, output: thrown.output })
}

/** Works in each destination of a service that has not failed before: one that cannot be reached does not stop the others. */
export async function inEach(
  context: Place,
  failed: Failures,
  done: 'verified' | 'pinned' | 'unpinned' | 'pruned',
  work: (vault: Vault) => Promise<void>,
): Promise<void> {
  for (const vault of vaultsIn(context)) {
    await failed.attempt(vault, async () => {
      try {
        await work(vault)
      } catch (thrown) {
        throw ofOne(context, vault, done, thrown)
      }
    })
  }
}
