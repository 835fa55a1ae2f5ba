import type { Task } from '../plugin/contract.ts'
import type { RollingOptions } from './steps.ts'

/*
 * The steps of `steps.ts` again, as `defineConfig` takes them. In a union with an array type TypeScript reports a wrong id
 * at the whole group around it; with an array-like type instead, it reports it at the id itself.
 */

/** A list of steps. It is told from a string by `entries`, which only an array has. */
interface Series<Id extends string> {
  readonly entries: unknown
  readonly [index: number]: StepInput<Id>
}

interface Parallel<Id extends string> {
  readonly parallel: Series<Id>
  readonly canary?: never
}

interface Rolling<Id extends string> extends RollingOptions {
  readonly rolling: Series<Id>
}

/** What a pipeline of the config is made of: a `Step` with only these ids. */
export type StepInput<Id extends string> = Id | Task | Series<Id> | Parallel<Id> | Rolling<Id>
