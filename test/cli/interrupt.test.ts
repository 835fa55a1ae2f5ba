import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cliProject, type HostFolder, type Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, states, transcript } from '../support/cli-run.ts'
import { normalised, summaryOf } from '../support/cli-text.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd)('a run that is interrupted', () => {
  let sshd: Sshd
  let project: Project
  let pids: readonly number[]
  let releases: readonly unknown[]
  const hosts = (): readonly HostFolder[] => ['web1', 'web2'].map((name) => project.host(name))
  const apps = (): readonly (readonly number[])[] => hosts().map((host) => host.processes())
  const found = (): readonly unknown[] => hosts().map((host) => [host.current(), host.releases()])

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.0.1', '127.9.0.2'] })
  })
  beforeEach(async () => {
    project = cliProject(sshd)
    project.configure({ instance: `build: 'sh build.sh',` })
    project.app.commit('one', { files: { 'build.sh': 'true\n' } })
    const outcome = await project.srv(['deploy', 'production'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    pids = hosts().map((host) => host.pid())
    releases = found()
  })
  afterEach(() => {
    project.remove()
  })
  afterAll(() => sshd.stop())

  it('stops a build with everything that it started, and switches nothing', async () => {
    const running = apps()
    // It ignores what would end it, and so does its child: only KILL of the whole group helps.
    project.app.commit('two', { files: { 'build.sh': 'trap "" TERM HUP INT\nsleep 1000 &\necho building\nwait\n' } })
    const run = project.start(['deploy', 'production', '-v', '--host', 'web1'])
    await run.printed('│ building')
    run.child.kill('SIGINT')
    const outcome = await run.outcome
    expect(outcome.code, transcript(outcome)).toBe(130)
    expect(apps()).toEqual(running)
    expect(hosts().map((host) => host.pid())).toEqual(pids)
    expect(found()).toEqual(releases)
    expect(summaryOf(normalised(outcome.stderr, project, sshd))).toMatchInlineSnapshot(`
      "✖ SRV-504 build on app/native@web1 was interrupted and stopped.
        $ sh build.sh
        building
        → Run the same command again to go on.

      INSTANCE  HOST  RELEASE  STATE
      app/native  web1  <release 1>  unchanged

      ✖ Stopped: deploy production  1 host · 1 cancelled, 2 changed, 1 ok · <duration>
        Log: .srv/runs/<run>/web1.log
      "
    `)
  })

  it('ends at once after a second one, and the host stops what was left by itself', async () => {
    const running = apps()
    project.app.commit('two', { files: { 'build.sh': 'trap "" TERM HUP INT\nsleep 1000 &\necho building\nwait\n' } })
    const run = project.start(['deploy', 'production', '-v', '--host', 'web1'])
    await run.printed('│ building')
    run.child.kill('SIGINT')
    await run.printed('Stopping')
    run.child.kill('SIGINT')
    const outcome = await run.outcome
    expect(outcome.code, transcript(outcome)).toBe(130)
    expect(outcome.stderr).not.toContain('Stopped:')
    await expect.poll(apps, { timeout: 30_000 }).toEqual(running)
    expect(project.host('web1').current()).toBe(project.host('web2').current())
  })

  it('puts back what it had switched, and exits 143 after SIGTERM', async () => {
    project.configure({ instance: `build: 'true',`, limits: '{ samples: 2, intervalMs: 100, timeoutMs: 300_000 }' })
    project.app.commit('two', { behaviour: 'never listens' })
    const run = project.start(['deploy', 'production', '--json'])
    await run.printed('"task":"health","target":"app/native@web1"')
    run.child.kill('SIGTERM')
    const outcome = await run.outcome
    expect(outcome.code, transcript(outcome)).toBe(143)
    expect(eventsOf(outcome)[0]?.type).toBe('version')
    expect(runEnd(outcome)).toMatchObject({ status: 'cancelled', exit_code: 143 })
    expect(states(outcome)).toEqual({ 'app/native@web1': 'old', 'app/native@web2': 'unchanged' })
    expect(found()).toEqual(releases)
    expect(await project.host('web1').page()).toMatchObject({ version: 'one' })
    expect(project.host('web2').pid()).toBe(pids[1])
  })
})
