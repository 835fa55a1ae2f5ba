import { withDefaults, type Health, type HealthLimits } from './health.ts'

/** Who keeps an instance running on its host. */
export type Supervisor =
  | {
      readonly kind: 'systemd'
      readonly exec: string
      /** `system` units need root or `sudo -n`; `user` units need lingering. */
      readonly scope: 'system' | 'user'
      /** Unix user of a system unit; the login user by default. */
      readonly user?: string | undefined
      /** Name of the unit without `.service`; `srv-<service>-<instance>` by default. */
      readonly unit?: string | undefined
      /** Further lines of the `[Service]` section. */
      readonly service: readonly string[]
      readonly stopTimeoutMs: number
    }
  | { readonly kind: 'process'; readonly exec: string; readonly stopTimeoutMs: number }
  | {
      readonly kind: 'command'
      readonly start: string
      readonly stop?: string | undefined
      readonly restart?: string | undefined
      /** Exits 0 while the instance runs. */
      readonly status?: string | undefined
      /** Prints the app's newest log lines. */
      readonly logs?: string | undefined
    }

/** Options of `systemd()`. */
export interface SystemdOptions {
  /** The command line of the app, run in the release folder. */
  readonly exec: string
  /** @default 'system', which needs root or `sudo -n`; a login user without them wants 'user' */
  readonly scope?: 'system' | 'user'
  readonly user?: string
  readonly unit?: string
  /** Further lines of the unit's `[Service]` section, such as `MemoryMax=512M`. */
  readonly service?: readonly string[]
  /** Milliseconds between TERM and KILL. @default 10000 */
  readonly stopTimeoutMs?: number
}

/** Runs the instance as a systemd unit that srv writes and keeps up to date. */
export function systemd(options: SystemdOptions): Supervisor {
  return { kind: 'systemd', scope: 'system', service: [], stopTimeoutMs: 10_000, ...options }
}

/** Runs the instance as a plain process group that outlives the login: for hosts without a supervisor. Nothing restarts it when it dies. */
export function process(options: { readonly exec: string; readonly stopTimeoutMs?: number }): Supervisor {
  return { kind: 'process', stopTimeoutMs: 10_000, ...options }
}

/** The commands of a supervisor that srv does not know. */
export interface CommandSupervisor {
  readonly start: string
  readonly stop?: string
  readonly restart?: string
  readonly status?: string
  readonly logs?: string
}

/** With a text: healthy when the command exits 0 on the host. With `{ start, … }`: the commands of another supervisor. */
export function command(line: string, limits?: HealthLimits): Health
export function command(commands: CommandSupervisor): Supervisor
export function command(what: string | CommandSupervisor, limits?: HealthLimits): Health | Supervisor {
  return typeof what === 'string'
    ? { kind: 'command', command: what, ...withDefaults(limits) }
    : { kind: 'command', ...what }
}
