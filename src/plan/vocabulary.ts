import type { Placement } from '../config/resolved.ts'
import type { NamedHook, NamedTask } from '../config/resolved-config.ts'
import type { Step } from '../config/steps.ts'
import type { Override } from '../plugin/contract.ts'

/** Everything that a pipeline can be built from; hooks stand in the order of the plugin list, the config's last. */
export interface Vocabulary {
  readonly tasks: ReadonlyMap<string, NamedTask>
  readonly pipelines: ReadonlyMap<string, Step>
  readonly hooks: readonly NamedHook[]
  readonly overrides: ReadonlyMap<string, Override>
  /** Whether a plugin deploys an instance in the folder that it runs from. @default none */
  readonly inPlace?: (placement: Placement) => boolean
}
