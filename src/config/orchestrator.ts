const brand = Symbol.for('srvkit.orchestrator')

/** What runs containers across the hosts of an environment, where one host is not enough. */
export interface Swarm {
  readonly [brand]: 1
  readonly kind: 'swarm'
  readonly manager?: string
}

/**
 * Says that the hosts of an environment are the nodes of a Docker Swarm: docker instances are then deployed to all of
 * them at once, as a stack. srv does not make the swarm: `docker swarm init` and `docker swarm join` do.
 *
 * @param options `manager`: the host whose engine is told what to run. Default: the first host of a service
 * @example environments: { production: { orchestrator: swarm(), hosts: { node1: '…', node2: '…' } } }
 */
export function swarm(options: { readonly manager?: string } = {}): Swarm {
  return { [brand]: 1, kind: 'swarm', ...(options.manager === undefined ? {} : { manager: options.manager }) }
}

/** Tells what `swarm()` made from other values, also when another copy of this package made it. */
export function isOrchestrator(value: unknown): value is Swarm {
  return typeof value === 'object' && value !== null && brand in value
}
