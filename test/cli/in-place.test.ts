import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { cliProject, type HostFolder, type Project } from '../support/cli-project.ts'
import { states, transcript, type Outcome } from '../support/cli-run.ts'
import { modeOf, normalised, summaryOf, treeOf } from '../support/cli-text.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

/** The app reads its commit from a file: the build writes it, so that the page shows what was built last. */
const buildScript = 'git rev-parse HEAD > REVISION\n'

describe.skipIf(!hasSshd)('srv deploy in place', () => {
  let sshd: Sshd
  let project: Project
  const commits = new Map<string, string>()
  const hosts = (): readonly HostFolder[] => ['web1', 'web2'].map((name) => project.host(name))
  const trees = (): readonly unknown[] => hosts().map(({ root }) => treeOf(root))
  const pages = (): Promise<readonly unknown[]> => Promise.all(hosts().map((host) => host.page()))
  const page = (version: string): object => ({ version, commit: commits.get(version), greeting: 'hello' })
  const shown = (outcome: Outcome): string => summaryOf(normalised(outcome.stderr, project, sshd))
  const git = (host: HostFolder, ...args: readonly string[]): string =>
    execFileSync('git', args, { cwd: host.path('instances/native'), encoding: 'utf8' }).trim()
  /** What must not be different after a refusal or a return: the checkout, and what srv knows. */
  const kept = (host: HostFolder): object => ({
    files: treeOf(host.path('instances/native')).filter((line) => !line.includes('/.git/')),
    head: git(host, 'rev-parse', 'HEAD'),
    status: git(host, 'status', '--porcelain', '--branch'),
    refs: git(host, 'for-each-ref'),
    releases: treeOf(host.path('.srv/native/releases')),
    history: readFileSync(host.path('.srv/native/history'), 'utf8'),
  })

  function prepare(): void {
    project = cliProject(sshd)
    project.configure({
      plugins: `[git({ strategy: 'in-place' })]`,
      instance: `build: 'sh build.sh', env: { GREETING: 'hello' },`,
    })
  }

  function commit(version: string, options: Parameters<Project['app']['commit']>[1] = {}): void {
    const files = { 'build.sh': buildScript, '.gitignore': 'REVISION\n', ...options.files }
    commits.set(version, project.app.commit(version, { ...options, files }))
  }

  /** Runs srv, and counts the commands that it sent to the first host. */
  async function counted(...args: readonly string[]): Promise<{ outcome: Outcome; commands: number }> {
    const from = sshd.log().length
    const outcome = await project.srv(args)
    const said = sshd.log().slice(from)
    const clients = [...said.matchAll(/Connection from 127\.\S+ port (\d+) on 127\.9\.0\.1/g)].map(([, port]) => port)
    const started = [...said.matchAll(/Starting session: command for .* from 127\.\S+ port (\d+)/g)]
    return { outcome, commands: started.filter(([, port]) => clients.includes(port)).length }
  }

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.0.1', '127.9.0.2'] })
  })
  afterAll(() => sshd.stop())

  describe('on hosts that have nothing', () => {
    beforeEach(() => {
      prepare()
    })
    afterEach(() => {
      project.remove()
    })

    it('plans the build behind the switch', async () => {
      commit('one')
      const outcome = await project.srv(['plan', 'production', '--json'])
      expect(outcome.code, transcript(outcome)).toBe(0)
      const tasks = [...outcome.stdout.matchAll(/"task":"([^"]+)"/g)].map(([, task]) => task)
      expect([...new Set(tasks)]).toEqual([
        'git:resolve',
        'git:push',
        'git:fetch',
        'git:switch',
        'env',
        'build',
        'restart',
        'health',
        'git:record',
        'git:prune',
        'readme',
      ])
      expect(trees()).toEqual([[], []])
    })

    it('clones on both hosts, builds there, the app answers, and there is nothing to do the second time', async () => {
      commit('one')
      const { outcome, commands } = await counted('deploy', 'production')
      expect(outcome.code, transcript(outcome)).toBe(0)
      expect(commands).toBeLessThanOrEqual(5)
      expect(shown(outcome)).toMatchInlineSnapshot(`
        "INSTANCE  HOST  RELEASE  STATE
        app/native  web1  <release 1>  new
        app/native  web2  <release 1>  new

        ✔ Done: deploy production  2 hosts · 18 changed, 3 ok · <duration>
        "
      `)
      expect(await pages()).toEqual([page('one'), page('one')])
      for (const host of hosts()) {
        expect(modeOf(host.path('instances/native/.env'))).toBe('600')
        expect(git(host, 'status', '--porcelain', '--branch')).toBe('## main')
        expect(existsSync(host.path('instances/native/releases'))).toBe(false)
      }

      const before = hosts().map((host) => host.pid())
      const again = await project.srv(['update', 'production'])
      expect(again.code, transcript(again)).toBe(0)
      expect(shown(again)).toMatchInlineSnapshot(`
        "INSTANCE  HOST  RELEASE  STATE
        app/native  web1  <release 1>  unchanged
        app/native  web2  <release 1>  unchanged

        ✔ Nothing to do: update production  2 hosts · 3 ok, 18 skipped · <duration>
        "
      `)
      expect(hosts().map((host) => host.pid())).toEqual(before)
    })
  })

  describe('on hosts that serve the second commit before and after each test', () => {
    beforeAll(async () => {
      prepare()
      for (const version of ['one', 'two']) {
        commit(version)
        const outcome = await project.srv(['deploy', 'production'])
        expect(outcome.code, transcript(outcome)).toBe(0)
      }
    })
    afterAll(() => {
      project.remove()
    })

    it('refuses changed files on one host, and changes nothing on either', async () => {
      commit('never')
      writeFileSync(project.host('web2').path('instances/native/app.mjs'), 'somebody was here\n')
      onTestFinished(() => {
        git(project.host('web2'), 'checkout', '--quiet', '--', 'app.mjs')
      })
      const before = trees()
      const outcome = await project.srv(['update', 'production'])
      expect(outcome.code, transcript(outcome)).toBe(9)
      expect(shown(outcome)).toMatchInlineSnapshot(`
        "✖ SRV-340 git:resolve: app/native@web2 has uncommitted changes in <project>/hosts/web2/app/instances/native: app.mjs. Nothing was changed there.
          → Look at them on the host: \`git -C <project>/hosts/web2/app/instances/native diff HEAD\`. Commit them, or set them aside with \`git stash\`; build output belongs in .gitignore.

        INSTANCE  HOST  RELEASE  STATE
        app/native  web1  <release 1>  unchanged
        app/native  web2  <release 1>  unchanged

        ✖ Refused: update production  2 hosts · 1 failed · <duration>
          No host was changed.
          Log: .srv/runs/<run>/web2.log
        "
      `)
      const rollback = await project.srv(['rollback', 'production'])
      expect(rollback.code, transcript(rollback)).toBe(9)
      expect(shown(rollback)).toContain('SRV-340 git:select: app/native@web2 has uncommitted changes in ')
      const status = await project.srv(['status', 'production', '--json'])
      expect(status.stdout).toContain('"drift":["not committed: app.mjs"]')
      // A lease comes and goes in srv's own folder.
      expect(trees()).toEqual(before)
    })

    it('refuses a force-pushed branch before it moves any host', async () => {
      const before = hosts().map((host) => kept(host))
      project.app.git('checkout', '--quiet', '-B', 'forced', commits.get('one') ?? '')
      onTestFinished(() => {
        project.app.git('checkout', '--quiet', 'main')
      })
      commit('forced')
      const outcome = await project.srv(['update', 'production', '--ref', 'forced'])
      expect(outcome.code, transcript(outcome)).toBe(9)
      const said = shown(outcome)
        .replaceAll(/\b[0-9a-f]{7}\b/g, '<commit>')
        .split('\n')
      expect(said.filter((line) => line.includes('SRV-')).sort()).toEqual(
        ['web1', 'web2'].map(
          (host) =>
            `✖ SRV-345 git:fetch: app/native@${host} is at <commit>, which is not an ancestor of <commit>: the branch was force-pushed, or somebody committed on the host. Nothing was changed there.`,
        ),
      )
      expect(said).toContain('  No host was changed.')
      expect(hosts().map((host) => kept(host))).toEqual(before)
    })

    it('goes back, built again, when the build fails', async () => {
      const before = hosts().map((host) => kept(host))
      commit('broken', {
        files: { 'build.sh': `${buildScript}echo half > app.mjs\necho "no such module" >&2\nexit 9\n` },
      })
      const outcome = await project.srv(['update', 'production'])
      expect(outcome.code, transcript(outcome)).toBe(5)
      expect(shown(outcome)).toMatchInlineSnapshot(`
        "✖ SRV-501 build failed on app/native@web1 with exit status 9.
          no such module
          → Read the lines above; \`-v\` shows all output of each step.

        INSTANCE  HOST  RELEASE  STATE
        app/native  web1  <release 1>  old
        app/native  web2  <release 1>  unchanged

        ✖ Failed: update production  2 hosts · 1 failed, 6 changed, 1 ok · <duration>
          The previous release serves on every host that was touched.
          Log: .srv/runs/<run>/web1.log
        "
      `)
      expect(hosts().map((host) => kept(host))).toEqual(before)
      expect(await pages()).toEqual([page('two'), page('two')])
    })

    it('goes back, built and started again, when the app does not become healthy', async () => {
      const before = hosts().map((host) => kept(host))
      commit('sick', { behaviour: 'exits at once' })
      const outcome = await project.srv(['update', 'production'])
      expect(outcome.code, transcript(outcome)).toBe(5)
      expect(shown(outcome)).toMatchInlineSnapshot(`
        "✖ SRV-501 health failed on app/native@web1: exited with status 3.
          cannot read its settings
          → Read the lines above; \`-v\` shows all output of each step.

        INSTANCE  HOST  RELEASE  STATE
        app/native  web1  <release 1>  old
        app/native  web2  <release 1>  unchanged

        ✖ Failed: update production  2 hosts · 1 failed, 8 changed, 1 ok · <duration>
          The previous release serves on every host that was touched.
          Log: .srv/runs/<run>/web1.log
        "
      `)
      expect(hosts().map((host) => kept(host))).toEqual(before)
      expect(await pages()).toEqual([page('two'), page('two')])
    })

    it('refuses a rollback when one host lacks the commit', async () => {
      const host = project.host('web2')
      const [first = ''] = readFileSync(host.path('.srv/native/history'), 'utf8').split('\n')
      const [, one = ''] = first.split('\t')
      const record = host.path('.srv/native/releases', `${one}.json`)
      const away = join(project.folder, one)
      renameSync(record, away)
      onTestFinished(() => {
        renameSync(away, record)
      })
      const before = trees()
      const outcome = await project.srv(['rollback', 'production', '--to', one])
      expect(outcome.code, transcript(outcome)).toBe(9)
      expect(trees()).toEqual(before)
      expect(await pages()).toEqual([page('two'), page('two')])
    })

    it('updates in at most five commands a host, and rolls back in as many to the commit before, which it builds', async () => {
      commit('three')
      const { outcome, commands } = await counted('update', 'production', '--json')
      expect(outcome.code, transcript(outcome)).toBe(0)
      expect(states(outcome)).toEqual({ 'app/native@web1': 'new', 'app/native@web2': 'new' })
      expect(commands).toBeLessThanOrEqual(5)
      expect(await pages()).toEqual([page('three'), page('three')])

      const back = await counted('rollback', 'production')
      expect(back.outcome.code, transcript(back.outcome)).toBe(0)
      expect(back.commands).toBeLessThanOrEqual(5)
      expect(shown(back.outcome)).toMatchInlineSnapshot(`
        "INSTANCE  HOST  RELEASE  STATE
        app/native  web1  <release 1>  new
        app/native  web2  <release 1>  new

        ✔ Done: rollback production  2 hosts · 12 changed, 3 ok · <duration>
        "
      `)
      expect(await pages()).toEqual([page('two'), page('two')])
      expect(hosts().map((host) => git(host, 'symbolic-ref', 'HEAD'))).toEqual(['refs/heads/main', 'refs/heads/main'])
    })
  })
})

