import type { Placement } from '../config/resolved.ts'
import type { Step } from '../config/steps.ts'
import type { Hook, Override, Task } from '../plugin/contract.ts'

/** A task under its id, with the plugin it came from. */
export interface NamedTask {
  readonly id: string
  readonly task: Task
  /** Plugin name; nothing for stock and local tasks. */
  readonly plugin?: string
}

/** A hook under its target, `before:git:switch`. */
export interface NamedHook {
  readonly target: string
  readonly hook: Hook
  /** Plugin name; nothing for a hook of the config. */
  readonly plugin?: string
}

/** Everything that a pipeline can be built from; hooks stand in the order of the plugin list, the config's last. */
export interface Vocabulary {
  readonly tasks: ReadonlyMap<string, NamedTask>
  readonly pipelines: ReadonlyMap<string, Step>
  readonly hooks: readonly NamedHook[]
  readonly overrides: ReadonlyMap<string, Override>
  /** Whether a plugin deploys an instance in the folder that it runs from. @default none */
  readonly inPlace?: (placement: Placement) => boolean
}
