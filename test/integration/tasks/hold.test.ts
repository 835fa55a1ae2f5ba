import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { command, raw, sh, type HoldMode, type Instance, type Script } from '../../../src/index.ts'
import { isSrvError } from '../../../src/error/srv-error.ts'
import { quietOf, refusesHold } from '../../../src/run/hold/hold.ts'
import { holdNative } from '../../../tasks/hold.ts'
import { asProcess, Deployed } from './deployed.ts'
import { kinds, runScript, type Kind, type Ran } from './shell.ts'

const plugins = [{ options: {}, checks: [], hold: holdNative }]

/** Letter of the state of a process: `S`, `T` when it is frozen; nothing when it is gone, or waits to be reaped. */
function modeOf(pid: number): string | undefined {
  try {
    const mode = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')[0]
    return mode === 'Z' ? undefined : mode
  } catch {
    return undefined
  }
}

/** A deployed instance, as a task of the backup sees it. */
class Held extends Deployed {
  readonly #shell: Kind

  constructor(kind: Kind, options: Partial<Instance>) {
    super(kind, options)
    this.#shell = kind
  }

  run(script: Script): Promise<Ran> {
    return runScript(script, this.#shell)
  }

  get quiet() {
    return quietOf(plugins, this.placement)
  }

  hold(how: HoldMode): Promise<Ran> {
    return this.run(this.quiet.hold(how))
  }

  resume(): Promise<Ran> {
    return this.run(this.quiet.resume())
  }

  still(): Promise<Ran> {
    return this.run(this.quiet.held())
  }

  /** The record of what ran; nothing when there is none. */
  record(): string | undefined {
    const file = join(this.placement.paths.state, 'held/native')
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  }

  pids(): readonly number[] {
    return readFileSync(join(this.placement.paths.instance, 'current/pids'), 'utf8').trim().split('\n').map(Number)
  }
}

/** An app of two processes, whose numbers are in `pids`. */
const pair = asProcess('sh -c "sleep 600 & echo \\$! >pids; echo \\$\\$ >>pids; wait"')

const done = (stdout: string): Ran => ({ code: 0, stdout, stderr: '' })

describe.each(kinds())('holding a process() on $name', (kind) => {
  async function running(): Promise<Held> {
    const blog = new Held(kind, pair)
    await blog.restart(blog.release('r1', {}))
    const file = join(blog.placement.paths.instance, 'current/pids')
    await expect.poll(() => existsSync(file) && blog.pids().length).toBe(2)
    return blog
  }

  test('freezes every process of it, and wakes up the same ones', async () => {
    const blog = await running()
    const pids = [blog.leader(), ...blog.pids()]
    expect(await blog.hold('pause')).toEqual(done('paused blog/native\n'))
    expect(pids.map(modeOf)).toEqual(['T', 'T', 'T'])
    expect(blog.record()).toBe('process\n')
    expect(await blog.still()).toEqual(done(''))
    expect(await blog.hold('pause')).toEqual(done('paused blog/native\n'))
    expect(await blog.resume()).toEqual(done('brought back up blog/native\n'))
    expect(pids.map(modeOf)).not.toContain('T')
    expect(pids.map(modeOf)).not.toContain(undefined)
    expect(blog.record()).toBeUndefined()
    expect(await blog.resume()).toEqual(done(''))
    expect(await blog.still()).toEqual({
      code: 1,
      stdout: '',
      stderr: 'blog/native was brought back up too early\n',
    })
  })

  test('ends it and starts the same again, although the config says something else by now', async () => {
    const blog = await running()
    const [first] = blog.pids()
    expect(await blog.hold('stop')).toEqual(done('stopped\nstopped blog/native\n'))
    expect(modeOf(first!)).toBeUndefined()
    expect(await blog.inspect()).toMatchObject({ running: 'no' })
    expect(await blog.hold('stop')).toEqual(done('stopped blog/native\n'))
    expect(blog.record()).toBe('process\n')
    Object.assign(blog.placement.instance, asProcess('false'))
    const { code, stderr } = await blog.resume()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    await expect.poll(() => blog.pids()[0] !== first && modeOf(blog.pids()[0]!)).toBe('S')
    const leader = blog.leader()
    expect(await blog.resume()).toEqual(done(''))
    expect(blog.leader()).toBe(leader)
  })

  test('stops what an earlier run froze and left', async () => {
    const blog = await running()
    await blog.hold('pause')
    expect(await blog.hold('stop')).toEqual(done('stopped\nstopped blog/native\n'))
    const { code } = await blog.resume()
    expect(code).toBe(0)
    expect(await blog.inspect()).toMatchObject({ running: 'yes' })
  })

  test('keeps off what was off', async () => {
    const blog = new Held(kind, pair)
    blog.release('r1', {})
    for (const how of ['stop', 'pause'] as const) {
      expect(await blog.hold(how)).toEqual(done('nothing of blog/native is running\n'))
      expect(blog.record()).toBe('')
      expect(await blog.still()).toEqual(done(''))
      expect(await blog.resume()).toEqual(done(''))
      expect(blog.record()).toBeUndefined()
    }
    expect(await blog.inspect()).toMatchObject({ running: 'no' })
  })

  test('finishes a stop that was cut off before it starts anything', async () => {
    const blog = await running()
    const leader = blog.leader()
    await blog.hold('pause')
    // As a run leaves it that was killed while the app was ending.
    writeFileSync(join(blog.placement.paths.state, 'held/native.open'), 'stop\n')
    const { code, stdout } = await blog.resume()
    expect(code).toBe(0)
    expect(stdout).toBe(`stopped\nrunning as process ${blog.leader()}\nbrought back up blog/native\n`)
    expect(blog.leader()).not.toBe(leader)
    expect(readdirSync(join(blog.placement.paths.state, 'held'))).toEqual(['.lock'])
  })

  test('two that bring back at the same time start it once', async () => {
    const blog = await running()
    await blog.hold('stop')
    const both = await Promise.all([blog.resume(), blog.resume()])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(both.map(({ stdout }) => stdout).sort()).toEqual([
      '',
      `running as process ${blog.leader()}\nbrought back up blog/native\n`,
    ])
  })

  test('stops nothing when it cannot be recorded', async () => {
    const blog = await running()
    writeFileSync(join(blog.placement.paths.state, 'held'), '')
    const { code, stdout } = await blog.hold('stop')
    expect({ failed: code > 0, stdout }).toEqual({ failed: true, stdout: '' })
    expect(await blog.inspect()).toMatchObject({ running: 'yes' })
  })
})

describe.each(kinds())('holding what commands run, on $name', (kind) => {
  const mark = (blog: Held): string => join(blog.placement.paths.instance, 'current/up')
  const commands = { start: 'touch up', stop: 'rm up', status: '[ -e up ]' }

  test('stops and starts it by its commands, when it runs', async () => {
    const blog = new Held(kind, { start: command(commands) })
    blog.release('r1', { up: '' })
    expect(await blog.hold('stop')).toEqual(done('stopped blog/native\n'))
    expect(existsSync(mark(blog))).toBe(false)
    expect(await blog.hold('stop')).toEqual(done('stopped blog/native\n'))
    expect(await blog.resume()).toEqual(done('brought back up blog/native\n'))
    expect(existsSync(mark(blog))).toBe(true)
  })

  test('one that cannot be started stays on the record, and is said', async () => {
    const blog = new Held(kind, { start: command({ ...commands, start: 'echo no licence >&2; exit 3' }) })
    blog.release('r1', { up: '' })
    await blog.hold('stop')
    expect(await blog.resume()).toEqual({
      code: 1,
      stdout: '',
      stderr: 'no licence\ndid not come back up: blog/native\n',
    })
    expect(blog.record()).toBe('commands\n')
  })
})

test('what nobody could bring back, or freeze, is refused before anything is touched', () => {
  const refused = (start: Parameters<typeof command>[0] & object, how: HoldMode): string | undefined => {
    const { placement } = new Held(kinds()[0]!, { start: command(start) })
    return refusesHold(plugins, placement, how)
  }
  expect([
    refused({ start: 'a', stop: 'b', status: 'c' }, 'pause'),
    refused({ start: 'a', status: 'c' }, 'stop'),
    refused({ start: 'a', stop: 'b' }, 'stop'),
    refused({ start: 'a', stop: 'b', status: 'c' }, 'stop'),
  ]).toEqual([
    'blog/native: it is run by commands, which can stop it but not freeze it',
    'blog/native: its commands have no `stop`',
    'blog/native: its commands have no `status`, so srv could not tell whether to start it again',
    undefined,
  ])
  const { quiet } = new Held(kinds()[0]!, { start: command({ start: 'a' }) })
  let thrown: unknown
  try {
    quiet.hold('stop')
  } catch (error) {
    thrown = error
  }
  expect(isSrvError(thrown) && [thrown.code, thrown.message]).toEqual([
    'SRV-303',
    'blog/native@web1 cannot be stopped temporarily: its commands have no `stop`.',
  ])
})

test('holds every instance of the service in order, and brings them back the other way round', async () => {
  const [kind] = kinds()
  const blog = new Held(kind!, {})
  const { instance } = blog.placement
  const second = { ...instance, id: 'blog/second', name: 'second' }
  const placement = { ...blog.placement, service: { ...blog.placement.service, instances: [instance, second] } }
  const part = {
    options: {},
    checks: [],
    hold: {
      kinds: ['native' as const],
      running: () => raw('echo one'),
      hold: ({ instance: { name } }: { instance: Instance }) => sh`echo ${`holds ${name}`}`,
      resume: ({ instance: { name } }: { instance: Instance }) =>
        sh`echo ${`resumes ${name}`}; [ ${name} != second ] || false; echo on`,
    },
  }
  const quiet = quietOf([part], placement)
  expect(await runScript(quiet.hold('pause'), kind!)).toEqual(
    done('holds native\npaused blog/native\nholds second\npaused blog/second\n'),
  )
  expect(await runScript(quiet.resume(), kind!)).toEqual({
    code: 1,
    stdout: 'resumes second\nresumes native\non\nbrought back up blog/native\n',
    stderr: 'did not come back up: blog/second\n',
  })
})

test('a kind that no plugin knows is refused', () => {
  const { placement } = new Held(kinds()[0]!, { kind: 'docker' })
  expect(refusesHold(plugins, placement, 'stop')).toBe(
    'blog/native: no plugin of the config knows how to stop docker instances',
  )
})
