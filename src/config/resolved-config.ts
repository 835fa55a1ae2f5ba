import type { Hook, Override, Task } from '../plugin/contract.ts'
import type { SetUpPlugin } from '../plugin/setup.ts'
import type { Host, Placement, Service } from './resolved.ts'
import type { Step } from './steps.ts'

/** A task under its id, with the plugin it came from. */
export interface NamedTask {
  /** `git:switch`, or the bare name of a stock or local task. */
  readonly id: string
  readonly task: Task
  /** Plugin name; nothing for stock and local tasks. */
  readonly plugin?: string
}

/** A hook under its target, with the plugin it came from. */
export interface NamedHook {
  /** `before:git:switch` */
  readonly target: string
  readonly hook: Hook
  /** Plugin name; nothing for a hook of the config. */
  readonly plugin?: string
}

/** The whole config as one environment sees it: checked, overlaid, plugins set up. Nothing was contacted. */
export interface ResolvedConfig {
  /** Absolute path of the config file. */
  readonly file: string
  /** Absolute path of the folder that holds it. */
  readonly projectRoot: string
  readonly environment: string
  /** Names of all environments, in the order of the config. */
  readonly environments: readonly string[]
  readonly hosts: readonly Host[]
  /** Hosts that plugins work with beside those of the environment. */
  readonly companions: readonly Host[]
  /** All services; one that no host of this environment has stands here with no hosts. */
  readonly services: readonly Service[]
  /** Every instance on every host of the environment: by service, then instance, then host. */
  readonly placements: readonly Placement[]
  readonly plugins: readonly SetUpPlugin[]
  readonly tasks: ReadonlyMap<string, NamedTask>
  /** The config's own pipelines, without the stock ones. */
  readonly pipelines: ReadonlyMap<string, Step>
  /** Plugins' hooks in list order, then the config's. */
  readonly hooks: readonly NamedHook[]
  readonly overrides: ReadonlyMap<string, Override>
}
