import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('srv restore of a service with two instances on a host', () => {
  let sshd: Sshd
  let project: Project
  let otherData = ''
  const data = (name: string): string => project.host('web1').path('data', name)
  const kept = (): readonly string[] =>
    readdirSync(project.host('web1').path()).filter((name) => name.startsWith('data.before-'))

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }

  /** The steps that ended, in order: target, task and how. */
  const endedIn = (outcome: Outcome): readonly string[] =>
    eventsOf(outcome)
      .filter(({ type }) => type === 'step.end')
      .map(({ target, task, status }) => `${String(target)} ${String(task)} ${String(status)}`)

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.12.3', '127.9.12.4'] })
    project = cliProject(sshd, { web1: {}, nas: {} })
    otherData = join(project.host('web1').root, 'other/data')
    const worker = `worker: {
      kind: 'native',
      start: process({ exec: 'exec sleep 100000' }),
      health: command('! grep -q bad "$SRV_DATA/file"', { samples: 2, intervalMs: 100, timeoutMs: 2000 }),`
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false })]`,
      instance: `}, ${worker}`,
      services: `other: {
        repository: './app',
        instances: { native: { kind: 'native', start: process({ exec: 'exec sleep 100000' }) } },
      },`,
    })
    mkdirSync(project.host('web1').path('data'), { recursive: true })
    writeFileSync(data('file'), 'good')
    mkdirSync(otherData, { recursive: true })
    writeFileSync(join(otherData, 'file'), 'kept')
    project.app.commit('one')
    await srv(0, 'deploy', 'production')
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it('puts the data of before back when the second one is not healthy with what was restored', async () => {
    writeFileSync(data('file'), 'bad')
    await srv(0, 'backup', 'production', 'app')
    writeFileSync(data('file'), 'good since')
    const outcome = await srv(5, 'restore', 'production', 'app', '--confirm', 'app@web1')
    expect(readFileSync(data('file'), 'utf8')).toBe('good since')
    expect(kept()).toEqual([])
    expect(eventsOf(outcome).flatMap(({ type, message }) => (type === 'warning' ? [message] : []))).toEqual([
      `the previous data of app is back in ${project.host('web1').path('data')}`,
    ])
    expect(runEnd(outcome).serving).toMatchObject({
      'app/native@web1': { state: 'unchanged' },
      'app/worker@web1': { state: 'unchanged' },
    })
    expect(endedIn(outcome)).toEqual([
      'app/native@web1 backup:stage changed',
      'app/native@web1 backup:swap changed',
      'app/native@web1 health ok',
      'app/worker@web1 health failed',
    ])
  })

  it('does not take an instance that does not stand for the data for one without any', async () => {
    for (const args of [
      ['backup'],
      ['verify'],
      ['prune'],
      ['restore', '--confirm', 'app@web1'],
      ['schedule', 'install'],
    ]) {
      const outcome = await srv(2, ...args, 'production', 'app/worker')
      expect(outcome.stdout + outcome.stderr).toContain(
        'All instances of app share one data folder, which is handled through app/native',
      )
    }
    await srv(0, 'backup', 'production', 'app/worker', 'app')
    await srv(0, 'restart', 'production', 'app/worker')
  })

  it('asks both before it keeps what was restored', async () => {
    writeFileSync(data('file'), 'good')
    await srv(0, 'backup', 'production', 'app')
    writeFileSync(data('file'), 'lost')
    const outcome = await srv(0, 'restore', 'production', 'app', '--confirm', 'app@web1')
    expect(readFileSync(data('file'), 'utf8')).toBe('good')
    expect(endedIn(outcome)).toEqual([
      'app/native@web1 backup:stage changed',
      'app/native@web1 backup:swap changed',
      'app/native@web1 health ok',
      'app/worker@web1 health ok',
      'app/native@web1 backup:settle changed',
    ])
  })

  it('keeps what was restored of another service, whose instances are content', async () => {
    writeFileSync(data('file'), 'bad')
    await srv(0, 'backup', 'production')
    writeFileSync(data('file'), 'good again')
    writeFileSync(join(otherData, 'file'), 'lost')
    const outcome = await srv(5, 'restore', 'production', '--confirm', 'app@web1,other@web1')
    expect([readFileSync(data('file'), 'utf8'), readFileSync(join(otherData, 'file'), 'utf8')]).toEqual([
      'good again',
      'kept',
    ])
    expect(runEnd(outcome).errors.map(({ where }) => where.instance ?? where.host)).not.toContain('other/native')
    const open = (service: string): string => join(project.host('web1').root, service, '.srv/restore/open')
    expect([existsSync(open('app')), existsSync(open('other'))]).toEqual([false, false])
  })
})
