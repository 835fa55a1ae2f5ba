import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { env } from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keepSchema } from '../../../plugins/rsync-backup/retention/policy.ts'
import { raw } from '../../../src/shell/script.ts'
import { quietOf } from '../../../src/run/hold/hold.ts'
import { holdNative } from '../../../tasks/hold.ts'
import { restart } from '../../../tasks/restart.ts'
import { stop } from '../../../tasks/stop.ts'
import { Faults, type Stop } from '../../support/faults.ts'
import { isRunning } from '../../support/processes.ts'
import { hasPrograms } from '../../support/programs.ts'
import { hasSshd } from '../../support/sshd.ts'
import { wholeOf } from '../../support/whole.ts'
import { asProcess } from '../tasks/deployed.ts'
import { contextAt, nextAt } from '../tasks/site.ts'
import { done, folder, ids, install, last, made, setUp, tearDown, type Made } from './scheduled.ts'

type Step = readonly [when: string, on: 'host' | 'keeper', pattern: string, stop?: Stop]

/** What the host runs: to send the dumps, to say what differs, to send that, to say what differs by then. */
const sending = 'rsync --server --sender *'

/** What stands still when the run is killed: the next command on one of the two machines, in the order in which they come. */
const steps: readonly Step[] = [
  ['its folder is made', 'keeper', 'mkdir *.staging-*'],
  ['a dump is made', 'host', 'awk BEGIN*'],
  ['the dumps are on their way', 'host', sending, { bytes: 100 }],
  ['the first copy is on its way', 'host', sending, { bytes: 20_000, skip: 2 }],
  ['what was copied is put over the rest', 'keeper', 'cp -al * --remove-destination *'],
  ['the app is held', 'host', 'rm -f */held/native.open'],
  ['the second copy is on its way', 'host', sending, { bytes: 100, skip: 3 }],
  ['the app runs again', 'host', 'rm -f */held/native *'],
  ['the manifest is summed', 'keeper', 'sha256sum *'],
  ['it is published', 'keeper', 'mv */.staging-*'],
  ['latest is made', 'keeper', 'ln -s *'],
  ['an older one goes', 'keeper', 'rm -rf *.trash-*'],
  ['its end is written down', 'keeper', 'mv -f */last.new *'],
]

