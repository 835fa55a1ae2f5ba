/** The functions of plugins and configs that have begun and not ended: named when nothing else is left to wait for. */
export interface OpenWork {
  /** Awaits a piece of foreign work under a name that a person can find: `git:push on blog/native@web1`. */
  track<R>(name: string, work: Promise<R>): Promise<R>
  /** Names of what is still open. */
  readonly names: () => readonly string[]
}

/** A register of work that nobody has begun yet. */
export function createOpenWork(): OpenWork {
  const open = new Map<symbol, string>()
  return {
    async track(name, work) {
      const key = Symbol(name)
      open.set(key, name)
      try {
        return await work
      } finally {
        open.delete(key)
      }
    },
    names: () => [...open.values()],
  }
}
