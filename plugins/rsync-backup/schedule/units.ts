import { unitArgument } from '../scripts/boot-unit.ts'
import { calendarOf } from './calendar.ts'
import type { Scheduled } from './run.ts'

/** The sandboxing of a backup that every systemd can do, even that of a user, which cannot create mounts. */
const forAll = [
  'NoNewPrivileges=yes',
  'LockPersonality=yes',
  'MemoryDenyWriteExecute=yes',
  'RestrictRealtime=yes',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6',
  'SystemCallArchitectures=native',
]

/** The sandboxing that the systemd of the machine can do. Root must be able to create set-user-ID files and devices, which may be part of the data. */
const forSystem = [
  'ProtectSystem=strict',
  'ProtectHome=read-only',
  'PrivateTmp=yes',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelLogs=yes',
  'ProtectControlGroups=yes',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'RestrictNamespaces=yes',
]

/**
 * On the host of the service itself the backup stops and starts what runs there, or becomes the user of a database: that must
 * not be restricted, and what it starts must not end with it.
 */
function hardening({ site, settings }: Scheduled, state: string, by: 'system' | 'user'): readonly string[] {
  if (site.isSame && (settings.consistency !== 'live' || settings.dumps.length > 0)) return ['KillMode=process']
  const writable = [site.vault.folder, ...(site.isSame ? [state] : [])].map(unitArgument)
  return by === 'user' ? forAll : [...forAll, ...forSystem, `ReadWritePaths=${writable.join(' ')}`]
}

/** The unit that makes one backup; a backup that was not made is a failed unit. `User=` is put in where it is known. */
export function serviceUnit(scheduled: Scheduled, state: string, by: 'system' | 'user'): readonly string[] {
  const { site } = scheduled
  const { vault, service, host, home } = site
  return [
    '# Written by srv.',
    '[Unit]',
    `Description=Backup of ${service} on ${host}`,
    'Wants=network-online.target',
    'After=network-online.target',
    ...(by === 'system' ? [`RequiresMountsFor=${unitArgument(vault.folder)}`] : []),
    '',
    '[Service]',
    'Type=oneshot',
    `ExecStart=/bin/sh ${unitArgument(`${home}/run`)}`,
    'UMask=0077',
    'Nice=10',
    'IOSchedulingPriority=7',
    ...hardening(scheduled, state, by),
  ]
}

/** The timer: a run that was missed because the machine was off is made up for. */
export function timerUnit({ site, schedule }: Scheduled): readonly string[] {
  return [
    '# Written by srv.',
    '[Unit]',
    `Description=Backups of ${site.service} on ${site.host}`,
    '',
    '[Timer]',
    `OnCalendar=${calendarOf(schedule.at).replaceAll('%', '%%')}`,
    'Persistent=true',
    `RandomizedDelaySec=${String(schedule.randomDelay)}`,
    'AccuracySec=1min',
    '',
    '[Install]',
    'WantedBy=timers.target',
  ]
}
