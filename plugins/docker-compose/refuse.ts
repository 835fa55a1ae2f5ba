import type { Placement } from '../../src/index.ts'
import type { Settings } from './options.ts'
import { roleOf } from './place.ts'

/**
 * Why the settings of an instance cannot be honoured where it is placed: the containers of a swarm are on any node and come and
 * go by themselves, so that srv can neither tell a proxy of one host where they are nor drain them.
 */
export function refuse(placement: Placement, { proxy }: Settings): string | undefined {
  if (roleOf(placement) === 'alone') return undefined
  for (const [service, one] of Object.entries(proxy)) {
    if (one.kind !== 'labels')
      return `names ${one.kind} as the proxy of ${service}, but srv cannot tell it where the containers of a swarm are: publish a port of ${service}, which every node answers on, and write that into the proxy yourself, or leave out \`orchestrator: swarm()\``
    if (one.drain !== undefined)
      return `has \`drain\` for ${service}, which srv cannot run in a swarm, because the swarm stops containers by itself: leave it out`
  }
  return undefined
}
