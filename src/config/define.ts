import type { Task } from '../plugin/contract.ts'
import type { HostInput, ServiceInput, ServiceOverlay } from './config-input.ts'
import type { ConfigHooks, Overrides, PluginEntry, SettingsOf, StepId } from './config-types.ts'
import type { Swarm } from './orchestrator.ts'
import type { StepInput } from './step-input.ts'

const brand = Symbol.for('srvkit.config')

/** A named set of hosts, and what is different about the services there. */
export interface EnvironmentInput<
  Host extends string,
  HostNames extends string,
  Service extends string,
  Instance extends string,
  Settings,
> {
  readonly hosts: Readonly<Partial<Record<Host, HostInput>>>
  /** Runs docker instances across the hosts: `swarm()`. @default each host runs its own */
  readonly orchestrator?: Swarm
  readonly services?: Readonly<Partial<Record<Service, ServiceOverlay<HostNames, Instance, Settings>>>>
}

/** What `srv.config.ts` says. All names are inferred from where they are declared, and checked where they are used. */
export interface ConfigInput<
  Environment extends string,
  Host extends string,
  P extends readonly PluginEntry[],
  Service extends string,
  Instance extends string,
  Local extends string,
  Pipeline extends string,
> {
  readonly environments: Readonly<
    Record<
      Environment,
      EnvironmentInput<Host, NoInfer<Host>, NoInfer<Service>, NoInfer<Instance>, SettingsOf<NoInfer<P>>>
    >
  >
  /** In the order in which their hooks run. Falsy entries are passed over. */
  readonly plugins?: P
  readonly services: Readonly<Record<Service, ServiceInput<NoInfer<Host>, Instance, SettingsOf<NoInfer<P>>>>>
  /** Tasks of this project, made by `defineTask`; the key is the id. */
  readonly tasks?: Readonly<Record<Local, Task>>
  /** Pipelines of this project by name: `srv <name> <environment>`. One of a stock pipeline's name takes its place. */
  readonly pipelines?: Readonly<Record<Pipeline, StepInput<StepId<NoInfer<P>, NoInfer<Local>, NoInfer<Pipeline>>>>>
  readonly hooks?: ConfigHooks<StepId<NoInfer<P>, NoInfer<Local>, NoInfer<Pipeline>>>
  /** Functions that stand in for tasks, by task id. */
  readonly override?: Overrides<NoInfer<P>, NoInfer<Local>>
}

/** What the default export of `srv.config.ts` is: nobody has checked it yet. */
export interface Config {
  readonly [brand]: 1
  readonly input: unknown
}

/**
 * Declares the config of a project. It only gives types: the config is checked when srv loads it.
 *
 * @example
 * export default defineConfig({
 *   environments: { production: { hosts: { web1: 'deploy@web1.example.org' } } },
 *   plugins: [git()],
 *   services: { blog: { instances: { native: { kind: 'native', start: systemd({ exec: 'node server.js' }) } } } },
 * })
 */
export function defineConfig<
  Environment extends string,
  Host extends string,
  Service extends string,
  Instance extends string,
  const P extends readonly PluginEntry[] = readonly [],
  Local extends string = never,
  Pipeline extends string = never,
>(input: ConfigInput<Environment, Host, P, Service, Instance, Local, Pipeline>): Config {
  return { [brand]: 1, input }
}

/** Tells a config from other values, also when another copy of this package made it. */
export function isConfig(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && brand in value
}
