import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('schedules that were installed', () => {
  let sshd: Sshd
  let project: Project
  const home = (tank: string): string => join(project.folder, tank, '.srv/web1/app')

  /** What `srv schedule install` and a run leave on a keeper with cron. */
  function installed(tank: string, code: number, note: string, run: string): void {
    mkdirSync(home(tank), { recursive: true })
    writeFileSync(join(home(tank), 'by'), 'cron 03:00\n')
    const last = { schema: 'srv.schedule.last/1', at: '2026-11-22T03:00:00Z', seconds: 2, code, note }
    writeFileSync(join(home(tank), 'last'), `${JSON.stringify(last)}\n`)
    writeFileSync(join(home(tank), 'run'), run)
  }

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv(args)
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }

  const gone = 'its line in the crontab is gone'
  const row = (tank: string, ok: boolean, note: string): unknown => ({
    service: 'app',
    host: 'web1',
    on: 'nas',
    folder: home(tank),
    wanted: true,
    schedule: {
      by: 'cron',
      at: '03:00',
      running: false,
      last: { at: '2026-11-22T03:00:00Z', ok, note },
      problem: gone,
    },
  })
  const none = (): unknown => ({
    service: 'app',
    host: 'web1',
    on: 'nas',
    folder: home('three'),
    wanted: true,
    schedule: null,
  })

  /** A snapshot that the keeper has, made so many hours before `by` was written, which was so many hours ago. */
  function kept(tank: string, hours: number, installedHours: number): void {
    const id = new Date(Date.now() - hours * 3_600_000).toISOString().replaceAll(/[-:]|\.\d+/g, '')
    const snapshot = join(project.folder, tank, 'web1/app', id)
    mkdirSync(snapshot, { recursive: true })
    const facts = { host: 'web1', service: 'app', state: 'good', pinned: false, release: '', startedAt: '', note: '' }
    const sizes = { files: 1, bytes: 1, newFiles: 1, newBytes: 1, checksum: 'md5', manifest: '' }
    const line = JSON.stringify({ schema: 'srv.snapshot/1', id, ...facts, ...sizes })
    writeFileSync(join(snapshot, 'snapshot.json'), `${line}\n`)
    const at = Date.now() / 1000 - installedHours * 3600
    utimesSync(join(home(tank), 'by'), at, at)
  }

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.15.1', '127.9.15.2'] })
    project = cliProject(sshd, { web1: {}, nas: {} })
    const to = ['one', 'two', 'three'].map((tank) => `'nas:${join(project.folder, tank)}'`).join(', ')
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: [${to}], schedule: { at: '03:00' } })]`,
    })
    installed('one', 10, 'the disk is full', `echo one; echo 'the disk is full' >&2; exit 10\n`)
    installed('two', 0, 'snapshot 20261122T030000Z', 'echo two\n')
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it('offer nothing in their help that is only for deploys', async () => {
    for (const words of [['schedule'], ['schedule', 'install']]) {
      const { stdout } = await project.srv([...words, '--help'])
      expect([stdout.includes('--dry-run'), stdout.includes('--force')]).toEqual([true, false])
    }
  })

  it('are not said to be by systemd before anybody was asked', async () => {
    const { stdout } = await project.srv(['schedule', 'install', 'production', '--host', 'web1', '--dry-run', '--json'])
    expect(stdout).toMatch(/nas would back up app by systemd, srv-[^,]*[.]timer, or by cron where it has none/)
  })

  it('are listed with what became of them, from one command on their keeper', async () => {
    const before = sshd.logins()
    const { stdout } = await srv(10, 'schedule', 'list', 'production', '--host', 'web1', '--json')
    expect(JSON.parse(stdout)).toEqual({
      schema: 'srv.schedules/1',
      environment: 'production',
      schedules: [row('one', false, 'the disk is full'), row('two', true, 'snapshot 20261122T030000Z'), none()],
      errors: [],
    })
    expect(sshd.logins() - before).toBe(1)
  })

  it('are in the status of their service, which fails with one that failed', async () => {
    const before = sshd.logins()
    const { stdout } = await srv(10, 'status', 'production', '--host', 'web1', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      schedules: [row('one', false, 'the disk is full'), row('two', true, 'snapshot 20261122T030000Z'), none()],
    })
    expect(sshd.logins() - before).toBe(2)
    const shown = await srv(10, 'status', 'production', '--host', 'web1')
    const [head, ...rows] = shown.stdout.slice(shown.stdout.indexOf('SCHEDULE')).split('\n')
    expect(head).toMatch(/^SCHEDULE +HOST +ON +STATE +NOTE$/)
    expect(rows).toEqual([
      expect.stringMatching(/^app +web1 +nas +off, failed .+ ago +its line in the crontab is gone; the disk is full$/),
      expect.stringMatching(/^app +web1 +nas +off +its line in the crontab is gone; snapshot 20261122T030000Z$/),
      expect.stringMatching(/^app +web1 +nas +not installed$/),
      '',
    ])
    const listed = await srv(10, 'schedule', 'list', 'production', '--host', 'web1')
    expect(listed.stdout).toMatch(
      /\napp +web1 +nas +cron +never +.+ ago +ok +its line in the crontab is gone; snapshot/,
    )
  })

  it('are missed when the newest good snapshot is older than two of their times', async () => {
    // Nothing was missed that was before the schedule.
    kept('one', 2000, 1)
    kept('two', 60, 3000)
    const { stdout } = await srv(10, 'status', 'production', '--host', 'web1', '--json')
    const { backups } = JSON.parse(stdout) as { readonly backups: readonly { readonly overdue: boolean | null }[] }
    // Nobody knows since when there should be any in the third one.
    expect(backups.map(({ overdue }) => overdue)).toEqual([false, true, null])
    const shown = await srv(10, 'status', 'production', '--host', 'web1')
    expect(shown.stdout).toMatch(
      /\nSERVICE +HOST +BACKUP .+\napp +web1 +83 days +never .+\napp +web1 +2 days, overdue +never .+\n/,
    )
  })

  it('are all run, also when the first one fails', async () => {
    const outcome = await srv(10, 'schedule', 'run', 'production', '--host', 'web1')
    expect(outcome.stdout).toBe(
      [
        'app@web1  one',
        'app@web1  the disk is full',
        'app@web1  two',
        'app@web1  no schedule is installed there',
        '',
      ].join('\n'),
    )
    const failed = (problem: string): string => `The scheduled backup of app of web1 failed on nas: ${problem}.`
    expect(outcome.stderr).toContain(failed('one'))
    expect(outcome.stderr).toContain(`! ${failed('no schedule is installed there')}\n`)
  })

  it('are removed once, and then there is nothing to remove', async () => {
    const remove = async (): Promise<unknown> => {
      const outcome = await srv(0, 'schedule', 'remove', 'production', '--host', 'web1', '--json')
      const { status, counts } = runEnd(outcome)
      const reasons = eventsOf(outcome).flatMap((event) => (event.type === 'step.end' ? [event.reason] : []))
      return { status, changed: counts.changed, ok: counts.ok, reasons }
    }
    expect(await remove()).toEqual({ status: 'ok', changed: 1, ok: 0, reasons: [undefined] })
    const reasons = ['there was no schedule: nothing was removed']
    expect(await remove()).toEqual({ status: 'unchanged', changed: 0, ok: 1, reasons })
  })

  it('are refused where the disk of their keeper is not mounted, and so is a backup', async () => {
    const disk = join(project.folder, 'disk')
    const configure = (mountpoint: string): void => {
      project.configure({
        head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
        plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${disk}/srv', mountpoint: '${mountpoint}' }, acls: false, xattrs: false, schedule: { at: '03:00' } })]`,
      })
    }
    const data = project.host('web1').path('data')
    mkdirSync(data, { recursive: true })
    writeFileSync(join(data, 'file'), 'one')
    configure(disk)
    const backup = await srv(10, 'backup', 'production', '--host', 'web1', '--json')
    expect(runEnd(backup).errors.map(({ code, message, hint }) => ({ code, message, hint }))).toEqual([
      {
        code: 'SRV-640',
        message: `The data of app on web1 could not be copied to nas:${disk}/srv/web1/app: ${disk} is not mounted. No snapshot was made there; older ones are unchanged.`,
        hint: 'Mount it there, then: srv backup production app. If it need not be a mount point, take `mountpoint` out of the config.',
      },
    ])
    const install = await srv(9, 'schedule', 'install', 'production', '--host', 'web1', '--json')
    expect(runEnd(install).errors.map(({ code, message, hint }) => ({ code, message, hint }))).toEqual([
      {
        code: 'SRV-670',
        message: `nas cannot be set up to back up app of web1 by itself: ${disk} is not mounted. No new schedule was left behind.`,
        hint: 'Mount it on nas, then: srv schedule install production app. If it need not be a mount point, take `mountpoint` out of the config.',
      },
    ])
    expect(existsSync(disk)).toBe(false)
    configure(join(disk, 'elsewhere'))
    const refused = await srv(2, 'backup', 'production', '--host', 'web1', '--json')
    expect(refused.stdout).toContain('must be the folder where snapshots go, or one above it')
    configure('/')
    await srv(0, 'backup', 'production', '--host', 'web1')
  })

  it('are none where the config has none, which is said', async () => {
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: 'nas:${join(project.folder, 'four')}' })]`,
    })
    const outcome = await srv(0, 'schedule', 'install', 'production', '--host', 'web1', '--json')
    const warnings = eventsOf(outcome).flatMap(({ type, message }) => (type === 'warning' ? [message] : []))
    expect(warnings).toEqual([
      "nothing was installed: the config has no schedule, as in rsyncBackup({ schedule: { at: '03:00' } })",
    ])
    expect(existsSync(join(project.folder, 'four'))).toBe(false)
  })
})