/** A run that was started. */
interface Run {
  readonly pid: number
  readonly ended: Promise<{ readonly code: number | string | null; readonly said: string }>
}

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('a scheduled backup is cut off', () => {
  let faults: Readonly<Record<'host' | 'keeper', Faults>>
  let nightly: Made
  let version = 0
  const service = (...parts: readonly string[]): string => join(nightly.paths.service, ...parts)
  const vault = (...parts: readonly string[]): string => join(nightly.vault.base, ...parts)
  const all = (): Readonly<Record<string, string>> =>
    Object.fromEntries(ids(nightly).map((id) => [id, wholeOf(vault(id))]))
  const leader = (): number => Number(readFileSync(service('.srv/native/pid'), 'utf8').split('\n')[0])

  /** Does what a timer does, in a process group of its own. */
  function start(): Run {
    const child = spawn('/bin/sh', [join(nightly.site.home, 'run')], {
      env: {
        PATH: `${folder}/tools:${faults.keeper.folder}/bin:${env['PATH'] ?? ''}`,
        HOME: join(folder, 'home'),
        TMPDIR: join(folder, 'tmp'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (part: string) => (said += part))
    }
    if (child.pid === undefined) throw new Error('the shell did not start')
    const ended = new Promise<{ readonly code: number | string | null; readonly said: string }>((resolve) => {
      child.on('exit', (code, signal) => {
        resolve({ code: signal ?? code, said })
      })
    })
    return { pid: child.pid, ended }
  }

  /** The app writes something new, and a file becomes another without its content. */
  function write(): void {
    version++
    writeFileSync(service('data/words'), `version ${String(version)}`)
    writeFileSync(service('data/large'), Buffer.alloc(200_000, `${String(version)} of many words `))
    const isSecret = (statSync(service('data/kept')).mode & 0o777) === 0o600
    chmodSync(service('data/kept'), isSecret ? 0o640 : 0o600)
    utimesSync(service('data/kept'), 1_700_000_000 + version, 1_700_000_000 + version)
  }

  /** `latest` is a good snapshot, and those of before are what they were. */
  function expectGood(before: Readonly<Record<string, string>>): void {
    expect(JSON.parse(readFileSync(vault('latest/snapshot.json'), 'utf8'))).toMatchObject({ state: 'good' })
    expect(ids(nightly)).toContain(readlinkSync(vault('latest')))
    const now = all()
    const both = Object.keys(before).filter((id) => id in now)
    expect(both.length).toBeGreaterThan(0)
    for (const id of both) expect(now[id], id).toBe(before[id])
  }

  /** The host has brought the app back, and ended the lease. */
  async function expectServes(): Promise<void> {
    await expect.poll(() => existsSync(service('.srv/lease')), { timeout: 30_000, interval: 50 }).toBe(false)
    expect(isRunning(leader())).toBe(true)
    expect(readdirSync(service('.srv/held'))).toEqual(['.lock'])
    expect(readdirSync(service('.srv/timer'))).toEqual(['log'])
    expect(readdirSync(service()).filter((name) => name.startsWith('.dumps'))).toEqual([])
  }

  /** There is a good snapshot of what there is now, and nothing else is left. */
  function expectMade(before: Readonly<Record<string, string>>): void {
    expectGood(before)
    expect(readFileSync(vault('latest/data/words'), 'utf8')).toBe(`version ${String(version)}`)
    expect(readFileSync(vault('latest/dumps/words.dump'), 'utf8')).toBe('1234\n')
    expect(ids(nightly)).toHaveLength(2)
    expect(readdirSync(vault()).filter((name) => name.startsWith('.') && name !== '.lock')).toEqual([])
    expect(last(nightly)).toMatchObject({ code: 0 })
  }

  /** The next run succeeds. */
  async function expectNext(): Promise<void> {
    const before = all()
    // Two are never named after the same second.
    const now = (): string => new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
    await expect.poll(now, { timeout: 5000, interval: 50 }).not.toBe(ids(nightly).toSorted().at(-1))
    const { code, said } = await start().ended
    expect(code, said).toBe(0)
    expectMade(before)
    await expectServes()
  }

  /** Process ids of every rsync of a run. */
  function receivers(group: number): readonly number[] {
    const rows = execFileSync('ps', ['-A', '-o', 'pid=,pgid=,comm='], { encoding: 'utf8' }).split('\n')
    return rows
      .map((row) => row.trim().split(/ +/))
      .flatMap(([pid, of, name]) => (Number(of) === group && name === 'rsync' ? [Number(pid)] : []))
  }

  beforeAll(async () => {
    faults = { host: new Faults(), keeper: new Faults() }
    const address = '127.9.32.1'
    await setUp(address, faults.host.at(address))
    for (const name of ['tools', 'tmp']) mkdirSync(join(folder, name))
    // Signs of life, and the minute before a run tries again.
    const sleep = `#!/bin/sh\ncase $1 in 1[05] | 60) set -- 0.2 ;; esac\nexec /bin/sleep "$@"\n`
    writeFileSync(join(folder, 'tools/sleep'), sleep, { mode: 0o755 })
    const dumps = [{ kind: 'dump', name: 'words', command: 'awk "BEGIN { print 1234 }" /dev/null' }]
    const settings = { consistency: 'stop', holdSeconds: 600, dumps }
    const bare = made({ wait: 60 }, settings, asProcess('sleep 600'))
    const quiet = quietOf([{ options: {}, checks: [], hold: holdNative }], bare.placement)
    // One that compares all content goes another way, and would be any of them.
    const options = { ...bare.scheduled.options, checksumEvery: 1000, keep: keepSchema.parse({ last: 2 }) }
    nightly = { ...bare, gated: { ...bare.gated, quiet }, scheduled: { ...bare.scheduled, options } }
    const next = nextAt(nightly.placement)
    symlinkSync(next.folder, next.directory)
    await done(restart.script?.(contextAt(nightly.placement, { next })) ?? raw('false'))
    await install(nightly)
    writeFileSync(service('data/kept'), 'the same all the time')
    for (let made = 0; made < 2; made++) {
      write()
      const { code, said } = await start().ended
      expect(code, said).toBe(0)
    }
  })
  afterAll(async () => {
    await done(stop.script?.(contextAt(nightly.placement)) ?? raw('false'))
    await tearDown()
    for (const one of Object.values(faults)) one.remove()
  })

  /** Starts a run, and does something where a command stands still. */
  async function cutAt([, on, pattern, stop]: Step, cut: (stopped: number, run: Run) => void): Promise<Run> {
    faults[on].stopAt(pattern, stop)
    const run = start()
    const early = run.ended.then(({ code, said }) => expect.fail(`it ended with ${String(code)}\n${said}`))
    early.catch(() => undefined)
    try {
      cut(await Promise.race([faults[on].reached(), early]), run)
      return run
    } catch (error) {
      process.kill(-run.pid, 'SIGKILL')
      throw new Error((await run.ended).said, { cause: error })
    }
  }

  it.for(steps)('when all of it is killed before %s', async (step) => {
    write()
    const before = all()
    const run = await cutAt(step, (stopped, { pid }) => {
      process.kill(-pid, 'SIGKILL')
      if (step[1] === 'host') process.kill(stopped, 'SIGKILL')
    })
    expect((await run.ended).code).toBe('SIGKILL')
    await expectServes()
    expectGood(before)
    await expectNext()
  })

  it.each([
    ['first', { bytes: 20_000, skip: 2 }],
    ['second', { bytes: 100, skip: 3 }],
  ] as const)('when its shell alone is killed in the %s copy, which goes on', async (_, stop) => {
    write()
    const before = all()
    let left = 0
    const run = await cutAt(['', 'host', sending, stop], (stopped, { pid }) => {
      left = stopped
      process.kill(pid, 'SIGKILL')
    })
    expect((await run.ended).code).toBe('SIGKILL')
    await expectServes()
    expectGood(before)
    await expectNext()
    process.kill(-run.pid, 'SIGKILL')
    process.kill(left, 'SIGKILL')
  })

  it.each([
    ['first', { bytes: 20_000, skip: 2 }],
    ['second', { bytes: 100, skip: 3 }],
  ] as const)('when the rsync of the %s copy is killed on the host: it is tried again', async (_, stop) => {
    write()
    const before = all()
    const run = await cutAt(['', 'host', sending, stop], (stopped) => {
      process.kill(stopped, 'SIGKILL')
    })
    const { code, said } = await run.ended
    expect([code, said]).toEqual([0, expect.stringContaining('trying again in a minute')])
    expectMade(before)
    await expectServes()
  })

  it.each([
    ['first', { bytes: 20_000, skip: 2 }],
    ['second', { bytes: 100, skip: 3 }],
  ] as const)('when the rsync of the %s copy is killed on the keeper', async (_, stop) => {
    write()
    const before = all()
    const run = await cutAt(['', 'host', sending, stop], (stopped, { pid }) => {
      for (const receiver of receivers(pid)) process.kill(receiver, 'SIGKILL')
      process.kill(stopped, 'SIGKILL')
    })
    const note = 'the data of shop on web1 could not be copied: rsync ended with exit code 137'
    const { code, said } = await run.ended
    expect([code, last(nightly)], said).toMatchObject([10, { code: 10, note }])
    await expectServes()
    expectGood(before)
    await expectNext()
  })
})
