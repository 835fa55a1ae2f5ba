import type { Check, Inspect } from '../plugin/contract.ts'
import type { Finish } from '../plugin/finish.ts'
import type { Hold } from '../plugin/hold.ts'
import type { Rehearse } from '../plugin/rehearse.ts'
import type { AskHealth } from '../plugin/hold-script.ts'
import type { Queries } from '../plugin/queries.ts'

/** What the engine needs of a plugin that was set up; the stock tasks take part as one without a name. */
export interface PluginOfRun {
  readonly name?: string
  readonly options: unknown
  readonly checks: readonly Check[]
  readonly inspect?: Inspect
  /** One sample of the health check: asked by `status`, and when a run has ended. */
  readonly health?: Inspect
  readonly finish?: Finish
  readonly hold?: Hold<unknown>
  /** Waits for the health that the config says of an instance which was held; nothing where it says nothing. */
  readonly askHealth?: AskHealth
  readonly rehearse?: Rehearse<unknown>
  readonly queries?: Queries<unknown>
}
