import type { Process } from '../process.ts'

/** A shell that waits for its script: started while another command runs, so that the next one costs one round trip instead of three. */
export interface Spare {
  /** Starts one, unless there is one. */
  prepare(): void
  /** Hands out the one that waits, once it is there; nothing when there is none. */
  take(): Promise<Process | undefined>
  /** Drops the one that waits, for whoever needs its place. */
  drop(): void
}

/** Drops one. Its streams are read to the end: a stream that nobody reads never ends, and the place would stay taken. */
function letGo(process: Process): void {
  process.stdout.resume()
  process.stderr.resume()
  process.abandon()
}

/** Makes a place for one spare shell; if `start` fails there is none. */
export function createSpare(start: () => Promise<Process | undefined>): Spare {
  let waiting: Promise<Process | undefined> | undefined
  const hand = (): Promise<Process | undefined> => {
    const handed = waiting ?? Promise.resolve(undefined)
    waiting = undefined
    return handed
  }
  return {
    prepare() {
      if (waiting !== undefined) return
      const own = start()
      waiting = own
      void own.then(async (process) => {
        await process?.exited
        if (waiting !== own) return
        // A shell that has ended meanwhile can no longer take a script.
        waiting = undefined
        if (process !== undefined) letGo(process)
      })
    },
    take: hand,
    drop() {
      void hand().then((process) => {
        if (process !== undefined) letGo(process)
      })
    },
  }
}
