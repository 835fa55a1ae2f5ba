import { existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type HostFolder, type Project } from '../support/cli-project.ts'
import { transcript, type Outcome } from '../support/cli-run.ts'
import { modeOf, normalised, summaryOf, treeOf } from '../support/cli-text.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

const addresses = ['127.9.0.1', '127.9.0.2']

describe.skipIf(!hasSshd)('srv deploy on two hosts', () => {
  let sshd: Sshd
  let project: Project
  let first: Outcome
  let commit: string
  const hosts = (): readonly HostFolder[] => ['web1', 'web2'].map((name) => project.host(name))
  const pages = (): Promise<readonly unknown[]> => Promise.all(hosts().map((host) => host.page()))

  beforeAll(async () => {
    sshd = await startSshd({ addresses })
    project = cliProject(sshd)
    project.configure({
      plugins: '[git({ keep: 2 })]',
      instance: `
        build: ['echo builds "$SRV_HOST"', 'echo built > built.txt'],
        env: { GREETING: 'hello $HOME "you"' },
        git: { shared: ['storage/', 'settings.json'] },`,
    })
    commit = project.app.commit('one', { files: { 'settings.json': '{ "from": "the repository" }\n' } })
    first = await project.srv(['deploy', 'production'])
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it('says what serves where', () => {
    expect(first.code, transcript(first)).toBe(0)
    expect(first.stdout).toBe('')
    expect(summaryOf(normalised(first.stderr, project, sshd))).toMatchInlineSnapshot(`
      "INSTANCE  HOST  RELEASE  STATE
      app/native  web1  <release 1>  new
      app/native  web2  <release 1>  new

      ✔ Done: deploy production  2 hosts · 20 changed, 3 ok · <duration>
      "
    `)
  })

  it('puts the commit in place, built, and the app answers with it', async () => {
    const page = { version: 'one', commit, greeting: 'hello $HOME "you"' }
    expect(await pages()).toEqual([page, page])
    for (const host of hosts()) {
      expect(readFileSync(host.path('instances/native/current/REVISION'), 'utf8')).toBe(`${commit}\n`)
      expect(readFileSync(host.path('instances/native/current/built.txt'), 'utf8')).toBe('built\n')
    }
  })

  it('writes .env for the log-in user alone', () => {
    for (const host of hosts()) {
      const file = host.path('instances/native/current/.env')
      expect(modeOf(file)).toBe('600')
      expect(readFileSync(file, 'utf8')).toBe('# Written by srv.\nGREETING="hello \\$HOME \\"you\\""\n')
    }
    expect(transcript(first)).not.toContain('hello $HOME')
  })

  it('links shared paths into the data, with what the repository brought', () => {
    const host = project.host('web1')
    for (const name of ['storage', 'settings.json']) {
      expect(readlinkSync(host.path('instances/native/current', name))).toBe(host.path('data', name))
    }
    expect(readFileSync(host.path('data/settings.json'), 'utf8')).toBe('{ "from": "the repository" }\n')
  })

  it('keeps a README in the folder of the service', () => {
    const readme = readFileSync(project.host('web2').path('README.md'), 'utf8')
    expect(normalised(readme, project, sshd)).toMatchInlineSnapshot(`
      "# app

      <!-- srv:begin -->
      Deployed by [srv](https://www.npmjs.com/package/srvkit) to web2, environment production. srv rewrites what
      is between these markers at each deploy; anything around them is yours.

      | instance | kind | run by | source |
      | --- | --- | --- | --- |
      | native | native | a process of its own: \`node app.mjs\` | ./app |

      - Code: \`<project>/hosts/web2/app/instances/<instance>\`. Do not edit it here: the next deploy replaces it.
      - Data: \`<project>/hosts/web2/app/data\`. A deploy never writes there.
      - From the folder on your machine that holds \`srv.config.ts\`:

        npx srv status production app
        npx srv logs production app
        npx srv rollback production app

      - native serves release <release 1>.
      <!-- srv:end -->
      "
    `)
  })

  it('has nothing to do the second time, and restarts nothing', async () => {
    const before = hosts().map((host) => ({ pid: host.pid(), tree: treeOf(host.root) }))
    const again = await project.srv(['deploy', 'production'])
    expect(again.code, transcript(again)).toBe(0)
    expect(summaryOf(normalised(again.stderr, project, sshd))).toMatchInlineSnapshot(`
      "INSTANCE  HOST  RELEASE  STATE
      app/native  web1  <release 1>  unchanged
      app/native  web2  <release 1>  unchanged

      ✔ Nothing to do: deploy production  2 hosts · 3 ok, 20 skipped · <duration>
      "
    `)
    expect(hosts().map((host) => ({ pid: host.pid(), tree: treeOf(host.root) }))).toEqual(before)
  })

  it('updates to a new commit, in a release of its own, and says how to undo it', async () => {
    const pids = hosts().map((host) => host.pid())
    const next = project.app.commit('two')
    const outcome = await project.srv(['deploy', 'production'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    expect(summaryOf(normalised(outcome.stderr, project, sshd))).toMatchInlineSnapshot(`
      "INSTANCE  HOST  RELEASE  STATE
      app/native  web1  <release 1>  new
      app/native  web2  <release 1>  new

      ✔ Done: deploy production  2 hosts · 20 changed, 3 ok · <duration>
        Undo: npx srv rollback production
      "
    `)
    expect(await pages()).toMatchObject([{ commit: next }, { commit: next }])
    for (const [index, host] of hosts().entries()) {
      expect(host.pid()).not.toBe(pids[index])
      expect(host.processes()).toHaveLength(1)
    }
  })

  it.each([
    ['a branch', 'side'],
    ['a tag', 'v1'],
    ['a commit', 'HEAD~1'],
  ])('deploys %s with --ref', async (kind, name) => {
    const wanted = project.app.commit(`what ${kind} leads to`)
    if (kind === 'a branch') project.app.git('branch', '--force', name)
    if (kind === 'a tag') project.app.git('tag', '--force', name)
    project.app.commit('what is newer')
    const ref = kind === 'a commit' ? wanted : name
    const outcome = await project.srv(['deploy', 'production', '--host', 'web1', '--ref', ref])
    expect(outcome.code, transcript(outcome)).toBe(0)
    expect(await project.host('web1').page()).toMatchObject({ commit: wanted })
    expect(outcome.stderr).toContain('Undo: npx srv rollback production --host web1\n')
  })

  it('keeps as many releases as it is told, and leaves a foreign folder alone', async () => {
    const host = project.host('web1')
    const foreign = host.path('instances/native/releases/20200101T000000Z-abcdef0')
    mkdirSync(foreign)
    writeFileSync(`${foreign}/mine`, 'not made by srv')
    for (const version of ['five', 'six']) {
      project.app.commit(version)
      expect((await project.srv(['deploy', 'production', '--host', 'web1'])).code).toBe(0)
    }
    const releases = host.releases()
    expect(releases).toHaveLength(3)
    expect(releases[0]).toBe('20200101T000000Z-abcdef0')
    expect(releases[2]).toBe(host.current())
    expect(existsSync(`${foreign}/mine`)).toBe(true)
  })

  it('takes one folder of a larger repository', async () => {
    const wanted = project.app.commit('a part', { below: 'services/web', files: { 'services/other/secret.txt': 'x' } })
    project.configure({ instance: `git: { path: 'services/web' }, env: { GREETING: 'part' },` })
    const outcome = await project.srv(['deploy', 'production', '--host', 'web2'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    const host = project.host('web2')
    expect(await host.page()).toEqual({ version: 'a part', commit: wanted, greeting: 'part' })
    expect(existsSync(host.path('instances/native/current/app.mjs'))).toBe(true)
    expect(existsSync(host.path('instances/native/current/services'))).toBe(false)
  })
})
