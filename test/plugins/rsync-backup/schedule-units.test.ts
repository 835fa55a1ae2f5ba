import { expect, it } from 'vitest'
import { optionsSchema, settingsSchema } from '../../../plugins/rsync-backup/options.ts'
import { calendarOf, cronFieldsOf } from '../../../plugins/rsync-backup/schedule/calendar.ts'
import { scheduleSchema } from '../../../plugins/rsync-backup/schedule/options.ts'
import type { Scheduled } from '../../../plugins/rsync-backup/schedule/run.ts'
import { siteOf } from '../../../plugins/rsync-backup/schedule/site.ts'
import { serviceUnit, timerUnit } from '../../../plugins/rsync-backup/schedule/units.ts'

it.each([
  ['03:00', '*-*-* 03:00:00', '0 3 * * *'],
  ['3:05', '*-*-* 03:05:00', '5 3 * * *'],
  ['daily', 'daily', '0 0 * * *'],
  ['Weekly', 'Weekly', '0 0 * * 1'],
  ['*-*-* 04:30:00', '*-*-* 04:30:00', '30 4 * * *'],
  ['*-*-15 04:30', '*-*-15 04:30', '30 4 15 * *'],
  ['Mon,Thu *-*-* 04:30', 'Mon,Thu *-*-* 04:30', '30 4 * * 1,4'],
  ['Monday..Wednesday,Sun 23:59', 'Monday..Wednesday,Sun 23:59', '59 23 * * 1,2,3,0'],
  ['Fri..Sun 00:00', 'Fri..Sun 00:00', '0 0 * * 5,6,0'],
  // What cron cannot keep.
  ['Mon *-*-15 04:30', 'Mon *-*-15 04:30', undefined],
  ['Sat..Mon 04:30', 'Sat..Mon 04:30', undefined],
  ['Mon..Fri..Sun 04:30', 'Mon..Fri..Sun 04:30', undefined],
  ['Mon,Noday 04:30', 'Mon,Noday 04:30', undefined],
  ['24:00', '*-*-* 24:00:00', undefined],
  ['03:60', '*-*-* 03:60:00', undefined],
  ['*-*-* 03:00:30', '*-*-* 03:00:30', undefined],
  ['*:0/15', '*:0/15', undefined],
])('"%s" is for systemd "%s" and for cron "%s"', (at, calendar, fields) => {
  expect([calendarOf(at), cronFieldsOf(at)]).toEqual([calendar, fields])
})

function scheduled(on: string, settings: unknown = {}, at = '03:00'): Scheduled {
  const host = { name: 'web1', kind: 'ssh' } as const
  const vault = { on, folder: '/tank/a b', base: '/tank/a b/web1/shop' }
  return {
    site: siteOf({ host, service: { name: 'shop' }, paths: { state: '/srv/shop/.srv' } }, vault),
    options: optionsSchema.parse({ to: '/tank' }),
    schedule: scheduleSchema.parse({ at, randomDelay: 60 }),
    settings: settingsSchema.parse(settings),
  }
}
const hardened = [
  'NoNewPrivileges=yes',
  'LockPersonality=yes',
  'MemoryDenyWriteExecute=yes',
  'RestrictRealtime=yes',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6',
  'SystemCallArchitectures=native',
]
const closed = [
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
/** What stands in a unit behind what each has. */
const behindNice = (unit: readonly string[]): readonly string[] =>
  unit.slice(unit.indexOf('IOSchedulingPriority=7') + 1)

it.each([
  ['system', 'nas', {}, [...hardened, ...closed, 'ReadWritePaths="/tank/a b"']],
  ['system', 'web1', {}, [...hardened, ...closed, 'ReadWritePaths="/tank/a b" "/srv/shop/.srv"']],
  ['user', 'nas', {}, hardened],
  // What stops the service must be able to start it again.
  ['system', 'web1', { consistency: 'stop' }, ['KillMode=process']],
  ['user', 'web1', { dumps: [{ kind: 'sqlite', file: 'a' }] }, ['KillMode=process']],
  ['system', 'nas', { consistency: 'stop' }, [...hardened, ...closed, 'ReadWritePaths="/tank/a b"']],
] as const)('a unit of the %s on %s with %o is held back as far as it can be', (by, on, settings, lines) => {
  expect(behindNice(serviceUnit(scheduled(on, settings), '/srv/shop/.srv', by))).toEqual(lines)
})

it('a unit of the system waits for the disk of the snapshots, and a timer makes up for what was missed', () => {
  const mounts = 'RequiresMountsFor="/tank/a b"'
  expect(serviceUnit(scheduled('nas'), '/srv/shop/.srv', 'system')).toContain(mounts)
  expect(serviceUnit(scheduled('nas'), '/srv/shop/.srv', 'user')).not.toContain(mounts)
  expect(timerUnit(scheduled('nas', {}, 'Mon 03:00'))).toEqual([
    '# Written by srv.',
    '[Unit]',
    'Description=Backups of shop on web1',
    '',
    '[Timer]',
    'OnCalendar=Mon 03:00',
    'Persistent=true',
    'RandomizedDelaySec=60',
    'AccuracySec=1min',
    '',
    '[Install]',
    'WantedBy=timers.target',
  ])
})
