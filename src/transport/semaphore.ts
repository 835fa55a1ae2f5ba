/** Limits how many pieces of work run at once; the rest wait in order. */
export interface Semaphore {
  /** Waits for a place and returns the function that gives it back; calling that twice is harmless. */
  enter(): Promise<() => void>
  /** Takes a place at once if another one stays free; otherwise returns `undefined`. */
  tryEnter(): (() => void) | undefined
  /** Shrinks to one place fewer than are taken now, for a server that allows less than expected. `false` when only one was taken. */
  shrink(): boolean
}

/** Makes a semaphore with `places` places. */
export function semaphore(places: number): Semaphore {
  let limit = places
  let taken = 0
  const waiting: (() => void)[] = []
  const admit = (): void => {
    while (taken < limit) {
      const next = waiting.shift()
      if (next === undefined) return
      taken++
      next()
    }
  }
  const leaver = (): (() => void) => {
    let left = false
    return () => {
      if (left) return
      left = true
      taken--
      admit()
    }
  }
  return {
    async enter() {
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
        admit()
      })
      return leaver()
    },
    tryEnter() {
      if (limit - taken < 2) return undefined
      taken++
      return leaver()
    },
    shrink() {
      if (taken <= 1) return false
      limit = Math.min(limit, taken - 1)
      return true
    },
  }
}
