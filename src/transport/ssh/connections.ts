import { setMaxListeners } from 'node:events'
import { srvError } from '../../error/srv-error.ts'
import { semaphore, type Semaphore } from '../semaphore.ts'
import { createAgents } from './agent.ts'
import type { Connection } from './connection.ts'
import { establish, type Tools, type Via } from './establish.ts'
import type { Keepalive } from './handshake.ts'
import { createIdentities } from './identity.ts'
import { resolveRoute, wantedJump, type Wanted } from './resolve.ts'
import { routeText, type Route } from './route.ts'

/** A server drops connections when more than ten are logging in; some of them may be other people's. */
const handshakesPerFirstHop = 8
const longestChain = 8
const defaultKeepalive: Keepalive = { intervalMs: 15_000, countMax: 3 }

/** What connections need from the command line. */
export interface ConnectionOptions {
  /** Asks for the passphrase of a key file; without it encrypted keys are only usable through an agent. */
  readonly askPassphrase?: (path: string) => Promise<string>
  readonly warn: (message: string, host?: string) => void
  /** Name of the environment, for hints. */
  readonly environment?: string
  /** @default `ssh` on the PATH */
  readonly sshProgram?: string
  /** How a link that silently died is detected. @default after a minute: every 15 s, the fourth time without an answer */
  readonly keepalive?: Keepalive
}

/** The connections of a run, by machine: hosts behind one jump host share the connection to it. */
export interface Connections {
  /**
   * Connects to a machine, or hands out the connection that is there. A lost one is made again, once for all
   * callers; a refusal is final.
   *
   * @throws SrvError 2xx
   */
  connect(wanted: Wanted): Promise<Connection>
  /** The jump host of a route, connected; nothing when there is none. @throws SrvError 2xx */
  viaOf(route: Route): Promise<Via | undefined>
  /** Closes all of them, those behind jump hosts first, and cancels those that are not logged in yet; safe to call twice. */
  close(): Promise<void>
}

/** What makes two routes the same connection: the machine, the keys it may show, and the way to it. */
function identityOf(route: Route, chain: readonly Route[]): string {
  const own = [route, ...chain].map((hop) => [
    routeText(hop),
    hop.proxyCommand,
    hop.hostKeyAlias,
    hop.requiredKey,
    hop.pins.map(({ blob }) => blob.toString('base64')),
  ])
  return JSON.stringify(own)
}

/** Makes an empty set of connections. */
export function createConnections(options: ConnectionOptions): Connections {
  const closing = new AbortController()
  // Every login under way listens to it, and Node warns from the eleventh on.
  setMaxListeners(0, closing.signal)
  const tools: Tools = {
    identities: createIdentities(options.askPassphrase),
    agents: createAgents(options.warn),
    warn: options.warn,
    keepalive: options.keepalive ?? defaultKeepalive,
    signal: closing.signal,
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  }
  const established = new Map<string, Promise<Connection>>()
  /** What is logged in, with the number of jump hosts on the way to it. */
  const opened = new Map<Connection, number>()
  const doors = new Map<string, Semaphore>()

  const jumpRoutes = new Map<string, Promise<Route>>()
  const jumpRouteOf = (wanted: Wanted): Promise<Route> => {
    const key = JSON.stringify(wanted)
    const known = jumpRoutes.get(key) ?? resolveRoute(wanted, options.sshProgram)
    jumpRoutes.set(key, known)
    return known
  }

  /** The jump hosts on the way, the one next to the machine first. All are resolved before any is connected to: two that name each other would otherwise wait for ever. */
  const chainOf = async (route: Route): Promise<readonly Route[]> => {
    const chain: Route[] = []
    for (let hop = route, jump = hop.jumps.at(-1); jump !== undefined; jump = hop.jumps.at(-1)) {
      if (chain.length >= longestChain) {
        const { name: host, address } = route
        const problem = `its ProxyJump leads through ${jump} in an endless loop`
        throw srvError('SRV-214', { host, address, problem }, { where: { host } })
      }
      const before = hop.jumps.slice(0, -1)
      hop = await jumpRouteOf(wantedJump(jump, route.sshConfig, before.length === 0 ? undefined : before))
      chain.push(hop)
    }
    return chain
  }

  const throughChain = async ([jump, ...rest]: readonly Route[]): Promise<Via | undefined> =>
    jump === undefined ? undefined : { route: jump, connection: await connectRoute(jump, rest) }

  const throughDoor = async (route: Route, chain: readonly Route[]): Promise<Connection> => {
    const via = await throughChain(chain)
    const address = routeText(via === undefined ? route : via.route)
    const firstHop = address.slice(address.lastIndexOf('@') + 1)
    const door = doors.get(firstHop) ?? semaphore(handshakesPerFirstHop)
    doors.set(firstHop, door)
    const leave = await door.enter()
    try {
      const connection = await establish(route, via, tools)
      opened.set(connection, chain.length)
      void connection.gone.then(() => opened.delete(connection))
      return connection
    } finally {
      leave()
    }
  }

  const connectRoute = (route: Route, chain: readonly Route[]): Promise<Connection> => {
    const key = identityOf(route, chain)
    const known = established.get(key)
    if (known !== undefined) return known
    const fresh = throughDoor(route, chain)
    established.set(key, fresh)
    const forget = (): void => {
      if (!closing.signal.aborted) established.delete(key)
    }
    fresh.then(({ gone }) => gone.then(forget)).catch(() => undefined)
    return fresh
  }

  const closeOpened = async (): Promise<void> => {
    const farthest = Math.max(0, ...opened.values())
    for (let hops = farthest; hops >= 0; hops--) {
      const ofThese = [...opened].filter(([, own]) => own === hops)
      await Promise.all(ofThese.map(([connection]) => connection.close()))
    }
  }

  return {
    async connect(wanted) {
      const route = await resolveRoute(wanted, options.sshProgram)
      return connectRoute(route, await chainOf(route))
    },
    viaOf: async (route) => throughChain(await chainOf(route)),
    async close() {
      closing.abort()
      await closeOpened()
      // What waited for a jump host has ended with it; a login that succeeded at the last moment has not.
      await Promise.allSettled(established.values())
      await closeOpened()
    },
  }
}
