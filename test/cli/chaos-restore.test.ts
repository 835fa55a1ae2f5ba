import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { letLeasesEnd } from '../support/chaos.ts'
import { cliProject, type Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { Faults, type Stop } from '../support/faults.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

/** What stands still when srv is killed: the next command of a restore on the host, in the order in which they come. */
const untilProved: readonly (readonly [when: string, pattern: string, stop?: Stop])[] = [
  ['the snapshot is brought', 'rsync --server *'],
  ['it is said that a restore begins', 'mv -f */restore/open.new *'],
  ['the timer is set', 'mv -f */timer/run.new *'],
  ['the app is stopped', 'rm -f */held/native.open'],
  ['the database is dumped', 'mv -f */dumps.before-*.part *'],
  ['the data of before are moved', 'mv -T */data */data.before-*'],
  ['those of the snapshot are moved', 'mv -T */.restore-*/data */data'],
  ['the database is loaded', 'mv -f */db.new */db'],
  ['the app is asked how it is', 'curl *'],
  // The first such command is that of the beginning, which looks after dead runs.
  ['the timer is to be taken away', 'rm -f */restore/open *', { skip: 1 }],
]

describe.skipIf(!hasSshd || !hasPrograms('rsync', 'curl'))('srv is killed while it restores', () => {
  let faults: Faults
  let sshd: Sshd
  let project: Project
  const service = (...parts: readonly string[]): string => project.host('web1').path(...parts)

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  const warnings = (outcome: Outcome): readonly unknown[] =>
    eventsOf(outcome).flatMap(({ type, message }) => (type === 'warning' ? [message] : []))

  /** What the app writes, in its files and in its database. */
  function write(words: string): void {
    writeFileSync(service('data/words'), words)
    writeFileSync(service('db'), words)
  }

  /** Kills srv where a command stands still, and tells the id of its run. */
  async function killAt(args: readonly string[], pattern: string, stop?: Stop): Promise<void> {
    faults.stopAt(pattern, stop)
    const running = project.start([...args, '--host', 'web1', '--json'])
    const early = running.outcome.then((outcome) => expect.fail(transcript(outcome)))
    early.catch(() => undefined)
    try {
      await Promise.race([faults.reached(), early])
    } finally {
      running.child.kill('SIGKILL')
    }
    await running.outcome
    letLeasesEnd(project)
  }
  const restore = ['restore', 'production', '--confirm', 'app@web1'] as const

  /** The host has done all that it does by itself, when there was anything to do. */
  async function expectEnded(): Promise<void> {
    const isOpen = (): boolean => ['restore/open', 'timer/run'].every((one) => existsSync(service('.srv', one)))
    await expect.poll(isOpen, { timeout: 60_000, interval: 100 }).toBe(false)
  }

  /** One app runs, with these data and this database, and nothing is left of what was under way. */
  async function expectWhole(words: string, version = 'first'): Promise<void> {
    await expect.poll(() => project.host('web1').page(), { timeout: 30_000 }).toMatchObject({ version })
    // A health check that was asked may take its time to end.
    await expect.poll(() => project.host('web1').processes(), { timeout: 30_000 }).toHaveLength(1)
    expect([readFileSync(service('data/words'), 'utf8'), readFileSync(service('db'), 'utf8')]).toEqual([words, words])
  }

  function configure(settings = ''): void {
    const db = service('db')
    project.configure({
      head: `import { dump, rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false })]`,
      instance: `backup: { dumps: [dump({ name: 'db', command: 'cat ${db}', load: 'cat >${db}.new; mv -f ${db}.new ${db}' })], ${settings} },`,
    })
  }

  beforeAll(async () => {
    faults = new Faults()
    const addresses = ['127.9.22.1', '127.9.22.2']
    sshd = await startSshd({ addresses, matches: faults.at('127.9.22.1') })
    project = cliProject(sshd, { web1: {}, nas: {} })
    configure()
    project.app.commit('first')
    mkdirSync(service('data'), { recursive: true })
    await srv(0, 'deploy', 'production')
    write('of the snapshot')
    await srv(0, 'backup', 'production')
    write('what came since')
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
    faults.remove()
  })

  it.for(untilProved)('when %s, and the host goes on with the data of before', async ([, pattern, stop]) => {
    await killAt(restore, pattern, stop)
    await expectEnded()
    await expectWhole('what came since')
  })

  it('that is: the rsync that brings the snapshot, and nothing was touched', async () => {
    faults.stopAt('rsync --server *', { bytes: 100 })
    const running = project.start([...restore, '--host', 'web1', '--json'])
    process.kill(await faults.reached(), 'SIGKILL')
    const outcome = await running.outcome
    expect(outcome.code, transcript(outcome)).toBe(10)
    expect(runEnd(outcome).errors.map(({ code }) => code)).toEqual(['SRV-645'])
    expect(readdirSync(service()).filter((name) => name.startsWith('.restore-'))).toEqual([])
    await expectWhole('what came since')
  })

  it('and the next run tells what the host did', async () => {
    await killAt(restore, 'mv -f */db.new */db')
    await expectEnded()
    const said = /^run \S+ was cut off while it restored data: since \S+ the previous data is back$/
    const { instances } = JSON.parse((await srv(0, 'status', 'production')).stdout)
    expect(instances[0].drift).toEqual([expect.stringMatching(said)])
    expect(warnings(await srv(0, 'backup', 'production', '--dry-run'))).toEqual([])
    expect(warnings(await srv(0, 'backup', 'production'))).toEqual([
      expect.stringMatching(new RegExp(said.source.replace('^', '^app: '))),
    ])
    expect(JSON.parse((await srv(0, 'status', 'production')).stdout).instances[0].drift).toEqual([])
  })

  it('and the next run does it where the host did not', async () => {
    write('of the snapshot')
    await srv(0, 'backup', 'production')
    write('what came since')
    await killAt(restore, 'mv -T */.restore-*/data */data')
    // As after a restart of a machine without systemd: nobody watches there.
    process.kill(-Number(readFileSync(service('.srv/timer/pid'), 'utf8')), 'SIGKILL')
    expect(existsSync(service('data'))).toBe(false)
    const { instances } = JSON.parse((await project.srv(['status', 'production', '--host', 'web1', '--json'])).stdout)
    expect(instances[0].drift).toEqual([
      expect.stringMatching(/^run \S+ is restoring data: if it dies, the host puts the previous data back$/),
    ])
    expect(warnings(await srv(0, ...restore))).toEqual([
      'app: what a run that was cut off had stopped or frozen was brought back up',
      expect.stringMatching(/^app: run \S+ was cut off while it restored data: since \S+ the previous data is back$/),
    ])
    await expectWhole('of the snapshot')
    expect(existsSync(service('.srv/timer/run'))).toBe(false)
    const left = readdirSync(service()).filter((name) => name.startsWith('.restore-'))
    expect(left).toEqual([])
  })

  it('behind the proof, and what was restored stays', async () => {
    write('what came since')
    await killAt(restore, 'rm -f */timer/how *')
    await expectWhole('of the snapshot')
    await srv(0, 'backup', 'production')
    expect(existsSync(service('.srv/timer/run'))).toBe(false)
    await expectWhole('of the snapshot')
  })

  it('in a rollback with data, and each release has the data that belong to it', async () => {
    configure(`beforeDeploy: true,`)
    write('of the first one')
    project.app.commit('second')
    await srv(0, 'deploy', 'production')
    write('of the second one')
    const rollback = ['rollback', 'production', '--with-data'] as const
    await killAt(rollback, 'mv -T */.restore-*/data */data')
    await expectEnded()
    await expectWhole('of the second one', 'second')
    await killAt(rollback, 'curl *')
    await expectEnded()
    await expectWhole('of the first one', 'first')
    const { instances } = JSON.parse((await srv(0, 'status', 'production')).stdout)
    expect(instances[0].drift).toContainEqual(
      expect.stringMatching(/ the release that it went back to serves, with the data that belongs to it$/),
    )
  })
})
