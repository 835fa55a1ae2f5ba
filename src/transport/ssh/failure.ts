import type { Destination } from '../../error/catalog/connection.ts'
import { srvError, type SrvError } from '../../error/srv-error.ts'
import { routeText, type Route } from './route.ts'

/** The destination of a route whose next hop towards us is `via`. */
export function destinationOf(route: Route, via: Route | undefined): Destination {
  const { name: host, isJump, user, address, port } = route
  return { host, isJump, user, address, port, ...(via === undefined ? {} : { via: routeText(via) }) }
}

/** What ssh2 told us when a connection did not come about. */
export interface Trouble {
  readonly error: Error
  /** Whether the login had begun: what happens from then on is never tried again. */
  readonly authenticating: boolean
}

function property(error: Error, name: 'code' | 'level'): string {
  const value: unknown = Object.getOwnPropertyDescriptor(error, name)?.value
  return typeof value === 'string' ? value : ''
}

const unreachableCodes: Readonly<Record<string, string>> = {
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'its network cannot be reached',
  EHOSTDOWN: 'it is down',
  ENETDOWN: 'the network is down',
  EACCES: 'the system does not allow the connection',
  EPERM: 'the system does not allow the connection',
  EADDRNOTAVAIL: 'there is no address to connect from',
}

/** Whether the same may well work a moment later: only for links that broke before any login was tried. */
export function isTransient({ error, authenticating }: Trouble): boolean {
  if (authenticating) return false
  const code = property(error, 'code')
  return (
    ['ECONNRESET', 'EPIPE', 'ECONNABORTED'].includes(code) ||
    /^(?:Connection lost before handshake|the connection was closed)/.test(error.message)
  )
}

/** The catalogue's error for a connection that broke before a login was tried or that never came about. */
export function connectError({ error }: Trouble, to: Destination, attempts: number): SrvError {
  const circumstances = { where: { host: to.host }, cause: error }
  const code = property(error, 'code')
  const problem = unreachableCodes[code]
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_FAIL') return srvError('SRV-201', to, circumstances)
  if (code === 'ECONNREFUSED') return srvError('SRV-202', to, circumstances)
  if (code === 'ETIMEDOUT') {
    return srvError('SRV-203', { ...to, problem: 'it does not answer' }, circumstances)
  }
  if (problem !== undefined) return srvError('SRV-203', { ...to, problem }, circumstances)
  if (property(error, 'level') === 'handshake') {
    return srvError('SRV-206', { ...to, problem: error.message }, circumstances)
  }
  return srvError('SRV-205', { ...to, problem: error.message || code, attempts }, circumstances)
}
