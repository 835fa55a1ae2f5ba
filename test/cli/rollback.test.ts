import { readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { cliProject, type HostFolder, type Project } from '../support/cli-project.ts'
import { states, transcript, type Outcome } from '../support/cli-run.ts'
import { normalised, summaryOf, treeOf } from '../support/cli-text.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'
import { stoppedClock } from '../support/stopped-clock.ts'

describe.skipIf(!hasSshd)('srv rollback', () => {
  let sshd: Sshd
  let project: Project
  const commits = new Map<string, string>()
  const hosts = (): readonly HostFolder[] => ['web1', 'web2'].map((name) => project.host(name))
  const trees = (): readonly unknown[] => hosts().map(({ root }) => treeOf(root))
  const pages = (): Promise<readonly unknown[]> => Promise.all(hosts().map((host) => host.page()))
  const page = (version: string): object => ({ version, commit: commits.get(version), greeting: '' })
  const shown = (outcome: Outcome): string => summaryOf(normalised(outcome.stderr, project, sshd))

  async function deploy(version: string): Promise<void> {
    commits.set(version, project.app.commit(version))
    const outcome = await project.srv(['deploy', 'production'])
    expect(outcome.code, transcript(outcome)).toBe(0)
  }

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.0.1', '127.9.0.2'] })
  })
  afterAll(() => sshd.stop())

  describe('of a project that has nothing yet', () => {
    beforeEach(() => {
      project = cliProject(sshd)
    })
    afterEach(() => {
      project.remove()
    })

    it('refuses when nothing was ever deployed, and after the first deploy', async () => {
      const never = await project.srv(['rollback', 'production'])
      expect(never.code, transcript(never)).toBe(9)
      expect(trees()).toEqual([[], []])
      await deploy('one')
      const before = trees()
      const outcome = await project.srv(['rollback', 'production'])
      expect(outcome.code, transcript(outcome)).toBe(9)
      expect(outcome.stdout).toBe('')
      expect(shown(outcome)).toMatchInlineSnapshot(`
        "✖ SRV-332 local git:select: app/native has no earlier release that all its hosts could go back to. web1 has <release 1>; web2 has <release 1>. Nothing was changed.
          → Deploy an older commit instead: \`srv deploy production --ref <commit>\`.

        INSTANCE  HOST  RELEASE  STATE
        app/native  web1  <release 1>  unchanged
        app/native  web2  <release 1>  unchanged

        ✖ Refused: rollback production  2 hosts · 1 failed · <duration>
          No host was changed.
          Log: .srv/runs/<run>/local.log
        "
      `)
      expect(trees()).toEqual(before)
    })

    it('goes back in the order of deploys, also of those that began in the same second', async () => {
      const versions = ['one', 'two', 'three']
      for (const version of versions) commits.set(version, project.app.commit(version))
      // By their commits alone, they would be sorted the other way round.
      const order = versions.sort((left, right) => ((commits.get(left) ?? '') < (commits.get(right) ?? '') ? 1 : -1))
      const env = stoppedClock(project.folder, new Date())
      for (const version of order) {
        const outcome = await project.srv(['deploy', 'production', '--ref', commits.get(version) ?? ''], { env })
        expect(outcome.code, transcript(outcome)).toBe(0)
      }
      const ids = order.map((version) => new RegExp(`^\\d{8}T\\d{6}Z-${commits.get(version)?.slice(0, 7) ?? ''}$`))
      for (const host of hosts()) {
        expect(host.releases()).toEqual(ids.map((id): unknown => expect.stringMatching(id)))
        expect(host.releases()).toEqual(project.host('web1').releases())
      }
      for (const version of order.toReversed().slice(1)) {
        const back = await project.srv(['rollback', 'production'], { env })
        expect(back.code, transcript(back)).toBe(0)
        expect(await pages()).toEqual([page(version), page(version)])
      }
    })

    it('passes over a release that a failed deploy left on one host only', async () => {
      project.configure({
        health: `command('! [ -e "broken-on-$SRV_HOST" ]', { samples: 2, intervalMs: 100, timeoutMs: 2000 })`,
      })
      const deployed = async (version: string, files: Readonly<Record<string, string>> = {}): Promise<Outcome> => {
        commits.set(version, project.app.commit(version, { files }))
        return project.srv(['deploy', 'production', '--json'])
      }
      expect(states(await deployed('one'))).toEqual({ 'app/native@web1': 'new', 'app/native@web2': 'new' })
      const failed = await deployed('half', { 'broken-on-web2': '' })
      expect(failed.code, transcript(failed)).toBe(6)
      expect(states(failed)).toEqual({ 'app/native@web1': 'new', 'app/native@web2': 'old' })
      project.app.git('rm', '--quiet', 'broken-on-web2')
      expect(states(await deployed('two'))).toEqual({ 'app/native@web1': 'new', 'app/native@web2': 'new' })

      const back = await project.srv(['rollback', 'production'])
      expect(back.code, transcript(back)).toBe(0)
      const revisions = hosts().map((host) =>
        readFileSync(host.path('instances/native/current/REVISION'), 'utf8').trim(),
      )
      expect(revisions).toEqual([commits.get('one'), commits.get('one')])
    })
  })

  describe('of a project with three releases, the last of which serves before and after each test', () => {
    beforeAll(async () => {
      project = cliProject(sshd)
      for (const version of ['one', 'two', 'three']) await deploy(version)
    })
    afterAll(() => {
      project.remove()
    })

    it('goes back to the release before, and with --to to any that is there', async () => {
      const [, two, three] = project.host('web1').releases()
      const back = await project.srv(['rollback', 'production'])
      expect(back.code, transcript(back)).toBe(0)
      expect(shown(back)).toMatchInlineSnapshot(`
        "INSTANCE  HOST  RELEASE  STATE
        app/native  web1  <release 1>  new
        app/native  web2  <release 1>  new

        ✔ Done: rollback production  2 hosts · 8 changed, 3 ok · <duration>
        "
      `)
      expect(await pages()).toEqual([page('two'), page('two')])
      expect(hosts().map((host) => host.current())).toEqual([two, two])

      const to = await project.srv(['rollback', 'production', '--to', three ?? ''])
      expect(to.code, transcript(to)).toBe(0)
      expect(await pages()).toEqual([page('three'), page('three')])
    })

    it('refuses an id that no host has, before any change', async () => {
      const before = trees()
      const outcome = await project.srv(['rollback', 'production', '--to', '20200101T000000Z-0123456'])
      expect(outcome.code, transcript(outcome)).toBe(9)
      expect(shown(outcome)).toMatchInlineSnapshot(`
        "✖ SRV-333 local git:select: No host has a release <release 1> of app/native. Available: <release 4>, <release 3>, <release 2>. Nothing was changed.
          → \`srv releases production\` lists what each host has.

        INSTANCE  HOST  RELEASE  STATE
        app/native  web1  <release 4>  unchanged
        app/native  web2  <release 4>  unchanged

        ✖ Refused: rollback production  2 hosts · 1 failed · <duration>
          No host was changed.
          Log: .srv/runs/<run>/local.log
        "
      `)
      expect(trees()).toEqual(before)
    })

    it('refuses when one of the hosts lacks the release, before any change on the other', async () => {
      const [, two = ''] = project.host('web2').releases()
      const release = project.host('web2').path('instances/native/releases', two)
      const away = join(project.folder, two)
      renameSync(release, away)
      onTestFinished(() => {
        renameSync(away, release)
      })
      const before = trees()
      const outcome = await project.srv(['rollback', 'production'])
      expect(outcome.code, transcript(outcome)).toBe(9)
      expect(shown(outcome)).toMatchInlineSnapshot(`
        "✖ SRV-331 local git:select: app/native cannot go back to <release 2>: web2 does not have it. web1 has <release 3>, <release 2>, <release 1>; web2 has <release 3>, <release 1>. Nothing was changed.
          → Choose a release that every host has with \`--to\`, or fewer hosts with \`--host\`.

        INSTANCE  HOST  RELEASE  STATE
        app/native  web1  <release 3>  unchanged
        app/native  web2  <release 3>  unchanged

        ✖ Refused: rollback production  2 hosts · 1 failed · <duration>
          No host was changed.
          Log: .srv/runs/<run>/local.log
        "
      `)
      expect(trees()).toEqual(before)
      expect(await pages()).toEqual([page('three'), page('three')])
    })
  })
})
