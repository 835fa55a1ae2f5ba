/** What a step does to what serves, and what its failure means for others. */
export interface Effects {
  /** Whether the step may change something on its target. @default true */
  readonly changes?: boolean
  /** Whether this step changes what serves; a failed run reports on the instances that such a step touched. */
  readonly activates?: boolean
  /** Whether the instance is meant to be down after this step: then it is no error that it no longer serves. */
  readonly stops?: boolean
  /**
   * Whether a failure on one target concerns no other: the rest of the host goes on, as far as its steps say the same, and
   * what was done there stays. Outside a rolling group. @default false: the host stops at its first failure
   */
  readonly othersGoOn?: boolean
}
