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
  /** Forgets the failures of destinations whose error is such a one, and returns these destinations: they are worked in again. */
  forgive(isSuch: (error: SrvError) => boolean): readonly Vault[]
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
  let failed: readonly { readonly error: SrvError; readonly vault?: Vault }[] = []
  const collected = async (work: () => Promise<unknown>, of: { readonly vault?: Vault }): Promise<void> => {
    try {
      await work()
    } catch (thrown) {
      if (!isSrvError(thrown)) throw thrown
      failed = [...failed, { error: thrown, ...of }]
    }
  }
  const has = (vault: Vault): boolean =>
    failed.some((one) => one.vault !== undefined && where(one.vault) === where(vault))
  const errors = (): readonly SrvError[] => failed.map(({ error }) => error)
  const all = (): Error => together(errors())
  return {
    get errors() {
      return errors()
    },
    has,
    async attempt(vault, work) {
      if (!has(vault)) await collected(work, { vault })
    },
    async note(work) {
      await collected(work, {})
    },
    forgive(isSuch) {
      const such = failed.filter(({ error, vault }) => vault !== undefined && isSuch(error))
      failed = failed.filter((one) => !such.includes(one))
      return such.flatMap(({ vault }) => vault ?? [])
    },
    tell(telling, said) {
      for (const one of said) {
        if (failed.length === 0) telling.done(one)
        else telling.progress(one)
      }
    },
    all,
    assertNone() {
      if (failed.length > 0) throw all()
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
