/** The one commit that a name stands for. */
export interface Resolved {
  /** Full object id. */
  readonly commit: string
  /** The branch, tag or commit that was meant, as people say it. */
  readonly ref: string
  /** The branch, when it is one. */
  readonly branch?: string
  /** First line of the commit message, where this machine has the commit. */
  readonly subject?: string
  /** Something that the person who deploys should know. */
  readonly warning?: string
}
