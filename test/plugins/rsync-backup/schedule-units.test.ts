import { expect, it } from 'vitest'
import { optionsSchema, settingsSchema } from '../../../plugins/rsync-backup/options.ts'
import { calendarOf, cronElapses, cronFieldsOf } from '../../../plugins/rsync-backup/schedule/calendar.ts'
import { readOverdue } from '../../../plugins/rsync-backup/schedule/due.ts'
import { scheduleSchema } from '../../../plugins/rsync-backup/schedule/options.ts'
import type { Scheduled } from '../../../plugins/rsync-backup/schedule/run.ts'
import { siteOf } from '../../../plugins/rsync-backup/schedule/site.ts'
import { serviceUnit, timerUnit } from '../../../plugins/rsync-backup/schedule/units.ts'
import { readSchedule } from '../../../plugins/rsync-backup/schedule/list.ts'

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

it('takes what systemd may understand, and refuses what is no time before anybody is asked', () => {
  const said = (at: string): unknown => scheduleSchema.safeParse({ at }).error?.issues.map(({ path }) => path.join('.'))
  const good = [
    '03:00',
    '3:05',
    'hourly',
    'Weekly',
    'daily UTC',
    'Mon',
    'Mon..Fri',
    'Sat,Thu,Mon-Wed,Sat-Sun',
    'Mon,Thu *-*-* 04:30',
    'Monday *-*-01..07 04:30:00 Europe/Berlin',
    '*:0/15',
    '*-*-* 9..17:00:30.5',
    '*-*~07/1',
    '2027-01-01',
    'Wed, 17:48',
    '05:40 UTC',
  ]
  const bad = [
    '',
    'foo',
    '25:00',
    '24:00',
    '03:60',
    '3',
    'at 03:00',
    'Noday 03:00',
    '03:00 tomorrow',
    'UTC',
    '03:00\n',
    '1:2:3:4',
  ]
  expect(good.filter((at) => said(at) !== undefined)).toEqual([])
  expect(bad.filter((at) => said(at) === undefined)).toEqual([])
  expect(scheduleSchema.safeParse({ at: '25:00' }).error?.issues[0]?.message).toMatch(/^is no time: write "03:00", or /)
})

it('refuses a ping that tells nobody', () => {
  const { error } = scheduleSchema.safeParse({ at: '03:00', ping: {} })
  expect(error?.issues.map(({ path, message }) => [path.join('.'), message])).toEqual([
    ['ping', 'tells nobody: write a URL, or one for start, success or failure'],
  ])
})

// What systemd-analyze calendar says of the same, in time zones that have these hours.
it.each([
  ['3:05', '+0000', [1764299100, 1764385500, 1764471900]],
  ['hourly', '+0530', [1764289800, 1764293400, 1764297000]],
  ['weekly', '-0330', [1764559800, 1765164600, 1765769400]],
  ['monthly', '+0100', [1764543600, 1767222000, 1769900400]],
  ['Mon,Thu *-*-* 04:30', '+0530', [1764543600, 1764802800, 1765148400]],
  ['*-*-31 03:00', '+0000', [1767150000, 1769828400, 1774926000]],
  ['Sat..Sun 23:59', '-0330', [1764473340, 1764559740, 1765078140]],
  ['*:0/15', '+0000', []],
  ['*-*-31 24:00', '+0000', []],
])('cron runs "%s" at %s three times after a moment: %s', (at, zone, times) => {
  expect(cronElapses(at, 1764288300, zone)).toEqual(times)
})

it.each([
  ['before the second is due', 1764385500, '', false],
  ['while the second may still be put off or wait', 1764385500 + 2700, '', false],
  ['after it', 1764385500 + 2701, '', true],
  ['while it goes on', 1764385500 + 7200, 'activating', false],
  ['after the third, although one goes on', 1764471900 + 2701, 'activating', true],
])('two runs were missed %s', (_when, now, state, overdue) => {
  const said = ['since 1764288300', `now ${String(now)}`, 'grace 2700', 'zone +0000', 'calendar 3:05', `state ${state}`]
  expect(readOverdue(said.join('\n'))).toBe(overdue)
  const told = [1764299100, 1764385500, 1764471900].map((one) => `elapse ${String(one)}`)
  expect(readOverdue([...said, ...told].join('\n').replace('3:05', '*:0/15'))).toBe(overdue)
})

it('is not known to be overdue without a schedule', () => {
  expect(readOverdue('{"schema":"srv.snapshot/1"}\n')).toBeUndefined()
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

it('reads what a keeper says', () => {
  expect(readSchedule('')).toBeUndefined()
  const head = 'by system\nat 03:00\nnext 2026-11-28T03:00:00Z\n'
  const facts = { by: 'system', at: '03:00', next: '2026-11-28T03:00:00Z', running: false }
  expect(readSchedule(`${head}result success\nactive inactive\n`)).toEqual(facts)
  const last = (code: number): string =>
    `last {"at":"2026-11-27T03:00:00Z","seconds":3,"code":${String(code)},"note":"n"}\n`
  const at = '2026-11-27T03:00:00Z'
  expect(readSchedule(`${head}${last(9)}result exit-code\nactive failed\n`)).toEqual({
    ...facts,
    last: { at, ok: false, note: 'n' },
  })
  expect(readSchedule(`${head}${last(0)}result exit-code\nactive failed\n`)?.last).toEqual({
    at,
    ok: false,
    note: 'the unit failed after n: exit-code',
  })
})
