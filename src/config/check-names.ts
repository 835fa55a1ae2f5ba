import type { SetUp } from '../plugin/setup.ts'
import type { Problem } from './problem.ts'
import { unknownKey, unknownName } from './problem.ts'
import { hasPath, listOf, recordOf, type PlainRecord } from './records.ts'
import { isOrchestrator } from './orchestrator.ts'
import { parseHost } from './host-text.ts'
import { isSandboxHost } from './sandbox-host.ts'

function texts(value: unknown): readonly string[] {
  return listOf(value).filter((one) => typeof one === 'string')
}

/** Names of the hosts of all environments. */
function hostNames(config: PlainRecord): readonly string[] {
  const environments = Object.values(recordOf(config['environments']))
  return [...new Set(environments.flatMap((one) => Object.keys(recordOf(recordOf(one)['hosts']))))]
}

function tagNames(config: PlainRecord): readonly string[] {
  const environments = Object.values(recordOf(config['environments']))
  const hosts = environments.flatMap((one) => Object.values(recordOf(recordOf(one)['hosts'])))
  const tags = hosts.flatMap((host) => texts(isSandboxHost(host) ? host.tags : recordOf(host)['tags']))
  return [...new Set(tags)]
}

/** Host names and tags that a service or its overlay names, but that do not exist. */
function checkPlaces(service: unknown, path: readonly string[], config: PlainRecord): readonly Problem[] {
  const hosts = hostNames(config)
  const tags = tagNames(config)
  const { hosts: saidHosts, tags: saidTags } = recordOf(service)
  return [
    ...texts(saidHosts).flatMap((name, index) =>
      hosts.includes(name) ? [] : [unknownName([...path, 'hosts', index], name, 'a host of any environment', hosts)],
    ),
    ...texts(saidTags).flatMap((name, index) =>
      tags.includes(name) ? [] : [unknownName([...path, 'tags', index], name, 'a tag of any host', tags)],
    ),
  ]
}

function checkOverlay(
  name: string,
  overlay: unknown,
  path: readonly string[],
  config: PlainRecord,
): readonly Problem[] {
  const services = recordOf(config['services'])
  if (!Object.hasOwn(services, name)) return [unknownKey([...path, name], 'a service', Object.keys(services))]
  const base = recordOf(recordOf(services[name])['instances'])
  const instances = recordOf(recordOf(overlay)['instances'])
  const instanceProblems = Object.entries(instances).flatMap(([instance, changes]) => {
    const at = [...path, name, 'instances', instance] as const
    if (!Object.hasOwn(base, instance)) return [unknownKey(at, `an instance of ${name}`, Object.keys(base))]
    if (!hasPath(changes, ['kind'])) return []
    return [{ path: [...at, 'kind'], text: 'cannot be changed by an environment' }]
  })
  return [...instanceProblems, ...checkPlaces(overlay, [...path, name], config)]
}

/** Where a host is reached, to tell whether two are the same machine; `undefined` for one without an address yet. */
function addressOf(host: unknown): string | undefined {
  if (host === 'local') return 'local'
  if (typeof host === 'string') {
    const parsed = parseHost(host)
    return parsed && `${parsed.address.toLowerCase()} port ${String(parsed.port ?? 22)}`
  }
  const { address, port } = recordOf(host)
  if (typeof address !== 'string') return undefined
  return address === 'local'
    ? address
    : `${address.toLowerCase()} port ${typeof port === 'number' ? String(port) : '22'}`
}

/** Two names of one machine in one environment: each would deploy over the other. */
function checkAddresses(hosts: unknown, path: readonly string[]): readonly Problem[] {
  const seen = new Map<string, string>()
  return Object.entries(recordOf(hosts)).flatMap(([name, host]) => {
    const address = addressOf(host)
    const first = address === undefined ? undefined : seen.get(address)
    if (address !== undefined && first === undefined) seen.set(address, name)
    return first === undefined
      ? []
      : [{ path: [...path, name], text: `is the same machine as ${first}: ${String(address)}` }]
  })
}

function checkEnvironment(name: string, environment: unknown, config: PlainRecord): readonly Problem[] {
  const path = ['environments', name]
  const { hosts, services, orchestrator } = recordOf(environment)
  const manager = isOrchestrator(orchestrator) ? orchestrator.manager : undefined
  const names = Object.keys(recordOf(hosts))
  const empty = hosts !== undefined && Object.keys(recordOf(hosts)).length === 0
  return [
    ...(empty ? [{ path: [...path, 'hosts'], text: 'has no host' }] : []),
    ...checkAddresses(hosts, [...path, 'hosts']),
    ...(manager === undefined || names.includes(manager)
      ? []
      : [unknownName([...path, 'orchestrator', 'manager'], manager, `a host of ${name}`, names)]),
    ...Object.entries(recordOf(services)).flatMap(([service, overlay]) =>
      checkOverlay(service, overlay, [...path, 'services'], config),
    ),
  ]
}

/** Keys in the options of plugins that are the name of a host, but of none that exists. */
function checkPluginHosts({ plugins }: SetUp, config: PlainRecord): readonly Problem[] {
  const known = hostNames(config)
  return plugins.flatMap(({ name, parts }) =>
    (parts.hostNames ?? [])
      .filter((path) => !known.includes(String(path.at(-1))))
      .map((path) => unknownKey(['plugins', name, ...path], 'a host of any environment', known)),
  )
}

/** Everything in environments, services and options of plugins that names a host, tag, service or instance that does not exist. */
export function checkNames(config: PlainRecord, setUp: SetUp): readonly Problem[] {
  const environments = Object.entries(recordOf(config['environments']))
  const services = Object.entries(recordOf(config['services']))
  return [
    ...(environments.length === 0 && config['environments'] !== undefined
      ? [{ path: ['environments'], text: 'has no environment' }]
      : []),
    ...environments.flatMap(([name, environment]) => checkEnvironment(name, environment, config)),
    ...services.flatMap(([name, service]) => checkPlaces(service, ['services', name], config)),
    ...checkPluginHosts(setUp, config),
  ]
}
