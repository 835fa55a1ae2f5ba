import type { Placement } from '../../src/index.ts'
import type { Settings } from './options.ts'

/** What a host is to an instance: `alone` runs its own containers; in a swarm the `manager` is told what all nodes run. */
export type Role = 'alone' | 'manager' | 'node'

type Placed = Pick<Placement, 'host' | 'service'>

/** The role of a host for the docker instances of a service. */
export function roleOf({ host, service: { orchestrator } }: Placed): Role {
  if (orchestrator === undefined) return 'alone'
  return orchestrator.manager === host.name ? 'manager' : 'node'
}

/** What runs an instance, in words. */
export function asProject(project: string, isSwarm: boolean): string {
  return isSwarm ? `the stack ${project} of a swarm` : `the project ${project}`
}

/** Whether the images of an instance are built on this host. */
export function buildsOn(placement: Placed, { build }: Settings): boolean {
  return build === 'host' && roleOf(placement) !== 'node'
}

/** Whether images that were built somewhere else are brought to this host. */
export function receivesOn(placement: Placed, settings: Settings): boolean {
  return !buildsOn(placement, settings)
}

/** Whether they come to it over the connection, from the operator's machine. */
export function isSentTo(placement: Placed, settings: Settings): boolean {
  return receivesOn(placement, settings) && settings.registry === undefined
}

/** Whether the images that are built on this host go on to others. */
export function sendsFrom(placement: Placed, settings: Settings): boolean {
  return buildsOn(placement, settings) && roleOf(placement) === 'manager'
}
