import type { Task } from '../plugin/contract.ts'

/** How the hosts of a rolling group take turns. */
export interface RollingOptions {
  /** Hosts that go first, one at a time; nobody else starts before they are done. @default 0 */
  readonly canary?: number
  /** Hosts that are worked on at the same time after that: a number, or a share of the hosts. @default 1 */
  readonly window?: number | `${number}%`
}

/** Steps at the same time. */
export interface ParallelSteps<Id extends string = string> {
  readonly parallel: readonly Step<Id>[]
}

/** Steps that each host finishes before the next host begins. */
export interface RollingSteps<Id extends string = string> extends RollingOptions {
  readonly rolling: readonly Step<Id>[]
}

/** Steps for the instances that are deployed in the folder they run from, or with `false` for all others. */
export interface PlacedSteps<Id extends string = string> {
  readonly inPlace: boolean
  readonly steps: readonly Step<Id>[]
}

/** What a pipeline is made of: the id of a task or pipeline, a task itself, or a group. An array is a series. */
export type Step<Id extends string = string> =
  Id | Task | readonly Step<Id>[] | ParallelSteps<Id> | RollingSteps<Id> | PlacedSteps<Id>

/** Steps one after another. It returns plain data, which the config can write as well: `['git:fetch', 'restart']`. */
export function series<const S extends readonly Step[]>(...steps: S): S {
  return steps
}

/** Steps at the same time. It returns plain data: `{ parallel: […] }`. */
export function parallel<const S extends readonly Step[]>(...steps: S): { readonly parallel: S } {
  return { parallel: steps }
}

/**
 * Steps that each host finishes before the next host begins. It returns plain data: `{ rolling: […], canary: 1 }`.
 *
 * @example rolling(['git:switch', 'restart', 'health'], { canary: 1, window: '25%' })
 */
export function rolling<const S extends readonly Step[]>(
  steps: S,
  options: RollingOptions = {},
): RollingOptions & { readonly rolling: S } {
  return { rolling: steps, ...options }
}
