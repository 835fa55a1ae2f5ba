/** A file of tests as far as its place in a run depends on it. */
export interface Piece {
  /** Its path in the repository. */
  readonly path: string
  /** How long it takes. */
  readonly seconds: number
}

/** What mostly waits: for hosts that have engines of their own. All others mostly compute. */
const waiting = 'test/lab/'

/** What only one can do at a time: a second one would hold a worker and do nothing until the first is through. */
const alone = 'test/lab/compose/swarm'

/**
 * Puts the files of a run in an order for some workers, each of which takes the next file when it has none: the longest
 * first, so that none of them is left alone at the end; half of the workers with what waits and half with what computes, so
 * that neither the processors nor the hosts are idle; and apart what cannot run at the same time.
 *
 * It follows the clock of a run in which each file takes as long as it is said to.
 */
export function queue<P extends Piece>(pieces: readonly P[], workers: number): readonly P[] {
  const left = [...pieces].sort((a, b) => b.seconds - a.seconds || (a.path < b.path ? -1 : 1))
  const ordered: P[] = []
  let busy: readonly { readonly path: string; readonly until: number }[] = []
  let now = 0
  while (left.length > 0) {
    if (busy.length >= workers) now = Math.min(...busy.map(({ until }) => until))
    busy = busy.filter(({ until }) => until > now)
    const shallWait = busy.filter(({ path }) => path.startsWith(waiting)).length * 2 < workers
    const isTaken = busy.some(({ path }) => path.startsWith(alone))
    const free = left.filter(({ path }) => !isTaken || !path.startsWith(alone))
    const next = free.find(({ path }) => path.startsWith(waiting) === shallWait) ?? free[0] ?? left[0]
    if (next === undefined) break
    left.splice(left.indexOf(next), 1)
    ordered.push(next)
    busy = [...busy, { path: next.path, until: now + next.seconds }]
  }
  return ordered
}
