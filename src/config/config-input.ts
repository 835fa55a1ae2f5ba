import type { Health } from './health.ts'
import type { Variables } from './resolved.ts'
import type { SandboxHost } from './sandbox-host.ts'
import type { Supervisor } from './supervisor.ts'

/** A host with more to say than its address. */
export interface HostObject {
  /** A host name, an address or an alias of your ssh_config, without user and port; or `local`. */
  readonly address: string
  readonly user?: string
  readonly port?: number
  /** Path of a private key file, from the project's folder or `~`. @default what ssh would use */
  readonly key?: string
  /** Path of an ssh_config that is read instead of your own. */
  readonly sshConfig?: string
  /** Absolute folder that holds the service folders. @default '/srv' */
  readonly root?: string
  readonly tags?: readonly string[]
  /** Public host keys to trust beside known_hosts: `ssh-ed25519 AAAA…`. */
  readonly hostKeys?: string | readonly string[]
}

/** A host: `user@host`, `user@host:port`, `host`, `local`, an object, or `sandbox()`. */
export type HostInput = string | HostObject | SandboxHost

/** What instances of both kinds can say. */
interface InstanceBase {
  /** Where the code comes from. @default the service's repository */
  readonly repository?: string
  /** The branch, tag or commit to deploy. @default the service's ref */
  readonly ref?: string
  /** Shell commands run in the new release before the switch. */
  readonly build?: string | readonly string[]
  /** Milliseconds. @default none */
  readonly buildTimeoutMs?: number
  /** Questions by which it proves that it serves: `http(…)`, `tcp(…)`, `command(…)`. */
  readonly health?: Health | readonly Health[]
  /** Environment of the app; these win over the service's. */
  readonly env?: Variables
}

/** A program that runs on the host itself. */
export interface NativeInstance extends InstanceBase {
  readonly kind: 'native'
  /** Who keeps it running: `systemd(…)`, `process(…)` or `command({ start: … })`. Without it nothing has to run. */
  readonly start?: Supervisor
}

/** A compose project. */
export interface DockerInstance extends InstanceBase {
  readonly kind: 'docker'
}

/** Plugins' settings of one instance, by plugin name. */
export type PluginSettings = Readonly<Record<string, unknown>>

/** An instance with the settings that the plugins of this config take. */
export type InstanceInput<Settings = PluginSettings> = (NativeInstance & Settings) | (DockerInstance & Settings)

/** What an environment changes about an instance; its kind stays. */
export type InstanceOverlay<Settings = PluginSettings> = Partial<Omit<NativeInstance, 'kind'>> & Settings

/** What a service says beside its instances, in the config and in an environment's overlay. */
export interface ServiceBase<HostName extends string = string> {
  /** Where the code comes from, for each instance that does not say. */
  readonly repository?: string
  /** The branch, tag or commit to deploy. @default the default branch */
  readonly ref?: string
  readonly description?: string
  /** The hosts that have it. Names that are in another environment only are passed over. @default all hosts */
  readonly hosts?: readonly HostName[]
  /** The hosts that have it, by tag: those with at least one of these, beside the named ones. */
  readonly tags?: readonly string[]
  /** Environment of each instance. */
  readonly env?: Variables
}

/** A service: one folder `/srv/<service>` on each of its hosts. */
export interface ServiceInput<
  HostName extends string = string,
  InstanceName extends string = string,
  Settings = PluginSettings,
> extends ServiceBase<HostName> {
  readonly instances: Readonly<Partial<Record<InstanceName, InstanceInput<Settings>>>>
}

/** What an environment changes about a service: `env` and settings are merged, everything else is replaced. */
export interface ServiceOverlay<
  HostName extends string = string,
  InstanceName extends string = string,
  Settings = PluginSettings,
> extends ServiceBase<HostName> {
  readonly instances?: Readonly<Partial<Record<InstanceName, InstanceOverlay<Settings>>>>
}
