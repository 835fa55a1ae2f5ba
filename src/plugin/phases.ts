/** Where a plugin's tasks stand in the stock pipelines: by pipeline and phase, keys of its own tasks. */
export interface Phases<K extends string = string> {
  readonly deploy?: {
    readonly resolve?: readonly K[]
    readonly prepare?: readonly K[]
    readonly activate?: readonly K[]
    readonly finish?: readonly K[]
  }
  readonly rollback?: {
    readonly resolve?: readonly K[]
    readonly activate?: readonly K[]
    readonly finish?: readonly K[]
  }
}
