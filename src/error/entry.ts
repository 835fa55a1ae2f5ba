/** One entry of the catalogue: what is said, what to do about it, and how srv exits. */
export interface Entry<D> {
  /** What happened, where, and what state things are in; one to three plain sentences. */
  readonly message: (details: D) => string
  /** The one thing to do next, mostly a command. */
  readonly hint: (details: D) => string
  /** Exit status when this is the worst that happened in a run. */
  readonly exitCode: number
}

/** Declares an entry; it only fixes the type of its details. */
export function entry<D>(entry: Entry<D>): Entry<D> {
  return entry
}
