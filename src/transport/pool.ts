import { createRequire } from 'node:module'
import type { Host } from '../config/resolved.ts'
import { createConnections, type ConnectionOptions, type Connections } from './ssh/connections.ts'
import { wantedOf } from './ssh/resolve.ts'
import { sshTransport } from './ssh/ssh-transport.ts'
import type { Transport } from './transport.ts'

/** What a pool needs from the command line. */
export interface PoolOptions extends ConnectionOptions {
  /**
   * What a run that is started from the operator's machine needs to share the leases of this one. Hosts of kind `local` do
   * not get it: an app that is started there would keep it for its life.
   */
  readonly leaseToken?: string
}

/** The transports of a run: one login per machine, however many ask for it at the same time. */
export interface Pool {
  /**
   * The transport of a host. One whose connection was lost is not handed out again: the next caller makes one new login
   * for all.
   *
   * @throws SrvError 2xx, each time it is asked for: a refused login is never tried again in a run.
   */
  get(host: Host): Promise<Transport>
  /** The operator's machine. */
  local(): Promise<Transport>
  /** Closes everything, and cancels logins that are under way; safe to call twice. */
  close(): Promise<void>
}

/** Loads ssh2, which keeps this thread busy for a tenth of a second: it is free while esbuild reads the config. */
export function loadSsh2(): void {
  createRequire(import.meta.url)('ssh2')
}

/** Makes an empty pool. Neither zx nor ssh2 is loaded before a host needs it. */
export function createPool(options: PoolOptions): Pool {
  const transports = new Map<string, Promise<Transport>>()
  let connections: Connections | undefined
  let closed = false
  const local = async (leaseToken: string | undefined): Promise<Transport> => {
    const { openLocal } = await import('./local.ts')
    return openLocal({ env: { ...process.env, SRV_LEASE: leaseToken } })
  }
  const connect = async (host: Host): Promise<Transport> => {
    if (host.kind === 'local') return local(undefined)
    connections ??= createConnections(options)
    const connection = await connections.connect(wantedOf(host))
    void connection.gone.then(() => {
      if (!closed) transports.delete(host.name)
    })
    return sshTransport(connection, { host: host.name, user: connection.user })
  }
  return {
    get(host) {
      const known = transports.get(host.name) ?? connect(host)
      transports.set(host.name, known)
      return known
    },
    local: () => local(options.leaseToken),
    async close() {
      closed = true
      await connections?.close()
    },
  }
}
