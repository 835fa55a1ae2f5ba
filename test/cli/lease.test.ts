import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, states, transcript, type Outcome, type Running } from '../support/cli-run.ts'
import { program } from '../support/project-folder.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

/** A build that says that it runs and goes on once the test lets it. */
const patient = `build: 'echo building; until [ -e "$SRV_DATA/../../go" ]; do sleep 0.05; done',`

describe.skipIf(!hasSshd)('the lease of a service on a host', () => {
  let sshd: Sshd
  let project: Project
  const lease = (host: string): string => project.host(host).path('.srv/lease')
  const go = (host: string): string => join(project.host(host).root, 'go')
  const letGo = (): void => {
    for (const host of ['web1', 'web2']) writeFileSync(go(host), '')
  }
  const deploy = (...args: readonly string[]): Promise<Outcome> =>
    project.srv(['deploy', 'production', '--json', ...args])

  /** A deploy that is in the middle of its build on both hosts. */
  async function building(): Promise<Running> {
    const running = project.start(['deploy', 'production', '-v'])
    await running.printed('web1')
    await running.printed('building')
    return running
  }

  /** As if so many seconds had passed since the last sign of life of whoever holds the leases. */
  function age(seconds: number): void {
    const uptime = Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]))
    for (const host of ['web1', 'web2']) writeFileSync(join(lease(host), 'beat'), `${uptime - seconds}\n`)
  }

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.1.1', '127.9.1.2'] })
  })
  beforeEach(() => {
    project = cliProject(sshd)
    project.configure({ instance: patient })
    project.app.commit('one')
  })
  afterEach(() => {
    project.remove()
  })
  afterAll(async () => {
    await sshd.stop()
  })

  it('lets one of two deploys in, and tells the other one who works there', async () => {
    const first = await building()
    const second = await deploy()
    expect(second.code, transcript(second)).toBe(8)
    expect(runEnd(second)).toMatchObject({ status: 'locked', exit_code: 8, serving: {} })
    expect(runEnd(second).errors[0]?.message).toMatch(
      /^app on web[12] is locked: .+@.+ has been running deploy on it since .+ \(run .+\), last sign of life \d+ s ago\. Nothing was changed\.$/,
    )
    letGo()
    const outcome = await first.outcome
    expect(outcome.code, transcript(outcome)).toBe(0)
    expect(existsSync(lease('web1'))).toBe(false)
    expect(existsSync(lease('web2'))).toBe(false)
  })

  it('lets one of two in that begin at the same moment', async () => {
    const both = [0, 1].map(() => project.start(['deploy', 'production', '--json']))
    const refused = await Promise.race(both.map(({ outcome }) => outcome))
    expect(refused.code, transcript(refused)).toBe(8)
    letGo()
    const outcomes = await Promise.all(both.map(({ outcome }) => outcome))
    expect(outcomes.map(({ code }) => code).sort()).toEqual([0, 8])
  })

  it('excludes a run on some of the hosts and a run on all of them', async () => {
    const all = await building()
    const some = await deploy('--host', 'web2')
    expect(some.code, transcript(some)).toBe(8)
    expect(runEnd(some).errors.map(({ where }) => where)).toEqual([{ host: 'web2' }])
    letGo()
    expect((await all.outcome).code).toBe(0)
  })

  it('excludes a run on all hosts while one on some of them is at work, and leaves no lease on the others', async () => {
    const some = project.start(['deploy', 'production', '-v', '--host', 'web2'])
    await some.printed('building')
    const all = await deploy()
    expect(all.code, transcript(all)).toBe(8)
    expect(runEnd(all).errors.map(({ where }) => where)).toEqual([{ host: 'web2' }])
    expect([existsSync(lease('web1')), existsSync(lease('web2'))]).toEqual([false, true])
    letGo()
    expect((await some.outcome).code).toBe(0)
  })

  it('is shown by srv lock status, and waited for with --wait-lock', async () => {
    const first = await building()
    const status = await project.srv(['lock', 'status', 'production', '--json'])
    expect(JSON.parse(status.stdout)).toMatchObject({
      schema: 'srv.lock/1',
      released: false,
      leases: [
        { service: 'app', host: 'web1', pipeline: 'deploy', age_seconds: expect.any(Number) as number },
        { service: 'app', host: 'web2', pipeline: 'deploy' },
      ],
    })
    const second = project.start(['restart', 'production', '--wait-lock', '60s'])
    await second.printed('waiting for the lease of app')
    letGo()
    expect((await first.outcome).code).toBe(0)
    const outcome = await second.outcome
    expect(outcome.code, transcript(outcome)).toBe(0)
    expect((await project.srv(['lock', 'status', 'production'])).stdout).toBe('No run holds a lease here.\n')
  })

  it('is no longer waited for after Ctrl-C, and the run that holds it goes on', async () => {
    const first = await building()
    const second = project.start(['restart', 'production', '--wait-lock', '10m', '--json'])
    await second.printed('waiting for the lease of app')
    second.child.kill('SIGINT')
    const outcome = await second.outcome
    expect(outcome.code, transcript(outcome)).toBe(130)
    expect(runEnd(outcome)).toMatchObject({ status: 'cancelled', exit_code: 130, serving: {}, errors: [] })
    expect([existsSync(lease('web1')), existsSync(lease('web2'))]).toEqual([true, true])
    letGo()
    expect((await first.outcome).code).toBe(0)
  })

  it('is given back at Ctrl-C, which also ends the build on the hosts', async () => {
    const first = await building()
    first.child.kill('SIGINT')
    const outcome = await first.outcome
    expect(outcome.code, transcript(outcome)).toBe(130)
    expect(project.host('web1').processes()).toEqual([])
    expect(existsSync(lease('web1'))).toBe(false)
    letGo()
    const next = await deploy()
    expect(next.code, transcript(next)).toBe(0)
  })

  it('is over 45 s after the last sign of life of a run that was killed', async () => {
    const first = await building()
    first.child.kill('SIGKILL')
    expect((await first.outcome).code).toBe('SIGKILL')
    letGo()
    const early = await deploy()
    expect(early.code, transcript(early)).toBe(8)
    age(45)
    const next = await deploy()
    expect(next.code, transcript(next)).toBe(0)
    expect(states(next)).toEqual({ 'app/native@web1': 'new', 'app/native@web2': 'new' })
    expect(existsSync(lease('web1'))).toBe(false)
  })

  it('stops a function before its next command, once another run had it', async () => {
    project.configure({
      further: `tasks: {
    slow: defineTask({
      title: 'Work',
      on: 'host',
      async run({ run, local, host, progress }) {
        await run\`touch \${host.root}/first\`
        progress('waiting')
        await local.probe\`until [ -e \${host.root}/go ]; do sleep 0.05; done\`
        await run\`touch \${host.root}/second\`
      },
    }),
    quick: defineTask({ title: 'Work too', on: 'host', run: ({ run, host }) => run\`touch \${host.root}/other\` }),
  },
  pipelines: { first: ['slow'], other: ['quick'] },`,
    })
    const first = project.start(['first', 'production', '--json'])
    for (const host of ['web1', 'web2']) await first.printed(`"target":"${host}","host":"${host}","text":"waiting"`)
    age(45)
    const other = await project.srv(['other', 'production', '--json'])
    expect(other.code, transcript(other)).toBe(0)
    letGo()
    const outcome = await first.outcome
    expect(outcome.code, transcript(outcome)).toBe(7)
    const told = runEnd(outcome).errors.map(({ code, where }) => `${code} ${where['host'] ?? ''}`)
    expect(told.sort()).toEqual(['SRV-403 web1', 'SRV-403 web2'])
    for (const host of ['web1', 'web2']) {
      const done = ['first', 'other', 'second'].filter((name) => existsSync(join(project.host(host).root, name)))
      expect(done).toEqual(['first', 'other'])
    }
  })

  it('stops a run at its next step when it was released by name', async () => {
    const first = await building()
    const unnamed = await project.srv(['lock', 'release', 'production'])
    expect(unnamed.code).toBe(2)
    const released = await project.srv(['lock', 'release', 'production', 'app'])
    expect(released.code, transcript(released)).toBe(0)
    letGo()
    const outcome = await first.outcome
    expect(outcome.stderr).toContain('SRV-403')
    expect(outcome.code, transcript(outcome)).toBe(7)
    expect(project.host('web1').current()).toBeUndefined()
    expect(project.host('web2').current()).toBeUndefined()
  })

  it('stops such a run also between two steps that are one command', async () => {
    project.configure({ plugins: `[git({ strategy: 'in-place' })]`, instance: patient })
    const first = project.start(['deploy', 'production', '--json'])
    await first.printed('"line":"building"')
    const released = await project.srv(['lock', 'release', 'production', 'app'])
    expect(released.code, transcript(released)).toBe(0)
    letGo()
    const outcome = await first.outcome
    expect(outcome.code, transcript(outcome)).toBe(7)
    const told = runEnd(outcome).errors.map(({ code, where }) => `${code} ${where['host'] ?? ''}`)
    // What was prepared on the other host is not undone there any more either.
    expect(told).toEqual(['SRV-403 web1', 'SRV-403 web2'])
    const ended = eventsOf(outcome).filter(({ type }) => type === 'step.end')
    expect(ended.at(-1)).toMatchObject({ task: 'restart', host: 'web1', status: 'failed' })
    expect(['web1', 'web2'].map((host) => project.host(host).processes())).toEqual([[], []])
  })

  it('is shared with a run that a task of the run starts', async () => {
    letGo()
    const nested = JSON.stringify([process.execPath, program, 'restart', 'production'])
    project.configure({
      instance: patient,
      head: `const words = ${nested}`,
      further: `tasks: { again: defineTask({ title: 'Run srv', on: 'once', run: ({ local }) => local.run\`\${words}\` }) },
  pipelines: { outer: ['deploy', 'again'] },`,
    })
    const outcome = await project.srv(['outer', 'production'])
    expect(outcome.code, transcript(outcome)).toBe(0)
  })

  it('leaves nothing behind when a check fails', async () => {
    mkdirSync(project.host('web2').path('instances/native/current'), { recursive: true })
    const outcome = await deploy()
    expect(outcome.code, transcript(outcome)).toBe(9)
    expect(existsSync(project.host('web1').path())).toBe(false)
    expect(existsSync(project.host('web2').path('.srv'))).toBe(false)
  })
})
