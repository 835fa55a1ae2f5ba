import { srvError } from '../../error/srv-error.ts'

/** The functions of plugins and configs that have begun and not ended: foreign code, which may forget to settle. */
export interface OpenWork {
  /**
   * Awaits a piece of foreign work under a name that a person can find: `git:push on blog/native@web1`.
   *
   * @throws SrvError SRV-901 when nothing is left that could ever settle it
   */
  track<R>(name: string, work: Promise<R>): Promise<R>
  /** Names of what is still open. */
  readonly names: () => readonly string[]
  /** Fails everything that is still open: called when the process has nothing left to wait for. */
  giveUp(): void
}

/** A register of work that nobody has begun yet. */
export function createOpenWork(): OpenWork {
  const open = new Map<symbol, { readonly name: string; readonly reject: (error: unknown) => void }>()
  return {
    track(name, work) {
      const key = Symbol(name)
      return new Promise((resolve, reject) => {
        open.set(key, { name, reject })
        work.then(resolve, reject).finally(() => open.delete(key))
      })
    },
    names: () => [...open.values()].map(({ name }) => name),
    giveUp() {
      for (const { name, reject } of open.values()) reject(srvError('SRV-901', { work: name }))
      open.clear()
    },
  }
}
