import type { Secret } from '../shell/secret.ts'
import type { Health } from './health.ts'
import type { Supervisor } from './supervisor.ts'

/** A machine of an environment, after the config was checked and defaults were filled in. */
export interface Host {
  readonly name: string
  readonly kind: 'ssh' | 'local' | 'sandbox'
  /** What is given to OpenSSH to resolve: a host name, an address or an alias of the user's ssh_config. Empty for `local`. */
  readonly address: string
  readonly user?: string
  readonly port?: number
  /** Path of a private key file on the laptop. */
  readonly key?: string
  /** Path of an ssh_config that is read instead of the user's own. */
  readonly sshConfig?: string
  /** `type base64` public host keys that are trusted beside known_hosts. */
  readonly hostKeys: readonly string[]
  /** The folder that holds the service folders, `/srv` by default. */
  readonly root: string
  readonly tags: readonly string[]
  /** The address at which programs on this host reach themselves: 127.0.0.1, but a sandbox host has one of its own. */
  readonly loopback: string
}

/** Values of an instance's environment, on the laptop: texts or references to secrets. */
export type Variables = Readonly<Record<string, string | Secret>>

/** One way that a service runs, after the overlays of the environment were applied. */
export interface Instance {
  /** `service/instance`. */
  readonly id: string
  readonly service: string
  readonly name: string
  readonly kind: 'native' | 'docker'
  readonly repository?: string
  readonly ref?: string
  /** Shell commands run in the new release before the switch. */
  readonly build: readonly string[]
  readonly buildTimeoutMs?: number
  readonly start?: Supervisor
  readonly health: readonly Health[]
  readonly env: Variables
  /** Validated settings of each plugin for this instance, by plugin name. */
  readonly settings: Readonly<Record<string, unknown>>
}

/** What runs the docker instances of a service across its hosts. */
export interface Orchestrator {
  readonly kind: 'swarm'
  /** Name of the host whose engine is told what to run. */
  readonly manager: string
}

/** A service directory and the hosts of the environment that have it. */
export interface Service {
  readonly name: string
  readonly description?: string
  readonly hosts: readonly Host[]
  readonly instances: readonly Instance[]
  /** When set, docker instances are deployed across the hosts instead of on each host by itself. */
  readonly orchestrator?: Orchestrator
}

/** An instance on a host: what most tasks act on. `id` is `blog/native@web1`. */
export interface Placement {
  readonly id: string
  readonly host: Host
  readonly service: Service
  readonly instance: Instance
  readonly paths: Paths
}

/** The whole config, whichever part of it the run is about. */
export interface Declared {
  /** Absolute path of the config file. */
  readonly file: string
  /** Every instance on every host of the environment. */
  readonly placements: readonly Placement[]
}

/** Absolute folders of an instance on its host: see the layout in `docs/architecture.md`. */
export interface Paths {
  /** `/srv/<service>` */
  readonly service: string
  /** `/srv/<service>/instances/<instance>` */
  readonly instance: string
  /** `/srv/<service>/data` */
  readonly data: string
  /** `/srv/<service>/.srv`, mode 0700, srv's own. */
  readonly state: string
}
