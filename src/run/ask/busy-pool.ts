import type { Pool } from '../../transport/pool.ts'
import type { Transport } from '../../transport/transport.ts'

/** A pool that knows whether any command is under way. */
export interface BusyPool extends Pool {
  readonly isBusy: () => boolean
}

/** Counts the commands of a pool's transports from their start to their end. */
export function countCommands(pool: Pool): BusyPool {
  let running = 0
  async function counted<R>(work: () => Promise<R>): Promise<R> {
    running++
    try {
      return await work()
    } finally {
      running--
    }
  }
  const watch = (transport: Transport): Transport => ({
    ...(transport.reached === undefined ? {} : { reached: transport.reached }),
    exec: (script, options) => counted(() => transport.exec(script, options)),
    async open(command, options) {
      const channel = await counted(() => transport.open(command, options))
      void counted(() => channel.end)
      return channel
    },
    close: () => transport.close(),
  })
  return {
    get: (host) => counted(async () => watch(await pool.get(host))),
    local: () => counted(async () => watch(await pool.local())),
    close: () => pool.close(),
    isBusy: () => running > 0,
  }
}
