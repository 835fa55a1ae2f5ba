import type { Host, Placement } from '../config/resolved.ts'
import type { HookFunction, Override, Task } from '../plugin/contract.ts'

/** A hook bound to a step or pipeline, with the plugin it came from. */
export interface BoundHook {
  /** `before:git:switch` */
  readonly id: string
  /** Plugin name, or nothing for a hook of the config. */
  readonly plugin?: string
  readonly handler: HookFunction
}

/** The hooks of one target, each list in the order in which it runs. */
export interface BoundHooks {
  readonly before: readonly BoundHook[]
  readonly after: readonly BoundHook[]
  readonly finally: readonly BoundHook[]
}

/** One task on its targets. A task that acts once has neither hosts nor placements as targets. */
export interface PlanStep {
  readonly kind: 'step'
  /** Position in the plan, `2.1`: unique, and the same each time the same config is planned. */
  readonly id: string
  readonly taskId: string
  readonly task: Task
  /** Name of the plugin whose options and settings it sees; nothing for stock and local tasks. */
  readonly plugin?: string
  readonly title: string
  readonly group: string
  readonly placements: readonly Placement[]
  readonly hosts: readonly Host[]
  /** Further hosts that the task works with, on behalf of its placements. */
  readonly companions: readonly Host[]
  readonly hooks: BoundHooks
  /** A function of the config that stands in for the task's own. */
  readonly override?: Override
}

/** Steps in series; a named pipeline has hooks of its own. */
export interface PlanSeries {
  readonly kind: 'series'
  readonly id: string
  readonly name?: string
  readonly nodes: readonly PlanNode[]
  readonly hooks: BoundHooks
}

/** Steps at the same time. */
export interface PlanParallel {
  readonly kind: 'parallel'
  readonly id: string
  readonly nodes: readonly PlanNode[]
}

/** Steps host by host: `canary` hosts one at a time first, then at most `window` hosts at once. */
export interface PlanRolling {
  readonly kind: 'rolling'
  readonly id: string
  readonly nodes: readonly PlanNode[]
  readonly hosts: readonly Host[]
  readonly canary: number
  readonly window: number
}

/** A part of a plan. */
export type PlanNode = PlanStep | PlanSeries | PlanParallel | PlanRolling

/** What a pipeline will do where, before it does it: immutable. */
export interface Plan {
  readonly pipeline: string
  readonly environment: string
  readonly hosts: readonly Host[]
  readonly placements: readonly Placement[]
  readonly root: PlanSeries
  /** Values of the flags that the tasks of this plan declare. */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>
}
