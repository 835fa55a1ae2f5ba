import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { letLeasesEnd } from '../support/chaos.ts'
import { cliProject, type Project } from '../support/cli-project.ts'
import { runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { Faults, type Stop } from '../support/faults.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'
import { wholeOf } from '../support/whole.ts'

type Step = readonly [when: string, on: 'web1' | 'nas', pattern: string, stop?: Stop]

/** What the host runs three times: to say what differs, to send that, and to say what differs by then. */
const sending = 'rsync --server --sender *'

/** What stands still when srv is killed: the next command of a backup on one of its machines, in the order in which they come. */
const steps: readonly Step[] = [
  ['its folder is made', 'nas', 'mkdir *.staging-*'],
  ['it is known what differs', 'web1', sending, { bytes: 100 }],
  ['the first copy is on its way', 'web1', sending, { bytes: 20_000, skip: 1 }],
  ['what was copied is put over the rest', 'nas', 'cp -al * --remove-destination *'],
  ['the first copy is in its place', 'nas', 'mv linked warm'],
  ['the app is held', 'web1', 'rm -f */held/native.open'],
  ['the second copy is on its way', 'web1', sending, { bytes: 100, skip: 2 }],
  ['the app runs again', 'web1', 'rm -f */held/native *'],
  ['the manifest is summed', 'nas', 'sha256sum *'],
  ['it is published', 'nas', 'ln -s *'],
  ['latest leads to it', 'nas', 'mv -fT *'],
  ['an older one goes', 'nas', 'rm -rf *.trash-*'],
]

describe.skipIf(!hasSshd || !hasPrograms('rsync', 'curl'))('a backup is cut off', () => {
  let faults: Readonly<Record<'web1' | 'nas', Faults>>
  let sshd: Sshd
  let project: Project
  let version = 0
  const service = (...parts: readonly string[]): string => project.host('web1').path(...parts)
  const vault = (...parts: readonly string[]): string => join(project.folder, 'tank/web1/app', ...parts)
  const ids = (): readonly string[] => readdirSync(vault()).filter((name) => /^\d{8}T\d{6}Z$/.test(name))

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }

  /** Everything about each snapshot. */
  const all = (): Readonly<Record<string, string>> => Object.fromEntries(ids().map((id) => [id, wholeOf(vault(id))]))

  function configure(consistency: string, dumps = ''): void {
    project.configure({
      head: `import { dump, rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false, keep: { last: 2 } })]`,
      instance: `backup: { consistency: '${consistency}', holdSeconds: 600, dumps: [${dumps}] },`,
    })
  }

  /** The app writes something new. */
  function write(): void {
    version++
    writeFileSync(service('data/words'), `version ${String(version)}`)
    writeFileSync(service('data/large'), Buffer.alloc(200_000, `${String(version)} of many words `))
  }

  /** Changes what a file is without its content: whoever wrote into what a dead run left would change it in older snapshots. */
  function touch(): void {
    const isSecret = (statSync(service('data/kept')).mode & 0o777) === 0o600
    chmodSync(service('data/kept'), isSecret ? 0o640 : 0o600)
    utimesSync(service('data/kept'), 1_700_000_000 + version, 1_700_000_000 + version)
  }

  /** `latest` is a good snapshot, and those of before are what they were. */
  function expectGood(before: Readonly<Record<string, string>>): void {
    expect(JSON.parse(readFileSync(vault('latest/snapshot.json'), 'utf8'))).toMatchObject({ state: 'good' })
    expect(ids()).toContain(readlinkSync(vault('latest')))
    const now = all()
    const both = Object.keys(before).filter((id) => id in now)
    expect(both.length).toBeGreaterThan(0)
    for (const id of both) expect(now[id], id).toBe(before[id])
  }

  /** The next run makes a good snapshot of what there is now, the app runs, and nothing is left. */
  async function expectNext(): Promise<void> {
    const before = all()
    touch()
    await srv(0, 'backup', 'production')
    expectGood(before)
    expect(readFileSync(vault('latest/data/words'), 'utf8')).toBe(`version ${String(version)}`)
    expect(ids()).toHaveLength(2)
    expect(readdirSync(vault()).filter((name) => name.startsWith('.') && name !== '.lock')).toEqual([])
    expect(await project.host('web1').page()).toMatchObject({ version: 'first' })
    expect(project.host('web1').processes()).toHaveLength(1)
    expect(readdirSync(service('.srv/held'))).toEqual(['.lock'])
    expect(readdirSync(service('.srv/timer'))).toEqual(['log'])
  }

  beforeAll(async () => {
    const addresses = ['127.9.23.1', '127.9.23.2']
    faults = { web1: new Faults(), nas: new Faults() }
    sshd = await startSshd({ addresses, matches: [...faults.web1.at('127.9.23.1'), ...faults.nas.at('127.9.23.2')] })
    project = cliProject(sshd, { web1: {}, nas: {} })
    configure('stop')
    project.app.commit('first')
    mkdirSync(service('data'), { recursive: true })
    writeFileSync(service('data/kept'), 'the same all the time')
    await srv(0, 'deploy', 'production')
    for (let made = 0; made < 2; made++) {
      write()
      await srv(0, 'backup', 'production')
    }
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
    for (const one of Object.values(faults)) one.remove()
  })

  /** Starts a backup, does something where a command stands still, and tells how the run ended. */
  async function cutAt(
    [, on, pattern, stop]: Step,
    cut: (stopped: number, srv: number) => void | Promise<void>,
  ): Promise<Outcome> {
    faults[on].stopAt(pattern, stop)
    const running = project.start(['backup', 'production', '--host', 'web1', '--json'])
    const early = running.outcome.then((outcome) => expect.fail(transcript(outcome)))
    early.catch(() => undefined)
    try {
      const stopped = await Promise.race([faults[on].reached(), early])
      await cut(stopped, running.child.pid ?? 0)
      return await running.outcome
    } finally {
      running.child.kill('SIGKILL')
    }
  }

  it.for(steps)('when srv is killed before %s', async (step) => {
    write()
    const before = all()
    const { code } = await cutAt(step, async (_stopped, srv) => {
      // It is held for the second copy alone.
      if (step[0] === 'the first copy is on its way') {
        expect(await project.host('web1').page()).toMatchObject({ version: 'first' })
      }
      process.kill(srv, 'SIGKILL')
    })
    expect(code).toBe('SIGKILL')
    letLeasesEnd(project)
    expectGood(before)
    await expectNext()
  })

  it.each([
    ['first', 'host', { bytes: 20_000, skip: 1 }],
    ['first', 'keeper', { bytes: 20_000, skip: 1 }],
    ['second', 'host', { bytes: 100, skip: 2 }],
    ['second', 'keeper', { bytes: 100, skip: 2 }],
  ] as const)('when the rsync of the %s copy is killed on the %s', async (_copy, where, stop) => {
    write()
    const before = all()
    const outcome = await cutAt(['', 'web1', sending, stop], (stopped) => {
      for (const pid of where === 'host' ? [stopped] : receivers()) process.kill(pid, 'SIGKILL')
    })
    expect(outcome.code, transcript(outcome)).toBe(10)
    expect(runEnd(outcome).errors.map(({ code }) => code)).toEqual(['SRV-640'])
    expectGood(before)
    expect(await project.host('web1').page()).toMatchObject({ version: 'first' })
    await expectNext()
  })

  /** Process ids of every rsync that works for the keeper. */
  function receivers(): readonly number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && commandOf(name).includes(`srv:${service('data')}/`))
      .map(Number)
  }

  function commandOf(pid: string): readonly string[] {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      return words[0]?.endsWith('rsync') === true ? words : []
    } catch {
      // Gone by now.
      return []
    }
  }

  it('when srv is killed in the second copy, the app being frozen', async () => {
    configure('pause')
    write()
    const before = all()
    await cutAt(['', 'web1', sending, { bytes: 100, skip: 2 }], (_stopped, srv) => {
      process.kill(srv, 'SIGKILL')
    })
    letLeasesEnd(project)
    expectGood(before)
    await expectNext()
  })
  it.for<Step>([
    ['a dump is made', 'web1', 'awk BEGIN*'],
    ['the dumps are on their way', 'web1', sending, { bytes: 100 }],
    ['the dumps are removed', 'web1', 'rm -rf */.dumps-*', { skip: 1 }],
  ])('when srv is killed before %s', async (step) => {
    configure('stop', `dump({ name: 'words', command: 'awk "BEGIN { print 1234 }" /dev/null' })`)
    write()
    const before = all()
    await cutAt(step, (_stopped, srv) => {
      process.kill(srv, 'SIGKILL')
    })
    letLeasesEnd(project)
    expectGood(before)
    await expectNext()
    expect(readFileSync(vault('latest/dumps/words.dump'), 'utf8')).toBe('1234\n')
    expect(readdirSync(service()).filter((name) => name.startsWith('.dumps'))).toEqual([])
  })
})
