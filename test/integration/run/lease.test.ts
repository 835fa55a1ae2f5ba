import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { conflictOf, leasesOf } from '../../../src/run/lease/answer.ts'
import {
  acquire,
  check,
  enter,
  fence,
  leaseTextsOf,
  lockedCode,
  look,
  release,
  resume,
  type Holder,
  type Leased,
} from '../../../src/run/lease/script.ts'
import { lines, raw, render, type Script } from '../../../src/shell/script.ts'
import { writeBusyboxFlock } from '../../support/busybox-flock.ts'
import { isRunning } from '../../support/processes.ts'
import { hasPrograms } from '../../support/programs.ts'

const tools = mkdtempSync(join(tmpdir(), 'srv-flock-'))
writeBusyboxFlock(tools)
afterAll(() => {
  rmSync(tools, { recursive: true })
})

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'srv lease '))
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

const leased = (service: string): Leased => ({ service, state: join(root, service, '.srv') })
const holder = (run: string): Holder => ({
  run,
  actor: "ana's@laptop",
  pipeline: 'deploy',
  since: '2026-11-22T14:03:11.000Z',
})

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** As if the last sign of life was so many seconds ago; a negative number is one of before the last boot. */
function ageBy(service: string, seconds: number): void {
  const uptime = Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]))
  writeFileSync(join(leased(service).state, 'lease/beat'), `${uptime - seconds}\n`)
}

const shells = [{ shell: ['dash'] }, { shell: ['bash'] }, { shell: ['busybox', 'sh'] }] as const

