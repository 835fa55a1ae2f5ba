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
  /** How a link that went dead without a word is found out. @default after a minute: every 15 s, the fourth time without an answer */
  readonly keepalive?: Keepalive
}

/** The connections of a run, by machine: hosts behind one jump host share the connection to it. */
export interface Connections {
  /**
   * Connects to a machine, or hands out the connection that is there. One that was lost is made anew, once for all that
   * ask; a refusal stays one.
   *
   * @throws SrvError 2xx
   */
  connect(wanted: Wanted): Promise<Connection>
  /** The jump host of a route, connected; nothing when there is none. @throws SrvError 2xx */
  viaOf(route: Route): Promise<Via | undefined>
  /** Closes all of them, those behind jump hosts first, and gives up those that are not logged in yet; safe to call twice. */
  close(): Promise<void>
}

function identityOf(route: Route): string {
  const pins = route.pins.map(({ blob }) => blob.toString('base64'))
  return JSON.stringify([
    routeText(route),
    route.jumps,
    route.proxyCommand,
    route.hostKeyAlias,
    route.requiredKey,
    pins,
  ])
}

/** Makes an empty set of connections. */
export function createConnections(options: ConnectionOptions): Connections {
  const closing = new AbortController()
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

  const viaOf = async (route: Route, depth = 0): Promise<Via | undefined> => {
    const jump = route.jumps.at(-1)
    if (jump === undefined) return undefined
    if (depth >= longestChain) {
      const { name: host, address } = route
      throw srvError('SRV-214', { host, address, problem: `its ProxyJump goes on through ${jump} without end` })
    }
    const before = route.jumps.slice(0, -1)
    const wanted = wantedJump(jump, route.sshConfig, before.length === 0 ? undefined : before)
    const jumpRoute = await resolveRoute(wanted, options.sshProgram)
    return { route: jumpRoute, connection: await connectRoute(jumpRoute, depth + 1) }
  }

  const throughDoor = async (route: Route, depth: number): Promise<Connection> => {
    const via = await viaOf(route, depth)
    const address = via === undefined ? routeText(route) : routeText(via.route)
    const firstHop = address.slice(address.lastIndexOf('@') + 1)
    const door = doors.get(firstHop) ?? semaphore(handshakesPerFirstHop)
    doors.set(firstHop, door)
    const leave = await door.enter()
    try {
      const connection = await establish(route, via, tools)
      opened.set(connection, via === undefined ? 0 : 1 + (opened.get(via.connection) ?? 0))
      void connection.gone.then(() => opened.delete(connection))
      return connection
    } finally {
      leave()
    }
  }

  const connectRoute = (route: Route, depth: number): Promise<Connection> => {
    const key = identityOf(route)
    const known = established.get(key)
    if (known !== undefined) return known
    const fresh = throughDoor(route, depth)
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
    connect: async (wanted) => connectRoute(await resolveRoute(wanted, options.sshProgram), 0),
    viaOf,
    async close() {
      closing.abort()
      await closeOpened()
      // What waited for a jump host has ended with it; a log-in that came through at the last moment has not.
      await Promise.allSettled(established.values())
      await closeOpened()
    },
  }
}
