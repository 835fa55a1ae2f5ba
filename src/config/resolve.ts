import { dirname } from 'node:path'
import { srvError } from '../error/srv-error.ts'
import { didYouMean } from '../error/suggest.ts'
import type { Task } from '../plugin/contract.ts'
import type { SetUpPlugin } from '../plugin/setup.ts'
import { isStep } from './check-steps.ts'
import { resolveCompanions } from './companions.ts'
import type { LoadedConfig } from './load.ts'
import { placeOn } from './paths.ts'
import { refusals } from './refusals.ts'
import type { NamedHook, NamedTask, ResolvedConfig } from './resolved-config.ts'
import type { Placement, Service } from './resolved.ts'
import { resolveHost } from './resolve-host.ts'
import { resolveService } from './resolve-service.ts'
import type { CheckedConfig } from './schema/config.ts'
import type { Step } from './steps.ts'
import { validateConfig } from './validate.ts'

type Tasks = Readonly<Record<string, Task>>

function register(stock: Tasks, plugins: readonly SetUpPlugin[], local: Tasks): ReadonlyMap<string, NamedTask> {
  const all: readonly NamedTask[] = [
    ...Object.entries(stock).map(([id, task]) => ({ id, task })),
    ...plugins.flatMap(({ name, parts }) =>
      Object.entries(parts.tasks ?? {}).map(([key, task]) => ({ id: `${name}:${key}`, task, plugin: name })),
    ),
    ...Object.entries(local).map(([id, task]) => ({ id, task })),
  ]
  return new Map(all.map((task) => [task.id, task]))
}

/** An optional hook may be around something that does not exist: then it never runs, and is no problem. */
function hooksOf(plugins: readonly SetUpPlugin[], config: CheckedConfig): readonly NamedHook[] {
  const fromPlugins = plugins.flatMap(({ name, parts }) =>
    Object.entries(parts.hooks ?? {}).map(([target, hook]) => ({ target, hook, plugin: name })),
  )
  return [...fromPlugins, ...Object.entries(config.hooks ?? {}).map(([target, hook]) => ({ target, hook }))]
}

function pipelinesOf(config: CheckedConfig): ReadonlyMap<string, Step> {
  const entries = Object.entries(config.pipelines ?? {})
  return new Map(entries.flatMap(([name, step]): [string, Step][] => (isStep(step) ? [[name, step]] : [])))
}

function place(services: readonly Service[]): readonly Placement[] {
  return services.flatMap((service) =>
    service.instances.flatMap((instance) => service.hosts.map((host) => placeOn(host, service, instance))),
  )
}

/**
 * The config as one environment sees it: everything checked, overlays applied, plugins set up, services placed on hosts.
 * Nothing is contacted. Without an environment it is the first one, for what does not depend on it.
 *
 * @throws SrvError SRV-101 with all problems of the config, SRV-110 for an environment that it does not have
 */
export async function resolveConfig(
  { file, input }: LoadedConfig,
  environment: string | undefined,
  stockTasks: Tasks,
): Promise<ResolvedConfig> {
  const validation = await validateConfig(input, Object.keys(stockTasks))
  if (!validation.ok) throw srvError('SRV-101', { file, problems: validation.problems })
  const { config, setUp, companions, services: specs } = validation.valid

  const environments = Object.keys(config.environments)
  const name = environment ?? environments[0] ?? ''
  const chosen = config.environments[name]
  if (chosen === undefined || !Object.hasOwn(config.environments, name)) {
    throw srvError('SRV-110', { environment: name, suggestion: didYouMean(name, environments) })
  }
  const projectRoot = dirname(file)
  const hosts = Object.entries(chosen.hosts).map(([host, said]) => resolveHost(host, said, projectRoot))
  const services = (specs.get(name) ?? []).map((spec) => resolveService(spec, hosts, chosen.orchestrator))
  const placements = place(services)
  const refused = refusals(setUp.plugins, placements)
  if (refused.length > 0) throw srvError('SRV-101', { file, problems: refused })
  return {
    file,
    projectRoot,
    environment: name,
    environments,
    hosts,
    companions: resolveCompanions(companions, hosts, projectRoot),
    services,
    placements,
    plugins: setUp.plugins,
    tasks: register(stockTasks, setUp.plugins, config.tasks ?? {}),
    pipelines: pipelinesOf(config),
    hooks: hooksOf(setUp.plugins, config),
    overrides: new Map(Object.entries(config.override ?? {})),
  }
}