describe.each(shells.filter(({ shell: [program] }) => hasPrograms(program)))('on $shell', ({ shell }) => {
  const [program, ...args] = shell
  const run = (script: Script): Promise<Ran> =>
    new Promise((resolve) => {
      const text = `set -eu\n${render(script, () => '')}`
      const PATH = program === 'busybox' ? `${tools}:${process.env['PATH'] ?? ''}` : process.env['PATH']
      execFile(
        program,
        [...args, '-c', text],
        { encoding: 'utf8', env: { ...process.env, PATH } },
        (error, stdout, stderr) => {
          resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
        },
      )
    })

  test('the first one takes it, and the second one hears who has it', async () => {
    expect(await run(acquire([leased('blog')], holder('r1')))).toEqual({ code: 0, stdout: 'taken blog\n', stderr: '' })
    const second = await run(acquire([leased('blog')], holder('r2')))
    expect(second.code).toBe(lockedCode)
    expect(conflictOf('web1', second.stdout)).toEqual({
      service: 'blog',
      host: 'web1',
      actor: "ana's@laptop",
      run: 'r1',
      pipeline: 'deploy',
      since: '2026-11-22T14:03:11.000Z',
      ageSeconds: expect.any(Number) as number,
      phase: 'taking',
    })
  })

  test('several are taken in the order of their names', async () => {
    const both = await run(acquire([leased('shop'), leased('blog')], holder('r1')))
    expect(both.stdout).toBe('taken blog\ntaken shop\n')
    expect(
      leasesOf('web1', (await run(look([leased('blog'), leased('shop')]))).stdout).map(({ service }) => service),
    ).toEqual(['blog', 'shop'])
  })

  test('a nested run of the same id shares it', async () => {
    await run(acquire([leased('blog')], holder('r1')))
    expect((await run(acquire([leased('blog')], holder('r1')))).stdout).toBe('shared blog\n')
  })

  test('without a sign of life for 45 s it is free, and its old holder is fenced off', async () => {
    await run(acquire([leased('blog')], holder('r1')))
    ageBy('blog', 30)
    expect((await run(acquire([leased('blog')], holder('r2')))).code).toBe(lockedCode)
    ageBy('blog', 45)
    expect((await run(acquire([leased('blog')], holder('r2')))).stdout).toBe('taken blog\n')
    expect(await run(fence([leased('blog')], 'r1'))).toEqual({ code: lockedCode, stdout: '', stderr: 'blog\n' })
    expect((await run(fence([leased('blog')], 'r2'))).code).toBe(0)
  })

  test('one of before the last boot is free', async () => {
    await run(acquire([leased('blog')], holder('r1')))
    ageBy('blog', -1000)
    expect((await run(acquire([leased('blog')], holder('r2')))).stdout).toBe('taken blog\n')
  })

  test('a fence is a sign of life, and says that all leases are there', async () => {
    await run(acquire([leased('blog')], holder('r1')))
    ageBy('blog', 40)
    await run(fence([leased('blog')], 'r1'))
    const second = await run(acquire([leased('blog')], holder('r2')))
    expect(conflictOf('web1', second.stdout)).toMatchObject({ phase: 'held' })
    expect(conflictOf('web1', second.stdout)?.ageSeconds).toBeLessThan(30)
  })

  test('only its holder gives it back, and what was made for it alone goes with it', async () => {
    await run(acquire([leased('blog')], holder('r1')))
    await run(release([leased('blog')], 'r2'))
    expect(existsSync(join(leased('blog').state, 'lease'))).toBe(true)
    await run(release([leased('blog')], 'r1'))
    expect(existsSync(join(root, 'blog'))).toBe(false)
  })

  test('a service folder with anything in it stays', async () => {
    mkdirSync(join(root, 'blog/data'), { recursive: true })
    await run(acquire([leased('blog')], holder('r1')))
    await run(release([leased('blog')]))
    expect(existsSync(join(root, 'blog/data'))).toBe(true)
    expect(existsSync(leased('blog').state)).toBe(false)
  })

  /** Starts a command as the frame of a transport does, in a session of its own, and gives the numbers that it prints. */
  async function begin(script: Script): Promise<{ readonly pids: readonly number[]; readonly gone: Promise<unknown> }> {
    const text = `set -eu\n${render(lines(enter([leased('blog')], 'r1'), script), () => '')}`
    const child = spawn(program, [...args, '-c', text], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
    const gone = once(child, 'exit')
    const [said] = (await once(child.stdout, 'data')) as [Buffer]
    return { pids: said.toString().trim().split(' ').map(Number), gone }
  }

  test('who takes a lease that is over ends what the run before left at work there', async () => {
    await run(acquire([leased('blog')], holder('r1')))
    const { pids, gone } = await begin(raw(`trap '' TERM; sleep 300 & echo "$$ $!"; wait`))
    expect(pids.map(isRunning)).toEqual([true, true])
    ageBy('blog', 30)
    expect((await run(acquire([leased('blog')], holder('r2')))).code).toBe(lockedCode)
    expect(pids.map(isRunning)).toEqual([true, true])
    ageBy('blog', 45)
    expect(await run(acquire([leased('blog')], holder('r2')))).toEqual({ code: 0, stdout: 'taken blog\n', stderr: '' })
    await gone
    expect(pids.map(isRunning)).toEqual([false, false])
  })

  test('a timer ends what a run left at work whose lease is over, and a run what is its own', async () => {
    const { stop, stopLeft } = leaseTextsOf(leased('blog'), { actor: 'schedule@nas', pipeline: 'backup' })
    const of = (id: string): Script => lines(raw(`SRV_RUN=${id}`), stop)
    expect(await run(stopLeft)).toEqual({ code: 0, stdout: '', stderr: '' })
    await run(acquire([leased('blog')], holder('r1')))
    for (const [spares, ends, age] of [
      [stopLeft, stopLeft, 45],
      [of('r2'), of('r1'), 0],
    ] as const) {
      const { pids, gone } = await begin(raw(`sleep 300 & echo "$$ $!"; wait`))
      expect((await run(spares)).code).toBe(0)
      expect(pids.map(isRunning)).toEqual([true, true])
      ageBy('blog', age)
      expect(await run(ends)).toEqual({ code: 0, stdout: '', stderr: '' })
      await gone
      expect(pids.map(isRunning)).toEqual([false, false])
      ageBy('blog', 0)
    }
  })

  test('what a command that came to its end left behind goes on, and so does who has its number by now', async () => {
    await run(acquire([leased('blog')], holder('r1')))
    const { pids, gone } = await begin(raw('sleep 300 >/dev/null & echo "$!"'))
    await gone
    const stranger = spawn('sleep', ['300'], { detached: true })
    writeFileSync(join(leased('blog').state, `lease/group.${String(stranger.pid)}.1`), '')
    ageBy('blog', 45)
    expect((await run(acquire([leased('blog')], holder('r2')))).stdout).toBe('taken blog\n')
    const all = [...pids, stranger.pid ?? 0]
    expect(all.map(isRunning)).toEqual([true, true])
    for (const pid of all) process.kill(pid, 'SIGKILL')
  })

  test('who brings a host back takes up a lease that ended meanwhile, but not one of somebody else', async () => {
    await run(acquire([leased('blog')], holder('r1')))
    ageBy('blog', 100)
    expect(await run(resume([leased('blog')], 'r1'))).toEqual({ code: 0, stdout: '', stderr: '' })
    expect((await run(acquire([leased('blog')], holder('r2')))).code).toBe(lockedCode)
    expect(await run(resume([leased('blog')], 'r2'))).toEqual({ code: lockedCode, stdout: '', stderr: 'blog\n' })
    rmSync(join(root, 'blog'), { recursive: true })
    expect(await run(resume([leased('blog')], 'r1'))).toEqual({ code: lockedCode, stdout: '', stderr: 'blog\n' })
  })

  test('a step goes on only while the lease is that of its run', async () => {
    await run(acquire([leased('blog')], holder('r1')))
    expect(await run(check([leased('blog')], 'r1'))).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await run(check([leased('blog')], 'r2'))).toEqual({ code: lockedCode, stdout: '', stderr: 'blog\n' })
    await run(release([leased('blog')]))
    expect(await run(check([leased('blog')], 'r1'))).toEqual({ code: lockedCode, stdout: '', stderr: 'blog\n' })
  })

  test('of twenty at once exactly one gets it', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) => run(acquire([leased('blog')], holder(`r${index}`)))),
    )
    expect(all.filter(({ code }) => code === 0)).toHaveLength(1)
    expect(all.filter(({ code }) => code === lockedCode)).toHaveLength(19)
  })
})