describe.skipIf(!hasSshd)('a checkout that srv never saw', () => {
  let sshd: Sshd
  let project: Project
  let old = ''
  let next = ''

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.0.1', '127.9.0.2'] })
  })
  afterAll(() => sshd.stop())

  beforeEach(() => {
    project = cliProject(sshd)
    project.configure({
      source: `repository: '${project.app.folder}',`,
      plugins: `[git({ strategy: 'in-place', source: 'remote' })]`,
      instance: `build: 'sh build.sh',`,
    })
    const files = { 'build.sh': buildScript, '.gitignore': 'REVISION\nuploads/\n' }
    old = project.app.commit('old', { files })
    for (const name of ['web1', 'web2']) {
      const folder = project.host(name).path('instances/native')
      project.app.git('clone', '--quiet', project.app.folder, folder)
      writeFileSync(`${folder}/notes.txt`, 'mine\n')
    }
    next = project.app.commit('new', { files })
  })
  afterEach(() => {
    project.remove()
  })

  it('is adopted, updated and gone back to', async () => {
    const outcome = await project.srv(['update', 'production', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    expect(await project.host('web1').page()).toMatchObject({ version: 'new', commit: next })

    const back = await project.srv(['rollback', 'production'])
    expect(back.code, transcript(back)).toBe(0)
    for (const name of ['web1', 'web2']) {
      expect(await project.host(name).page()).toMatchObject({ version: 'old', commit: old })
      expect(readFileSync(project.host(name).path('instances/native/notes.txt'), 'utf8')).toBe('mine\n')
    }
    const status = await project.srv(['status', 'production', '--json'])
    expect(status.stdout).toContain(`"commit":"${old}"`)
    expect(status.stdout).not.toContain('"drift":["')
  })

  it('is planned as a move of the detached checkout where no branch is checked out', async () => {
    const folder = project.host('web1').path('instances/native')
    project.app.git('-C', folder, 'checkout', '--quiet', '--detach')
    const outcome = await project.srv(['update', 'production', '--dry-run', '--json', '--host', 'web1'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    const switches = outcome.stdout.split('\n').filter((line) => /"step.would".*"task":"git:switch"/.test(line))
    expect(switches.map((line) => /move [^"]*/.exec(line)?.[0])).toEqual([
      `move the detached checkout from ${old.slice(0, 7)} to ${next.slice(0, 7)}`,
    ])
  })

  it('is refused by strategy releases', async () => {
    project.configure({ source: `repository: '${project.app.folder}',`, plugins: `[git({ source: 'remote' })]` })
    const outcome = await project.srv(['deploy', 'production', '--host', 'web1'])
    expect(outcome.code, transcript(outcome)).toBe(9)
    expect(normalised(outcome.stderr, project, sshd)).toContain(
      '<project>/hosts/web1/app/instances/native is a checkout, but the strategy is to keep a folder for each release',
    )
  })
})
