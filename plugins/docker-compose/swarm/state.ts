import type { InstanceState } from '../../../src/index.ts'
import type { Facts, FrozenService, StackService } from '../state/facts.ts'

/** Fewer containers than wanted still serve: that counts as drift. */
function isUp({ ends, replicas, isGlobal }: FrozenService, found: StackService | undefined): boolean {
  if (found === undefined) return false
  return ends !== 'stays' || found.running > 0 || (replicas === 0 && !isGlobal && found.wanted === 0)
}

/** Whether a stack runs, seen from its manager; any other node only knows whether it is still part of the swarm. */
export function stackRunning({ node, services, stack }: Facts, isManager: boolean): InstanceState['running'] {
  if (node !== 'active') return 'no'
  if (!isManager) return 'yes'
  if (services.length === 0) return stack.length === 0 ? 'no' : 'unknown'
  return services.every((service) =>
    isUp(
      service,
      stack.find(({ name }) => name === service.name),
    ),
  )
    ? 'yes'
    : 'no'
}

function drift(service: FrozenService, found: StackService | undefined): readonly string[] {
  if (found === undefined) return [`${service.name} is not in the swarm`]
  const { name, digest, running, wanted, update } = found
  return [
    ...(digest === '-' ? [`${name} was not made by srv`] : []),
    ...(digest !== '-' && digest !== service.digest ? [`${name} belongs to another release`] : []),
    ...(/^(paused|rollback_.*)$/.test(update) ? [`the last update of ${name} is ${update}`] : []),
    ...(!service.isGlobal && wanted !== service.replicas
      ? [`${name} was scaled to ${String(wanted)}: the release has ${String(service.replicas)}`]
      : []),
    ...(running < wanted && service.ends === 'stays'
      ? [`${name}: ${String(running)} of ${String(wanted)} containers run`]
      : []),
  ]
}

/** How a swarm differs from the release, in one line each. */
export function stackDrift({ services, stack }: Facts): readonly string[] {
  const known = new Set(services.map(({ name }) => name))
  return [
    ...services.flatMap((service) =>
      drift(
        service,
        stack.find(({ name }) => name === service.name),
      ),
    ),
    ...stack.filter(({ name }) => !known.has(name)).map(({ name }) => `${name} is not part of the release`),
  ]
}
