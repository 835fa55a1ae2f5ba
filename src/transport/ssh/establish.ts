import type { Duplex } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import type { Destination } from '../../error/catalog/connection.ts'
import { srvError, type SrvError } from '../../error/srv-error.ts'
import type { Agents } from './agent.ts'
import { collectCandidates, type Candidates } from './candidates.ts'
import { adopt, type Connection } from './connection.ts'
import { connectError, destinationOf, isTransient } from './failure.ts'
import { handshake, type Keepalive, type Refusal } from './handshake.ts'
import { expectedKeys, hostKeyError, readHostKeys } from './host-key.ts'
import type { Identities } from './identity.ts'
import { hostKeyAlgorithms } from './known-hosts.ts'
import { startProxyCommand, type Proxy } from './proxy-command.ts'
import { fromBlob, toText } from './public-key.ts'
import { routeText, type Route } from './route.ts'
import { expandTokens } from './tokens.ts'

/** What all connections of a run have in common. */
export interface Tools {
  readonly identities: Identities
  readonly agents: Agents
  readonly warn: (message: string, host?: string) => void
  readonly keepalive: Keepalive
  /** Cancels what is not logged in yet. */
  readonly signal: AbortSignal
  /** Name of the environment, for hints. */
  readonly environment?: string
}

/** A jump host that is already connected. */
export interface Via {
  readonly route: Route
  readonly connection: Connection
}

/** The bytes of a connection, before SSH: a jump host's channel, a ProxyCommand, or nothing for plain TCP. */
export interface Path {
  readonly sock?: Duplex
  readonly proxy?: Proxy
}

const retries = 3

/** Characters that would mean something to the shell that runs a ProxyCommand. */
const shellSyntax = /[\s'"`$\\;&<>|()*?[\]#~{}!]/

/**
 * Opens the way to a machine.
 *
 * @throws SrvError SRV-231 when the jump host does not connect to it
 */
export async function openPath(route: Route, via: Via | undefined, to: Destination): Promise<Path> {
  if (via !== undefined) {
    const jump = routeText(via.route)
    const lost = via.connection.lostReason()
    const refuse = (problem: string, cause?: unknown): SrvError =>
      srvError('SRV-231', { ...to, jump, problem }, { where: { host: to.host }, cause })
    if (lost !== undefined) throw refuse(lost)
    try {
      return { sock: await via.connection.forward(route.address, route.port, route.connectTimeoutMs) }
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error)
      throw refuse(said.replace('(SSH) Channel open failure: ', ''), error)
    }
  }
  if (route.proxyCommand === undefined) return {}
  const values = { address: route.address, port: route.port, user: route.user, original: route.name }
  if ([route.address, route.user, route.name].some((value) => shellSyntax.test(value))) {
    const problem = 'the name or user has characters that a shell would interpret'
    throw srvError('SRV-232', { ...to, command: route.proxyCommand, problem }, { where: { host: to.host } })
  }
  const proxy = startProxyCommand(expandTokens(route.proxyCommand, values))
  return { sock: proxy.sock, proxy }
}

/** What keeps srv from a login that OpenSSH may well be able to do. */
async function unsupportedOf(route: Route, keys: Candidates, agents: Agents): Promise<readonly string[]> {
  const held = route.agent === undefined || route.identitiesOnly ? [] : await agents.unsupported(route.agent)
  return [...keys.unsupported, ...held]
}

function authError(
  refusal: Refusal & { readonly kind: 'auth' },
  locked: readonly string[],
  unsupported: readonly string[],
  to: Destination,
): SrvError {
  const circumstances = { where: { host: to.host } }
  const methods = refusal.accepts.length === 0 || refusal.accepts.includes('publickey') ? [] : refusal.accepts
  const tried = [...refusal.tried, ...methods.map((method) => `the server accepts only: ${method}`)]
  if (unsupported.length > 0) return srvError('SRV-213', { ...to, tried, needs: unsupported }, circumstances)
  if (locked.length > 0) return srvError('SRV-211', { ...to, tried, keys: locked }, circumstances)
  return srvError('SRV-210', { ...to, tried, isCutOff: refusal.isCutOff }, circumstances)
}

/** Waits for a time that differs between hosts; not at all once the signal has fired. */
async function pauseBefore(attempt: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(2 ** attempt * 50 * (1 + Math.random()), undefined, { signal })
  } catch {
    // Cancelled: the next try notices.
  }
}

/**
 * Connects and logs in, once. Only a link that broke before any login was tried is tried again, after a pause that
 * differs between hosts: a server that is asked by many at once drops some (MaxStartups).
 *
 * @throws SrvError 2xx
 */
export async function establish(route: Route, via: Via | undefined, tools: Tools): Promise<Connection> {
  const to = destinationOf(route, via?.route)
  const keys = await readHostKeys(route)
  const candidates = await collectCandidates(route, tools.identities, tools.agents)
  const serverHostKey = hostKeyAlgorithms(expectedKeys(keys))
  for (let attempt = 1; ; attempt++) {
    const path = await openPath(route, via, to)
    let untrusted: SrvError | undefined
    let hostKey = ''
    const outcome = await handshake({
      route,
      sock: path.sock,
      serverHostKey,
      candidates: candidates.list,
      keepalive: tools.keepalive,
      signal: tools.signal,
      warn: tools.warn,
      acceptHostKey(blob) {
        const presented = fromBlob(blob)
        if (presented === undefined) return false
        hostKey = toText(presented)
        untrusted = hostKeyError(presented, keys, to, tools.environment)
        return untrusted === undefined
      },
    })
    if (outcome.kind === 'ready') {
      const { user, address, port } = route
      return adopt(outcome.client, { user, address, port, hostKey }, () => path.proxy?.close())
    }
    path.sock?.destroy()
    if (outcome.kind === 'trouble' && attempt <= retries && path.proxy === undefined && isTransient(outcome.trouble)) {
      await pauseBefore(attempt + 1, tools.signal)
      continue
    }
    if (path.proxy !== undefined && outcome.kind === 'trouble') {
      const problem = await path.proxy.problem()
      throw srvError('SRV-232', { ...to, command: route.proxyCommand ?? '', problem }, { where: { host: to.host } })
    }
    path.proxy?.close()
    if (outcome.kind === 'auth') {
      throw authError(outcome, candidates.locked, await unsupportedOf(route, candidates, tools.agents), to)
    }
    throw refusalError(outcome, to, route, untrusted, attempt)
  }
}

function refusalError(
  outcome: Exclude<Refusal, { readonly kind: 'auth' }>,
  to: Destination,
  route: Route,
  untrusted: SrvError | undefined,
  attempts: number,
): SrvError {
  switch (outcome.kind) {
    case 'trouble':
      return connectError(outcome.trouble, to, attempts)
    case 'timeout':
      return srvError('SRV-204', { ...to, seconds: route.connectTimeoutMs / 1000 }, { where: { host: to.host } })
    case 'host-key':
      return untrusted ?? srvError('SRV-206', { ...to, problem: 'its host key is malformed' })
  }
}
