import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { normalised, summaryOf, treeOf } from '../support/cli-text.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd)('what srv prints', () => {
  let sshd: Sshd
  let project: Project

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.0.1'] })
    project = cliProject(sshd, { web1: {} })
    project.app.commit('one')
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  /** What a reader of the lines may count on, whatever the run was. */
  function expectEvents(outcome: Outcome): void {
    const events = eventsOf(outcome)
    expect(events[0]).toMatchObject({ type: 'version', schema: 'srv.events/1' })
    expect(events.filter(({ type }) => type === 'run.end')).toHaveLength(1)
    expect(runEnd(outcome).exit_code).toBe(outcome.code)
  }

  it('prints one event a line with --json, from version to run.end', async () => {
    project.configure({})
    const outcome = await project.srv(['deploy', 'production', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    expect(outcome.stderr).toBe('')
    expectEvents(outcome)
    const ends = eventsOf(outcome).filter(({ type }) => type === 'step.end')
    expect(ends.map(({ task, target, status }) => `${task ?? ''} ${target ?? ''} ${status ?? ''}`))
      .toMatchInlineSnapshot(`
      [
        "git:resolve local ok",
        "git:push app/native@web1 changed",
        "git:fetch app/native@web1 changed",
        "git:switch app/native@web1 changed",
        "restart app/native@web1 changed",
        "health app/native@web1 ok",
        "git:record app/native@web1 changed",
        "git:prune app/native@web1 changed",
        "readme app/native@web1 changed",
      ]
    `)
    expect(JSON.parse(normalised(JSON.stringify(runEnd(outcome).serving), project, sshd))).toEqual({
      'app/native@web1': { release: '<release 1>', state: 'new' },
    })
  })

  it('ends with run.end also when a host cannot be reached', async () => {
    project.configure({ hosts: `gone: { address: '127.9.0.98', port: 1, user: 'nobody', root: '/nowhere' },` })
    const outcome = await project.srv(['deploy', 'production', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(4)
    expectEvents(outcome)
    expect(runEnd(outcome)).toMatchObject({ status: 'unreachable', serving: {}, errors: [{ code: 'SRV-202' }] })
  })

  it('prints plain lines in order on one host, without any control code', async () => {
    project.configure({ instance: `build: ['echo one', 'printf "\\\\033[31mred\\\\033[0m\\\\n"'],` })
    project.app.commit('plain')
    const outcome = await project.srv(['deploy', 'production', '--plain', '-v'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    expect(outcome.stdout).toBe('')
    expect(outcome.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/)
    const lines = normalised(outcome.stderr, project, sshd).split('\n')
    expect(lines.filter((line) => !line.includes('  check  ')).join('\n')).toMatchInlineSnapshot(`
      "deploy production: 1 host, 10 steps
      web1  connect  ✔ <duration>
      ▸ git:resolve  Resolve the commit
      local  git:resolve  ▸ main is <commit>
      local  git:resolve  ✔ <duration> ok
      ▸ git:push  Send the commit
      web1  git:push  ✔ <duration>
      ▸ git:fetch  Fetch the release
      web1  git:fetch  ✔ <duration>
      ▸ build  Build
      web1  build  │ $ echo one
      web1  build  │ one
      web1  build  │ $ printf "\\033[31mred\\033[0m\\n"
      web1  build  │ red
      web1  build  ✔ <duration>
      ▸ git:switch  Switch to the release
      web1  git:switch  ✔ <duration>
      ▸ restart  Restart
      web1  restart  │ stopped
      web1  restart  │ running as process <pid>
      web1  restart  ✔ <duration>
      ▸ health  Check health
      web1  health  │ exited with status 0, 2 times in a row: curl -fs -o /dev/null "http://127.0.0.1:$(cat "$SRV_DATA/port" 2>/dev/null)/"
      web1  health  ✔ <duration> ok
      ▸ git:record  Record the release
      web1  git:record  ✔ <duration>
      ▸ git:prune  Remove old releases
      web1  git:prune  │ removed 0
      web1  git:prune  ✔ <duration>
      ▸ readme  Write README.md
      web1  readme  │ wrote <project>/hosts/web1/app/README.md
      web1  readme  ✔ <duration>

      INSTANCE  HOST  RELEASE  STATE
      app/native  web1  <release 1>  new

      ✔ Done: deploy production  1 host · 8 changed, 2 ok · <duration>
        Undo: npx srv rollback production
      "
    `)
  })

  it('shows a URL where the health check is one over HTTP', async () => {
    const port = project.host('web1').port()
    project.configure({ health: `http(':${port}/', { samples: 1, intervalMs: 100 })` })
    const { stdout } = await project.srv(['status', 'production', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ instances: [{ health: 'ok', url: `http://web1:${port}/` }] })
  })

  describe('when nothing may be contacted', () => {
    /** Runs srv, expects a refusal with exit code 2, and that nothing was contacted or changed. */
    async function refused(...args: readonly string[]): Promise<Outcome> {
      const before = [sshd.log(), treeOf(project.host('web1').root)]
      const outcome = await project.srv(args)
      expect(outcome.code, transcript(outcome)).toBe(2)
      expect([sshd.log(), treeOf(project.host('web1').root)]).toEqual(before)
      return outcome
    }

    const mistakes = {
      plugins: `[git({ keep: 0 })]`,
      instance: `build: 3, helth: [],`,
      further: `pipelines: { deploy: ['git:fetsh'] }, hooks: { 'before:restrat': () => {} },`,
    }

    it('says all that is wrong with the config at once', async () => {
      project.configure(mistakes)
      const outcome = await refused('deploy', 'production')
      expect(outcome.stdout).toBe('')
      expect(normalised(outcome.stderr, project, sshd)).toMatchInlineSnapshot(`
        "✖ SRV-101 <project>/srv.config.ts has 4 problems; nothing was contacted:
          plugins.git.keep is wrong: Too small: expected number to be >=1
          services.app.instances.native.build must be a text, not a number
          services.app.instances.native.helth is not a known option. Did you mean health? (also: kind, repository, ref, build, buildTimeoutMs, env, start, git)
          hooks["before:restrat"] names restrat, which is not a task or pipeline. Did you mean restart?
          → Correct it and run the same command again; an editor with TypeScript shows most of these as you type.
        "
      `)
    })

    it('says it in one JSON document', async () => {
      project.configure(mistakes)
      const outcome = await refused('deploy', 'production', '--json')
      const document: unknown = JSON.parse(outcome.stdout)
      expect(document).toMatchObject({ schema: 'srv.error/1', exit_code: 2, error: { code: 'SRV-101' } })
      expect(outcome.stdout.trim().split('\n')).toHaveLength(1)
    })

    it('refuses a config that cannot be loaded', async () => {
      const said: string[] = []
      for (const text of ['throw new Error("no such luck")\n', 'export default {\n', 'export const config = {}\n']) {
        writeFileSync(join(project.folder, 'srv.config.ts'), text)
        said.push(normalised((await refused('deploy', 'production')).stderr, project, sshd))
      }
      expect(said.join('\n')).toMatchInlineSnapshot(`
        "✖ SRV-103 <project>/srv.config.ts failed while it was loaded, at <project>/srv.config.ts:1:7: no such luck. Nothing was contacted.
          → Correct the config, or the module that it imports: loading it should do nothing but declare things.

        ✖ SRV-102 <project>/srv.config.ts:2:1 cannot be read: Expected identifier but found end of file. Nothing was contacted.
          → Correct the syntax at that place.

        ✖ SRV-104 <project>/srv.config.ts has nothing as its default export, which is not a config. Nothing was contacted.
          → Write \`export default defineConfig({ … })\`, with defineConfig from srvkit.
        "
      `)
    })

    it('refuses a command line that cannot be meant', async () => {
      project.configure({})
      const said: string[] = []
      for (const line of [
        '--json',
        'depoly production',
        'deploy',
        'deploy prodution',
        'deploy production ap',
        'deploy production --host web3',
        'deploy production --tag eu',
        'deploy production --rfe main',
        'status production --verbos',
        'exec production uptime',
      ]) {
        const { stdout, stderr } = await refused(...line.split(' '))
        said.push(`$ srv ${line}\n${stdout}${stderr}`)
      }
      expect(said.join('\n')).toMatchInlineSnapshot(`
        "$ srv --json
        {"schema":"srv.error/1","exit_code":2,"error":{"code":"SRV-100","message":"A command is missing before --json. Nothing was contacted.","hint":"\`srv --help\` lists the commands, \`srv <command> --help\` its options.","where":{},"output":[]}}
        ✖ SRV-100 A command is missing before --json. Nothing was contacted.
          → \`srv --help\` lists the commands, \`srv <command> --help\` its options.

        $ srv depoly production
        ✖ SRV-116 No command or pipeline is called depoly. Did you mean deploy? Nothing was contacted.
          → \`srv --help\` lists the commands, \`srv tasks\` the pipelines of this project.

        $ srv deploy
        ✖ SRV-100 Missing required argument 'environment'. Nothing was contacted.
          → \`srv --help\` lists the commands, \`srv <command> --help\` its options.

        $ srv deploy prodution
        ✖ SRV-110 The config has no environment prodution. Did you mean production? Nothing was contacted.
          → Name one of the environments, or add it under \`environments\` in the config.

        $ srv deploy production ap
        ✖ SRV-111 No service or instance is called ap here. Did you mean app? (also: app/native) Nothing was contacted.
          → Name a service, or an instance as service/instance.

        $ srv deploy production --host web3
        ✖ SRV-112 No host of this environment is called web3. Did you mean web1? Nothing was contacted.
          → Hosts go by their names in the config, not by their addresses.

        $ srv deploy production --tag eu
        ✖ SRV-113 No host of this environment has the tag eu. There are none. Nothing was contacted.
          → Tags are set on hosts in the config.

        $ srv deploy production --rfe main
        ✖ SRV-100 Unknown option '--rfe' (Did you mean --ref?) Nothing was contacted.
          → \`srv --help\` lists the commands, \`srv <command> --help\` its options.

        $ srv status production --verbos
        ✖ SRV-100 Unknown option '--verbos' (Did you mean --verbose?) Nothing was contacted.
          → \`srv --help\` lists the commands, \`srv <command> --help\` its options.

        $ srv exec production uptime
        ✖ SRV-100 The command is missing: it goes after --, as in srv exec production -- uptime. Nothing was contacted.
          → \`srv --help\` lists the commands, \`srv <command> --help\` its options.
        "
      `)
    })
  })

  it('refuses a ref that is not there before it changes anything', async () => {
    project.configure({})
    const before = treeOf(project.host('web1').root)
    const outcome = await project.srv(['deploy', 'production', '--ref', 'mian'])
    expect(outcome.code, transcript(outcome)).toBe(2)
    expect(summaryOf(normalised(outcome.stderr, project, sshd))).toMatchInlineSnapshot(`
      "✖ SRV-162 local git:resolve: <project>/app has no branch, tag or commit mian. Did you mean main? Nothing was changed.
        → Choose another with \`--ref\`, or push the branch first. A remote can only be asked for full commit ids.

      INSTANCE  HOST  RELEASE  STATE
      app/native  web1  <release 1>  unchanged

      ✖ Refused: deploy production  1 host · 1 failed · <duration>
        Log: .srv/runs/<run>/local.log
      "
    `)
    expect(treeOf(project.host('web1').root)).toEqual(before)
  })
})
