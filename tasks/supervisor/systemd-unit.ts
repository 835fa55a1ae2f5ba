import type { Placement, Supervisor } from '../../src/index.ts'
import { commandLine } from '../host/command-line.ts'
import type { Site } from '../host/site.ts'

/** The supervisor of an instance that systemd keeps running. */
export type SystemdSupervisor = Extract<Supervisor, { readonly kind: 'systemd' }>

/** A unit file in three parts, because the default of `User=` is only known on the host. */
export interface UnitText {
  readonly before: readonly string[]
  /** The user, or nothing for the one that srv logs in as; a unit of a user's own systemd has no such line at all. */
  readonly user: string | undefined
  readonly after: readonly string[]
}

/** Name of the unit without `.service`. */
export function unitName({ instance }: Pick<Placement, 'instance'>, supervisor: SystemdSupervisor): string {
  return supervisor.unit ?? `srv-${instance.service}-${instance.name}`
}

/** `%` begins a specifier in every setting of a unit. */
function unitPath(path: string): string {
  return path.replaceAll('%', '%%')
}

/** An argument of `ExecStart=`: double quotes with C escapes, and `$` doubled, since systemd replaces variables by itself. */
function unitArgument(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\t', '\\t')
  return `"${escaped.replaceAll('%', '%%').replaceAll('$', '$$$$')}"`
}

function timeSpan(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`
}

/**
 * The unit file of an instance that runs from `directory`. It is the same for every release, so that a deploy reloads
 * systemd only when the config changed: what differs between releases stands in `run.env`.
 */
export function unitText(site: Site, supervisor: SystemdSupervisor, directory: string): UnitText {
  const { instance, paths } = site
  const isSystem = supervisor.scope === 'system'
  return {
    before: [
      '# Written by srv at each deploy: change srv.config.ts instead.',
      '[Unit]',
      `Description=${instance.id}`,
      ...(isSystem ? ['Wants=network-online.target', 'After=network-online.target'] : []),
      '',
      '[Service]',
      // With `exec`, unlike `simple`, a start fails when the program could not even be begun.
      'Type=exec',
      `WorkingDirectory=${unitPath(directory)}`,
      `EnvironmentFile=-${unitPath(`${paths.state}/${instance.name}/run.env`)}`,
      `EnvironmentFile=-${unitPath(directory)}/.env`,
    ],
    user: supervisor.user,
    after: [
      // ExecStart wants an absolute path and no shell syntax; the config has a command line.
      `ExecStart=/usr/bin/env sh -c ${unitArgument(commandLine(supervisor.exec))}`,
      'Restart=on-failure',
      'RestartSec=2',
      `TimeoutStopSec=${timeSpan(supervisor.stopTimeoutMs)}`,
      'KillMode=control-group',
      `SyslogIdentifier=${unitName(site, supervisor)}`,
      ...supervisor.service,
      '',
      '[Install]',
      `WantedBy=${isSystem ? 'multi-user.target' : 'default.target'}`,
    ],
  }
}
