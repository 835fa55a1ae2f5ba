import type { Health, Host } from '../../src/index.ts'
import { tcpTarget } from '../health/tcp.ts'

/** The questions that can be put to a copy of the app, and those that only what serves can answer. */
export interface ScratchHealth {
  readonly asked: readonly Health[]
  /** As people write them. */
  readonly left: readonly string[]
}

function isHere(name: string, { loopback }: Pick<Host, 'loopback'>): boolean {
  return ['localhost', '127.0.0.1', '::1', '[::1]', loopback].includes(name)
}

/** The port of the host itself that a question is about; nothing when it is about another machine, or about no port. */
function portOf(health: Health, host: Pick<Host, 'loopback'>): string | undefined {
  switch (health.kind) {
    case 'http': {
      const { hostname, port, protocol } = new URL(
        health.url.startsWith(':') ? `http://localhost${health.url}` : health.url,
      )
      return isHere(hostname, host) && protocol === 'http:' ? port || '80' : undefined
    }
    case 'tcp': {
      const [name, port] = tcpTarget(health, host)
      return isHere(name, host) ? port : undefined
    }
    case 'command':
      return undefined
  }
}

function onPort(health: Health, port: number): Health {
  switch (health.kind) {
    case 'http': {
      const { pathname, search } = new URL(health.url.startsWith(':') ? `http://localhost${health.url}` : health.url)
      return { ...health, url: `:${String(port)}${pathname}${search}` }
    }
    case 'tcp':
      return { ...health, address: `:${String(port)}` }
    case 'command':
      return health
  }
}

/**
 * The copy listens on one port of its own, in place of the first that is asked about. Another port, or another machine,
 * would be that of the app that serves: it proves nothing about the copy.
 */
export function scratchHealth(health: readonly Health[], host: Pick<Host, 'loopback'>, port: number): ScratchHealth {
  const first = health.map((one) => portOf(one, host)).find((one) => one !== undefined)
  const isAsked = (one: Health): boolean =>
    one.kind === 'command' || (first !== undefined && portOf(one, host) === first)
  return {
    asked: health.filter(isAsked).map((one) => onPort(one, port)),
    left: health
      .filter((one) => !isAsked(one))
      .map((one) => (one.kind === 'http' ? one.url : one.kind === 'tcp' ? one.address : one.command)),
  }
}
