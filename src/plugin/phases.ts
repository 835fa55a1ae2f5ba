/** Where a plugin's tasks stand in the stock pipelines: by pipeline and phase, keys of its own tasks. */
export interface Phases<K extends string = string> {
  readonly deploy?: {
    readonly resolve?: readonly K[]
    readonly prepare?: readonly K[]
    /** After `.env` and the stock build, where what was prepared becomes what will run. */
    readonly build?: readonly K[]
    readonly activate?: readonly K[]
    /** After the switch and what is built there, where native instances are restarted. */
    readonly start?: readonly K[]
    readonly finish?: readonly K[]
  }
  readonly rollback?: {
    readonly resolve?: readonly K[]
    readonly activate?: readonly K[]
    readonly start?: readonly K[]
    readonly finish?: readonly K[]
  }
  /** Tasks beside the stock ones of the pipelines `restart`, `start` and `stop`. */
  readonly restart?: readonly K[]
  readonly start?: readonly K[]
  readonly stop?: readonly K[]
  /** What `srv backup`, `srv verify` and `srv prune` do. */
  readonly backup?: readonly K[]
  readonly verify?: readonly K[]
  readonly prune?: readonly K[]
  /** What `srv schedule install` and `srv schedule remove` do. */
  readonly schedule?: readonly K[]
  readonly unschedule?: readonly K[]
  /** What `srv restore` does: what is prepared while the service runs, and what is put in its place, host by host; `settle` comes after its health check. */
  readonly restore?: {
    readonly prepare?: readonly K[]
    readonly activate?: readonly K[]
    readonly settle?: readonly K[]
  }
  /** What `srv restore --rehearse` does. */
  readonly rehearse?: readonly K[]
  /** What `srv restore --to` does: it touches nothing that serves. */
  readonly extract?: readonly K[]
  /** What `srv rollback --with-data` does in addition to a rollback, as a restore does. */
  readonly withData?: {
    readonly prepare?: readonly K[]
    readonly activate?: readonly K[]
    readonly settle?: readonly K[]
  }
  /** What `srv scale` does, for plugins whose instances have a number of copies. */
  readonly scale?: readonly K[]
}
