import type { InstanceSpec, ServiceSpec } from './check-services.ts'
import type { Swarm } from './orchestrator.ts'
import type { Host, Instance, Service } from './resolved.ts'

function listed<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return []
  return isList(value) ? value : [value]
}

/** `Array.isArray` does not narrow a readonly array. */
function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value)
}

function resolveInstance(service: ServiceSpec, { name, options, settings }: InstanceSpec): Instance {
  const repository = options.repository ?? service.options.repository
  const ref = options.ref ?? service.options.ref
  return {
    id: `${service.name}/${name}`,
    service: service.name,
    name,
    kind: options.kind,
    ...(repository === undefined ? {} : { repository }),
    ...(ref === undefined ? {} : { ref }),
    build: listed(options.build),
    ...(options.buildTimeoutMs === undefined ? {} : { buildTimeoutMs: options.buildTimeoutMs }),
    ...(options.kind === 'docker' || options.start === undefined ? {} : { start: options.start }),
    health: listed(options.health),
    env: { ...service.options.env, ...options.env },
    settings,
  }
}

/** Without `hosts` and `tags` a service is on every host; with them it is on those that either of the two names. */
function hostsOf({ options }: ServiceSpec, hosts: readonly Host[]): readonly Host[] {
  const { hosts: names, tags } = options
  if (names === undefined && tags === undefined) return hosts
  return hosts.filter((host) => names?.includes(host.name) === true || host.tags.some((tag) => tags?.includes(tag)))
}

/** A checked service in the form that the rest of srv knows, with those hosts of the environment that have it. */
export function resolveService(spec: ServiceSpec, hosts: readonly Host[], orchestrator?: Swarm): Service {
  const { description } = spec.options
  const own = hostsOf(spec, hosts)
  const manager = own.find(({ name }) => name === orchestrator?.manager)?.name ?? own[0]?.name
  return {
    name: spec.name,
    ...(description === undefined ? {} : { description }),
    hosts: own,
    instances: spec.instances.map((instance) => resolveInstance(spec, instance)),
    ...(orchestrator === undefined || manager === undefined
      ? {}
      : { orchestrator: { kind: orchestrator.kind, manager } }),
  }
}
