import type { Health, Host } from '../../src/index.ts'
import { healthUrl } from '../health/http.ts'
import { tcpTarget } from '../health/tcp.ts'

type Here = Pick<Host, 'loopback'>

function isHere(name: string, { loopback }: Here): boolean {
  return ['localhost', '127.0.0.1', '::1', loopback].includes(name.replace(/^\[(.*)\]$/, '$1'))
}

/** The port of the host itself that a question is about; nothing when it is about another machine, or about no port. */
function portOf(health: Health, host: Here): string | undefined {
  switch (health.kind) {
    case 'http': {
      const { hostname, port, protocol } = new URL(healthUrl(health, host))
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

function onPort(health: Health, host: Here, port: number): Health {
  switch (health.kind) {
    case 'http': {
      const { pathname, search } = new URL(healthUrl(health, host))
      return { ...health, url: `:${String(port)}${pathname}${search}` }
    }
    case 'tcp':
      return { ...health, address: `:${String(port)}` }
    case 'command':
      return health
  }
}

/**
 * The questions that can be put to a copy of the app. It listens on one port of its own, in place of the first that is
 * asked about. Another port, or another machine, would belong to the app that serves, and prove nothing about the copy.
 */
export function scratchHealth(health: readonly Health[], host: Here, port: number): readonly Health[] {
  const first = health.map((one) => portOf(one, host)).find((one) => one !== undefined)
  return health
    .filter((one) => one.kind === 'command' || (first !== undefined && portOf(one, host) === first))
    .map((one) => onPort(one, host, port))
}
