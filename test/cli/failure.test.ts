import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cliProject, type HostFolder, type Project } from '../support/cli-project.ts'
import { runEnd, states, transcript, type Outcome } from '../support/cli-run.ts'
import { normalised, summaryOf, treeOf } from '../support/cli-text.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd)('a deploy that goes wrong', () => {
  let sshd: Sshd
  let project: Project
  let serving: unknown
  const web1 = (): HostFolder => project.host('web1')
  const web2 = (): HostFolder => project.host('web2')
  const pages = (): Promise<readonly unknown[]> => Promise.all([web1().page(), web2().page()])
  const shown = (outcome: Outcome): string => summaryOf(normalised(outcome.stderr, project, sshd))

  /** All that a failed run has to leave as it was; the app that was put back is another process with another log. */
  const kept = (host: HostFolder): object => ({
    current: host.current(),
    releases: host.releases(),
    history: readFileSync(host.path('.srv/native/history'), 'utf8'),
    readme: readFileSync(host.path('README.md'), 'utf8'),
  })

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.0.1', '127.9.0.2'] })
    project = cliProject(sshd)
    project.configure({ instance: `build: 'sh build.sh',` })
    const commit = project.app.commit('one', { files: { 'build.sh': 'echo built\n' } })
    serving = { version: 'one', commit, greeting: '' }
    const outcome = await project.srv(['deploy', 'production'])
    expect(outcome.code, transcript(outcome)).toBe(0)
  })
  beforeEach(() => {
    project.app.commit('mended', { files: { 'build.sh': 'echo built\n' } })
    project.configure({ instance: `build: 'sh build.sh',` })
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it('switches nothing when the build fails on one host, and cleans up on both', async () => {
    const before = [
      treeOf(web1().path('instances/native/releases')),
      web1().pid(),
      web2().pid(),
      kept(web1()),
      kept(web2()),
    ]
    const files = {
      'build.sh': 'echo compiling\n[ "$SRV_HOST" = web1 ] || { echo "no such module: left-pad" >&2; exit 9; }\n',
    }
    project.app.commit('two', { files })
    const outcome = await project.srv(['deploy', 'production'])
    expect(outcome.code, transcript(outcome)).toBe(5)
    expect(outcome.stdout).toBe('')
    expect(shown(outcome)).toMatchInlineSnapshot(`
      "✖ SRV-501 build failed on app/native@web2 with exit status 9.
        no such module: left-pad
        → Read the lines above; \`-v\` shows all output of each step.

      INSTANCE  HOST  RELEASE  STATE
      app/native  web1  <release 1>  unchanged
      app/native  web2  <release 1>  unchanged

      ✖ Failed: deploy production  2 hosts · 1 failed, 5 changed, 1 ok · <duration>
        The previous release serves on every host that was touched.
        Log: .srv/runs/<run>/web2.log
      "
    `)
    expect([
      treeOf(web1().path('instances/native/releases')),
      web1().pid(),
      web2().pid(),
      kept(web1()),
      kept(web2()),
    ]).toEqual(before)
    expect(await pages()).toEqual([serving, serving])
  })

  it('puts the first host back when the app exits after the switch, and goes to no other', async () => {
    const before = [kept(web1()), kept(web2()), web2().pid()]
    project.app.commit('two', { behaviour: 'exits at once' })
    const outcome = await project.srv(['deploy', 'production'])
    expect(outcome.code, transcript(outcome)).toBe(5)
    expect(outcome.stdout).toBe('')
    expect(shown(outcome)).toMatchInlineSnapshot(`
      "✖ SRV-501 health failed on app/native@web1: exited with status 3.
        cannot read its settings
        → Read the lines above; \`-v\` shows all output of each step.

      INSTANCE  HOST  RELEASE  STATE
      app/native  web1  <release 1>  old
      app/native  web2  <release 1>  unchanged

      ✖ Failed: deploy production  2 hosts · 1 failed, 8 changed, 1 ok · <duration>
        The previous release serves on every host that was touched.
        Log: .srv/runs/<run>/web1.log
      "
    `)
    expect(await pages()).toEqual([serving, serving])
    expect([kept(web1()), kept(web2()), web2().pid()]).toEqual(before)
  })

  it('puts back an app that turns healthy and dies two seconds later', async () => {
    // Together the samples take longer than the app lives.
    project.configure({
      instance: `build: 'sh build.sh',`,
      limits: '{ samples: 4, intervalMs: 900, timeoutMs: 20_000 }',
    })
    const before = [kept(web1()), kept(web2()), web2().pid()]
    project.app.commit('two', { behaviour: 'dies after two seconds' })
    const outcome = await project.srv(['deploy', 'production', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(5)
    expect(states(outcome)).toEqual({ 'app/native@web1': 'old', 'app/native@web2': 'unchanged' })
    const [error] = runEnd(outcome).errors
    expect(error?.message).toBe('health failed on app/native@web1: exited with status 4.')
    expect(error?.output).toEqual(['two listens', 'lost its database'])
    expect(await pages()).toEqual([serving, serving])
    expect([kept(web1()), kept(web2()), web2().pid()]).toEqual(before)
  })

  it('leaves nothing running when the very first version is broken', async () => {
    const fresh = cliProject(sshd)
    try {
      fresh.app.commit('one', { behaviour: 'exits at once' })
      const outcome = await fresh.srv(['deploy', 'production'])
      expect(outcome.code, transcript(outcome)).toBe(7)
      expect(summaryOf(normalised(outcome.stderr, fresh, sshd))).toMatchInlineSnapshot(`
        "✖ SRV-501 health failed on app/native@web1: exited with status 3.
          cannot read its settings
          → Read the lines above; \`-v\` shows all output of each step.

        INSTANCE  HOST  RELEASE  STATE
        app/native  web1  -  down
        app/native  web2  -  unchanged

        ✖ Failed: deploy production  2 hosts · 1 failed, 6 changed, 1 ok · <duration>
          At least one instance is down, or its state is unknown.
          Log: .srv/runs/<run>/web1.log
        "
      `)
      for (const host of [fresh.host('web1'), fresh.host('web2')]) {
        expect(host.processes()).toEqual([])
        expect(host.current()).toBe(undefined)
        expect(host.releases()).toEqual([])
      }
      expect(existsSync(fresh.host('web2').path('README.md'))).toBe(false)
    } finally {
      fresh.remove()
    }
  })
})
