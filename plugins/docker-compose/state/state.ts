import type { InstanceState } from '../../../src/index.ts'
import type { Role } from '../place.ts'
import { stackDrift, stackRunning } from '../swarm/state.ts'
import type { Container, Facts, FrozenService } from './facts.ts'

/** What the plugin's tasks know of a project, beside what core knows of every instance. */
export interface ComposeDetails {
  readonly services: readonly FrozenService[]
  readonly running: readonly string[]
  /** Ids of containers that somebody changed since they were made: a deploy replaces them. */
  readonly changed: readonly string[]
  /** By release, the images that have to be pulled again before it can be rolled back to. */
  readonly gone: Facts['gone']
  readonly self?: string
  readonly members: Facts['members']
}

function isFine({ ends }: FrozenService, { status, exitCode }: Container): boolean {
  return status === 'running' || (ends !== 'stays' && status === 'exited' && exitCode === 0)
}

function isChanged({ changes }: Container): boolean {
  return changes.length > 0
}

function serviceDrift(service: FrozenService, containers: readonly Container[]): readonly string[] {
  const own = containers.filter((one) => one.service === service.name)
  const strange = own.filter(({ digest }) => digest === '-')
  const other = own.filter(({ digest }) => digest !== '-' && digest !== service.digest)
  const swapped = own.filter(({ digest, image }) => digest === service.digest && image !== service.image)
  const fine = own.filter((one) => one.digest === service.digest && isFine(service, one))
  return [
    ...strange.map(({ name }) => `${name} was not started by srv`),
    ...other.map(({ name }) => `${name} belongs to another release`),
    ...swapped.map(({ name }) => `${name} runs another image than the release`),
    ...own.filter(isChanged).map(({ name, changes }) => `${name} was changed by hand: ${changes.join(', ')}`),
    ...(fine.length < service.replicas && strange.length + other.length === 0
      ? [`${service.name}: ${String(fine.length)} of ${String(service.replicas)} containers run`]
      : []),
  ]
}

/** A deploy leaves such a container alone, and with it the count, which says how stable a release is, not how it differs. */
function restartsOf({ services, containers }: Facts): readonly string[] {
  const known = new Set(services.map(({ name }) => name))
  return containers
    .filter(({ service, restarts }) => known.has(service) && restarts > 0)
    .map(({ name, restarts }) => `${name} was restarted ${String(restarts)} times`)
}

function startedByHand({ containers }: Facts): readonly string[] {
  return containers
    .filter(({ digest, status }) => digest === '-' && status === 'running')
    .map(({ name }) => `${name} was started by hand: a deploy replaces it, and starts it again if the deploy fails`)
}

/** A deploy leaves alone what somebody else started, where the release has nothing to put in its place. */
function strangersOf({ services, containers }: Facts): readonly string[] {
  const known = new Set(services.map(({ name }) => name))
  return containers
    .filter(({ service, digest }) => digest === '-' && !known.has(service))
    .map(({ name }) => `${name} is not part of the release and was not started by srv: a deploy leaves it alone`)
}

/** What an app wrote where it is allowed to is no reason for a deploy, which would only hide it. */
function writtenOf({ wrote, left }: Facts): readonly string[] {
  return [
    ...wrote.map((what) => `the app wrote into a mount from the release: ${what}`),
    ...left.map((place) => `${place} stays: the app wrote into it, and no release mounts it any longer`),
  ]
}

function formerOf({ former }: Facts): readonly string[] {
  return former === undefined ? [] : [`it still runs as ${former}, which the config no longer names`]
}

function driftOf(facts: Facts, serving: string | undefined, role: Role): readonly string[] {
  const { active, open, services, containers, changed, astray } = facts
  const known = new Set(services.map(({ name }) => name))
  return [
    ...(open === undefined ? [] : [`the run that deployed ${open} did not finish`]),
    ...(active !== undefined && serving !== undefined && active !== serving
      ? [`${active} is running, but the code in place is that of ${serving}`]
      : []),
    ...(role === 'manager' ? stackDrift(facts) : []),
    ...(role === 'node' && facts.node !== 'active' ? ['this host has left the swarm'] : []),
    ...(role === 'alone' ? services.flatMap((service) => serviceDrift(service, containers)) : []),
    ...containers
      .filter(({ service, digest }) => digest !== '-' && !known.has(service) && services.length > 0)
      .map(({ name }) => `${name} is not part of the release`),
    ...changed.map((what) => `a mounted file has changed: ${what}`),
    ...astray.map((what) => {
      const [service = '', file = ''] = what.split(' ')
      return `the proxy of ${service} has other addresses than its containers: ${file}`
    }),
  ]
}

function runningOf({ services, containers }: Facts): InstanceState['running'] {
  if (services.length === 0) {
    if (containers.some(({ digest, status }) => digest === '-' && status === 'running')) return 'yes'
    return containers.length === 0 ? 'no' : 'unknown'
  }
  // Fewer containers than wanted still serve: that counts as drift.
  const isUp = services.every(
    (service) =>
      service.replicas === 0 || containers.some((one) => one.service === service.name && isFine(service, one)),
  )
  return isUp ? 'yes' : 'no'
}

function healthOf(containers: readonly Container[]): InstanceState['healthy'] | undefined {
  const watched = containers.filter(({ health }) => health !== '-')
  if (watched.some(({ health }) => health === 'unhealthy')) return 'no'
  return watched.length > 0 && watched.every(({ health }) => health === 'healthy') ? 'yes' : undefined
}

/** The state of an instance from the facts of its host, and what the plugin before it knows: which code is in place. */
export function stateOf(facts: Facts, known: InstanceState, role: Role): Partial<InstanceState> {
  const serving = known.release?.id
  const healthy = healthOf(facts.containers)
  const notes = [
    ...(role !== 'alone'
      ? []
      : facts.services.length === 0
        ? startedByHand(facts)
        : [...restartsOf(facts), ...strangersOf(facts)]),
    ...formerOf(facts),
    ...writtenOf(facts),
  ]
  const details: ComposeDetails = {
    services: facts.services,
    ...(facts.self === undefined ? {} : { self: facts.self }),
    members: facts.members,
    running: [...new Set(facts.containers.filter(({ status }) => status === 'running').map(({ service }) => service))],
    changed: facts.containers.filter(isChanged).map(({ id }) => id),
    gone: facts.gone,
  }
  return {
    running: role === 'alone' ? runningOf(facts) : stackRunning(facts, role === 'manager'),
    ...(healthy === undefined ? {} : { healthy }),
    releases: known.releases.filter(({ id }) => facts.whole.has(id)),
    drift: serving === undefined ? [] : driftOf(facts, serving, role),
    ...(notes.length === 0 ? {} : { notes }),
    details: typeof known.details === 'object' ? { ...known.details, compose: details } : { compose: details },
  }
}
