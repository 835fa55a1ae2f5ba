import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { optionsSchema } from '../../../plugins/rsync-backup/options.ts'
import { prepareKeeper, whyNot } from '../../../plugins/rsync-backup/schedule/keeper.ts'
import { siteOf } from '../../../plugins/rsync-backup/schedule/site.ts'
import { causeOf, meaning } from '../../../plugins/rsync-backup/scripts/meaning.ts'
import { vaultsOf } from '../../../plugins/rsync-backup/vault.ts'
import { lines, raw, srvError } from '../../../src/index.ts'
import { render } from '../../../src/shell/script.ts'

const kept = { service: 'shop', host: 'web1', where: 'nas:/tank/web1/shop' }

/** What is said of a copy that was not made. */
function uncopied(problem: string): readonly string[] {
  const { message, hint } = srvError('SRV-640', { ...kept, problem, ...causeOf(problem) })
  return [message, hint]
}

/** What is said of a schedule that was not installed. */
function uninstalled(problem: string): readonly string[] {
  const details = { service: 'shop', host: 'web1', keeper: 'nas', problem, ...whyNot(problem) }
  const { message, hint } = srvError('SRV-670', details)
  return [message, hint]
}

const room =
  'To see which older snapshots `keep` would remove: srv prune <environment> shop --dry-run. To remove what failed runs have copied so far: srv prune <environment> shop --unfinished. Otherwise that disk needs more room.'

test.each([
  [meaning(11, 'rsync: [receiver] write failed on "x": No space left on device (28)'), room],
  ['mkdir: cannot create directory /tank/web1: Disk quota exceeded', room],
  [
    '/tank is not mounted',
    'Mount it there, then: srv backup <environment> shop. If it need not be a mount point, take `mountpoint` out of the config.',
  ],
  [
    'rsync ended with exit code 12',
    '`-v` shows the output of rsync. The next run reuses what was copied so far; to remove it: srv prune <environment> shop --unfinished',
  ],
])('a copy that was not made, as %s, says what helps', (problem, hint) => {
  expect(uncopied(problem)).toEqual([
    `The data of shop on web1 could not be copied to nas:/tank/web1/shop: ${problem}. No snapshot was made there; older ones are unchanged.`,
    hint,
  ])
})

/** What a keeper says whose programs and systemd are those that the text before it defines. */
function saidBy(tools: string): string {
  const { to } = optionsSchema.parse({ to: 'nas:/nowhere' })
  const place = { host: { name: 'web1', kind: 'ssh' }, service: { name: 'shop' } } as const
  const [vault] = vaultsOf({ to }, place, '/')
  if (vault === undefined) throw new Error('there is no vault')
  const site = siteOf({ ...place, paths: { state: '/srv/shop/.srv' } }, vault)
  const script = lines(raw(`set -e\n${tools}`), prepareKeeper(site, '03:00'))
  return spawnSync('/bin/sh', ['-s'], { input: render(script, () => ''), encoding: 'utf8' }).stderr.trim()
}

// It is not root, may not use sudo, and does not linger, whatever the machine of the tests has.
const without = 'id() { echo deploy; }\nsudo() { return 1; }\ncommand() { case $2 in crontab) return 1 ;; esac; }'

test('a keeper without systemd and cron is said to need one of them', () => {
  const problem = saidBy(without)
  expect(problem).toBe('deploy may use neither systemd nor cron there')
  expect(uninstalled(problem)).toEqual([
    'nas cannot be set up to back up shop of web1 by itself: deploy may use neither systemd nor cron there. No new schedule was left behind.',
    'Install cron on nas and start it, or let that user use systemd, by `sudo -n` or `loginctl enable-linger`. Or let cron run srv backup on a machine that reaches both.',
  ])
})

test.each([
  [
    'cron cannot express the time Mon *-*-* 03:00/2',
    "Set `at` of `schedule` to '03:00', or to an expression that `systemd-analyze calendar` reads; cron knows fewer of them: hourly, daily, weekly, monthly, 'Mon,Thu *-*-* 03:00' and '*-*-01 03:00'.",
  ],
  [
    '/tank is not mounted',
    'Mount it on nas, then: srv schedule install <environment> shop. If it need not be a mount point, take `mountpoint` out of the config.',
  ],
  [
    'it cannot reach deploy@web1 port 22 directly (Connection refused)',
    "The keeper must be able to reach the host directly. At another address: `schedule: { from: { web1: 'user@address:port' } }`. Or let cron run srv backup on a machine that reaches both.",
  ],
  [
    'there is no ssh-keygen on nas',
    '`-v` shows all output. Once that is mended: srv schedule install <environment> shop',
  ],
])('a schedule that was not installed, as %s, says what helps', (problem, hint) => {
  expect(uninstalled(problem)).toEqual([
    `nas cannot be set up to back up shop of web1 by itself: ${problem}. No new schedule was left behind.`,
    hint,
  ])
})
