import { srvError } from '../../error/srv-error.ts'
import { semaphore, type Semaphore } from '../semaphore.ts'
import { createAgents } from './agent.ts'
import type { Connection } from './connection.ts'
import { establish, type Tools, type Via } from './establish.ts'
import { createIdentities } from './identity.ts'
import { resolveRoute, wantedJump, type Wanted } from './resolve.ts'
import { routeText, type Route } from './route.ts'

/** A server drops connections when more than ten are logging in; some of them may be other people's. */
const handshakesPerFirstHop = 8
const longestChain = 8

/** What connections need from the command line. */
export interface ConnectionOptions {
  /** Asks for the passphrase of a key file; without it encrypted keys are only usable through an agent. */
  readonly askPassphrase?: (path: string) => Promise<string>
  readonly warn: (message: string, host?: string) => void
  /** Name of the environment, for hints. */
  readonly environment?: string
  /** @default `ssh` on the PATH */
  readonly sshProgram?: string
}

/** The connections of a run, by machine: hosts behind one jump host share the connection to it. */
export interface Connections {
  /** @throws SrvError 2xx */
  connect(wanted: Wanted): Promise<Connection>
  /** The jump host of a route, connected; nothing when there is none. @throws SrvError 2xx */
  viaOf(route: Route): Promise<Via | undefined>
  /** Closes all of them, the innermost first; safe to call twice. */
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
  const tools: Tools = {
    identities: createIdentities(options.askPassphrase),
    agents: createAgents(options.warn),
    warn: options.warn,
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  }
  const established = new Map<string, Promise<Connection>>()
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
      return await establish(route, via, tools)
    } finally {
      leave()
    }
  }

  const connectRoute = (route: Route, depth: number): Promise<Connection> => {
    const key = identityOf(route)
    const known = established.get(key) ?? throughDoor(route, depth)
    established.set(key, known)
    return known
  }

  return {
    connect: async (wanted) => connectRoute(await resolveRoute(wanted, options.sshProgram), 0),
    viaOf,
    async close() {
      const settled = await Promise.allSettled([...established.values()].reverse())
      for (const one of settled) if (one.status === 'fulfilled') await one.value.close()
    },
  }
}
