import { stockTasks } from '../../tasks/index.ts'
import { stockPipelines } from '../../tasks/pipelines.ts'
import { findConfig } from '../config/find.ts'
import { loadConfig, type LoadedConfig } from '../config/load.ts'
import { placeOn } from '../config/paths.ts'
import { resolveConfig } from '../config/resolve.ts'
import type { Host, Placement } from '../config/resolved.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import type { Step } from '../config/steps.ts'
import type { Vocabulary } from '../plan/vocabulary.ts'
import type { PluginOfRun } from '../run/plugin-of-run.ts'
import type { Io } from './io.ts'
import { stockPlugin } from './stock.ts'

/** A project as one environment sees it: the config, and what comes with srv. */
export interface Project {
  readonly config: ResolvedConfig
  readonly vocabulary: Vocabulary
  /** The plugins of the config, and the stock tasks' checks and questions. */
  readonly plugins: readonly PluginOfRun[]
}

/** A config that was loaded, for which no environment was chosen yet. */
export interface OpenedConfig {
  /** The names of its environments, before anyone has checked it: enough to find one among some words. */
  readonly environments: readonly string[]
  /** Resolves it for an environment; the first when none is named. @throws SrvError 1xx for everything that is wrong with it */
  projectFor(environment: string | undefined): Promise<Project>
}

/**
 * Finds and loads the config; `meanwhile` is done while another thread reads it.
 *
 * @throws SrvError 1xx
 */
export async function openConfig(
  io: Io,
  configPath: string | undefined,
  meanwhile?: () => void,
): Promise<OpenedConfig> {
  const loaded = await loadConfig(await findConfig(io.cwd, configPath), meanwhile)
  return {
    environments: environmentNames(loaded),
    projectFor: (environment) => projectOf(loaded, environment),
  }
}

/**
 * Finds, loads and resolves the config for an environment, or for the first when none is named; `meanwhile` is done while
 * another thread reads it.
 *
 * @throws SrvError 1xx for everything that is wrong with the config; nothing was contacted then
 */
export async function openProject(
  io: Io,
  configPath: string | undefined,
  environment: string | undefined,
  meanwhile?: () => void,
): Promise<Project> {
  return (await openConfig(io, configPath, meanwhile)).projectFor(environment)
}

async function projectOf(loaded: LoadedConfig, environment: string | undefined): Promise<Project> {
  const config = await resolveConfig(loaded, environment, stockTasks)
  const phased = config.plugins.map(({ name, parts: { phases } }) => ({
    name,
    ...(phases === undefined ? {} : { phases }),
  }))
  const inPlace = (placement: Placement): boolean =>
    config.plugins.some(({ name, parts }) => parts.inPlace?.(placement, placement.instance.settings[name]) === true)
  const pipelines = new Map<string, Step>(Object.entries(stockPipelines(phased, config.placements.some(inPlace))))
  for (const [name, step] of config.pipelines) pipelines.set(name, step)
  return {
    config,
    vocabulary: { tasks: config.tasks, pipelines, hooks: config.hooks, overrides: config.overrides, inPlace },
    plugins: [stockPlugin, ...config.plugins.map(({ name, options, parts }) => pluginOfRun(name, options, parts))],
  }
}

function environmentNames({ input }: LoadedConfig): readonly string[] {
  if (typeof input !== 'object' || input === null || !('environments' in input)) return []
  const { environments } = input
  return typeof environments === 'object' && environments !== null ? Object.keys(environments) : []
}

function pluginOfRun(name: string, options: unknown, parts: ResolvedConfig['plugins'][number]['parts']): PluginOfRun {
  const { checks = [], inspect, finish, hold, rehearse, queries } = parts
  return {
    name,
    options,
    checks,
    ...(inspect === undefined ? {} : { inspect }),
    ...(finish === undefined ? {} : { finish }),
    ...(hold === undefined ? {} : { hold }),
    ...(rehearse === undefined ? {} : { rehearse }),
    ...(queries === undefined ? {} : { queries }),
  }
}

/** Some hosts with the addresses of sandbox hosts filled in; it starts those that do not run. */
export async function withSandboxAddresses(projectRoot: string, hosts: readonly Host[]): Promise<readonly Host[]> {
  const names = [...new Set(hosts.filter(({ kind }) => kind === 'sandbox').map(({ name }) => name))]
  if (names.length === 0) return hosts
  const { ensureSandbox } = await import('../sandbox/sandbox.ts')
  const access = await ensureSandbox(projectRoot, names)
  return hosts.map((host) => ({ ...host, ...access.get(host.name) }))
}

/** The same placements, with the addresses of sandbox hosts filled in; it starts those hosts when they do not run. */
export async function withSandboxHosts(
  projectRoot: string,
  placements: readonly Placement[],
): Promise<readonly Placement[]> {
  const hosts = await withSandboxAddresses(
    projectRoot,
    placements.map(({ host }) => host),
  )
  return placements.map((placement, index) =>
    placeOn(hosts[index] ?? placement.host, placement.service, placement.instance),
  )
}
