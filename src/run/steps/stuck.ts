import type { OpenWork } from './open-work.ts'

/** Milliseconds between two checks. */
const everyMs = 1000
/** How many times in a row nothing must be left to wait for. */
const enough = 5

/** What keeps the process alive, counted by kind. */
export type Resources = ReadonlyMap<string, number>

/** Counts what Node would wait for right now. */
export function activeResources(): Resources {
  const found = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) found.set(kind, (found.get(kind) ?? 0) + 1)
  return found
}

/** Whether there is nothing now that was not there when the run was idle. */
export function isIdle(now: Resources, idle: Resources): boolean {
  return [...now].every(([kind, count]) => count <= (idle.get(kind) ?? 0))
}

/** What a watch needs to know. */
export interface Watch {
  readonly openWork: OpenWork
  /** Whether a command is under way on any host. */
  readonly isBusy: () => boolean
  readonly resources?: () => Resources
}

/**
 * Gives up on foreign work that can never end. Open connections keep the process alive, so that `beforeExit` never
 * comes: instead, a function is given up when no command runs and, five times in a row, nothing is active beyond what
 * was active while the run was idle. A function that waits for a timer, a socket or a file is left alone.
 *
 * Call it while the run is idle; the result ends the watch.
 */
export function watchForStuckWork({ openWork, isBusy, resources = activeResources }: Watch): () => void {
  const idle = resources()
  let looks = 0
  const timer = setInterval(() => {
    const isStuck = openWork.names().length > 0 && !isBusy() && isIdle(resources(), idle)
    looks = isStuck ? looks + 1 : 0
    if (looks >= enough) openWork.giveUp()
  }, everyMs).unref()
  return () => {
    clearInterval(timer)
  }
}
