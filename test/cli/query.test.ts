import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type HostFolder, type Project } from '../support/cli-project.ts'
import { eventsOf, transcript, type Outcome } from '../support/cli-run.ts'
import { normalised, summaryOf, treeOf } from '../support/cli-text.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd)('commands that ask hosts', () => {
  let sshd: Sshd
  let project: Project
  const hosts = (): readonly HostFolder[] => ['web1', 'web2'].map((name) => project.host(name))
  const trees = (): readonly unknown[] => hosts().map(({ root }) => treeOf(root))
  const text = (said: string): string => normalised(said, project, sshd)

  /** Runs srv, expects that code, and returns what it printed. */
  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv(args)
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.0.1', '127.9.0.2'] })
    project = cliProject(sshd)
    project.app.commit('one')
    await srv(0, 'deploy', 'production')
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it('shows what serves where as a table', async () => {
    const { stdout, stderr } = await srv(0, 'status', 'production')
    expect(text(stdout)).toMatchInlineSnapshot(`
      "INSTANCE  HOST  RELEASE  SINCE  HEALTH  DRIFT
      app/native  web1  <release 1>  <duration>  ok  none
      app/native  web2  <release 1>  <duration>  ok  none
      "
    `)
    expect(stderr).toBe('')
  })

  it('shows the same as one JSON document', async () => {
    const { stdout, stderr } = await srv(0, 'status', 'production', '--json', '--host', 'web1')
    expect(JSON.parse(text(stdout))).toMatchInlineSnapshot(`
      {
        "backups": [],
        "environment": "production",
        "instances": [
          {
            "drift": [],
            "error": null,
            "health": "ok",
            "host": "web1",
            "instance": "app/native",
            "release": {
              "by": "<actor>",
              "commit": "<commit>",
              "id": "<release 1>",
              "ref": "main",
              "since": "<time>",
              "subject": "one",
            },
            "running": "yes",
            "url": null,
          },
        ],
        "old_data": [],
        "schedules": [],
        "schema": "srv.status/1",
      }
    `)
    expect(stderr).toBe('')
  })

  it('exits 7 when something does not run, and says which', async () => {
    process.kill(-project.host('web2').pid(), 'SIGKILL')
    while (project.host('web2').processes().length > 0) await new Promise(setImmediate)
    const { stdout } = await srv(7, 'status', 'production')
    expect(text(stdout)).toMatchInlineSnapshot(`
      "INSTANCE  HOST  RELEASE  SINCE  HEALTH  DRIFT
      app/native  web1  <release 1>  <duration>  ok  none
      app/native  web2  <release 1>  <duration>  not running  none
      "
    `)
    const start = await srv(0, 'start', 'production')
    expect(summaryOf(text(start.stderr))).toMatchInlineSnapshot(`
      "INSTANCE  HOST  RELEASE  STATE
      app/native  web1  <release 1>  unchanged
      app/native  web2  <release 1>  unchanged

      ✔ Done: start production  2 hosts · 1 changed, 2 ok, 1 skipped · <duration>
      "
    `)
    expect(await Promise.all(hosts().map((host) => host.page()))).toMatchObject([
      { version: 'one' },
      { version: 'one' },
    ])
  })

  it('lists releases, and which hosts have them', async () => {
    project.app.commit('two')
    await srv(0, 'deploy', 'production', '--host', 'web1')
    const { stdout } = await srv(0, 'releases', 'production')
    expect(text(stdout)).toMatchInlineSnapshot(`
      "INSTANCE  RELEASE  SUBJECT  BY  SINCE  ON  SERVES ON
      app/native  <release 2>  two  <actor>  <duration>  web1  web1
      app/native  <release 1>  one  <actor>  <duration>  web1, web2  web2
      "
    `)
    const { stdout: json } = await srv(0, 'releases', 'production', '--json')
    const document: unknown = JSON.parse(text(json))
    expect(document).toMatchObject({
      schema: 'srv.releases/1',
      releases: [
        { id: '<release 2>', hosts: ['web1'], serving: ['web1'] },
        { id: '<release 1>', hosts: ['web1', 'web2'], serving: ['web2'] },
      ],
    })
    await srv(0, 'rollback', 'production', '--host', 'web1')
  })

  it("prints the apps' own logs, each line with where it comes from", async () => {
    const { stdout, stderr } = await srv(0, 'logs', 'production', '-n', '1')
    expect(stdout.split('\n').sort().join('\n')).toMatchInlineSnapshot(`
      "
      app/native@web1  one listens
      app/native@web2  one listens"
    `)
    expect(stderr).toBe('')
    const one = await srv(0, 'logs', 'production', '--host', 'web2', '-n', '2')
    expect(text(one.stdout)).toMatchInlineSnapshot(`
      "== srv: started at <time>
      one listens
      "
    `)
  })

  it('runs a command on each host, word for word', async () => {
    const { stdout, stderr } = await srv(0, 'exec', 'production', '--', 'printf', '%s\\n', 'two  words', '$HOME; "*"')
    expect(stdout.split('\n').sort().join('\n')).toMatchInlineSnapshot(`
      "
      web1  $HOME; "*"
      web1  two  words
      web2  $HOME; "*"
      web2  two  words"
    `)
    expect(stderr).toBe('')
  })

  it('says where a command failed, with both streams apart', async () => {
    const { stdout, stderr } = await srv(
      5,
      'exec',
      'production',
      '--host',
      'web2',
      '--',
      'sh',
      '-c',
      'echo out; echo err >&2; exit 3',
    )
    expect(stdout).toBe('web2  out\n')
    expect(stderr).toMatchInlineSnapshot(`
      "web2  err
      ✖ SRV-511 The command failed on web2: exit status 3.
        → With \`--raw\` on one host, srv exits as the command did.
      "
    `)
  })

  it('with --raw is the command, on one host', async () => {
    const raw = await srv(
      3,
      'exec',
      'production',
      '--host',
      'web2',
      '--raw',
      '--',
      'sh',
      '-c',
      'echo out; echo err >&2; exit 3',
    )
    expect(raw).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' })
    const { stderr } = await srv(2, 'exec', 'production', '--raw', '--', 'true')
    expect(stderr).toMatchInlineSnapshot(`
      "✖ SRV-100 --raw is for one host, but 2 are chosen: add --host. Nothing was contacted.
        → \`srv --help\` lists the commands, \`srv <command> --help\` its options.
      "
    `)
  })

  it('lists hosts, tasks and pipelines without contacting anything', async () => {
    const logins = sshd.logins()
    const { stdout } = await srv(0, 'tasks')
    expect(text(stdout)).toMatchInlineSnapshot(`
      "PIPELINE  FROM  STEPS
      deploy  srv  git:resolve → git:push → git:fetch → git:switch → restart → health → git:record → git:prune → readme
      update  srv  git:resolve → git:push → git:fetch → git:switch → restart → health → git:record → git:prune → readme
      rollback  srv  git:select → git:switch → restart → health → git:record → readme
      restart  srv  restart → health
      start  srv  start → health
      stop  srv  stop

      TASK  ON  WHAT IT DOES  HOOKS AND FLAGS
      build  instance  Build
      env  instance  Write .env
      start  instance  Start
      stop  instance  Stop
      restart  instance  Restart
      health  instance  Check health
      readme  instance  Write README.md
      git:resolve  once  Resolve the commit  --ref
      git:push  instance  Send the commit
      git:fetch  instance  Fetch the release
      git:link  instance  Link shared paths
      git:switch  instance  Switch to the release
      git:record  instance  Record the release
      git:prune  instance  Remove old releases
      git:select  once  Select the release to go back to  --to
      "
    `)
    const hosts = await srv(0, 'hosts', 'list', 'production')
    expect(text(hosts.stdout)).toMatchInlineSnapshot(`
      "HOST  KIND  ADDRESS  ROOT
      web1  ssh  web1  <project>/hosts/web1
      web2  ssh  web2  <project>/hosts/web2
      "
    `)
    expect(sshd.logins()).toBe(logins)
  })

  it('plans a deploy with nothing but looking', async () => {
    project.app.commit('planned')
    const before = trees()
    const sessions = sshd.log().length
    const { stdout } = await srv(0, 'plan', 'production')
    expect(text(stdout)).toMatchInlineSnapshot(`
      "Plan of deploy production on web1, web2

      deploy
        git:resolve  Resolve the commit
        local  Resolve the commit
        git:push  Send the commit
        app/native on web1  send <commit> to <project>/hosts/web1/app/instances/native/repo
        app/native on web2  send <commit> to <project>/hosts/web2/app/instances/native/repo
        git:fetch  Fetch the release
        app/native on web1  create <project>/hosts/web1/app/instances/native/releases/<release 2> from <commit>
        app/native on web2  create <project>/hosts/web2/app/instances/native/releases/<release 2> from <commit>

      rolling
        git:switch  Switch to the release
        app/native on web1, web2  switch from <release 1> to <release 2>
        restart  Restart
        app/native on web1, web2  restart node app.mjs
        health  Check health
        app/native on web1, web2  curl -fs -o /dev/null "http://127.0.0.1:$(cat "$SRV_DATA/port" 2>/dev/null)/": 2 good answers in a row, <duration> apart, within <duration>

      deploy
        git:record  Record the release
        app/native on web1, web2  Record the release
        git:prune  Remove old releases
        app/native on web1, web2  keep the newest 5 releases
        readme  Write README.md
        app/native on web1  keep <project>/hosts/web1/app/README.md
        app/native on web2  keep <project>/hosts/web2/app/README.md
      "
    `)
    const dry = await srv(0, 'deploy', 'production', '--dry-run', '--json')
    const would = eventsOf(dry).filter(({ type }) => type === 'step.would')
    expect(would.map(({ task, target }) => `${task ?? ''} ${target ?? ''}`)).toMatchInlineSnapshot(`
      [
        "git:resolve local",
        "git:push app/native@web1",
        "git:push app/native@web2",
        "git:fetch app/native@web1",
        "git:fetch app/native@web2",
        "git:switch app/native@web1",
        "git:switch app/native@web2",
        "restart app/native@web1",
        "restart app/native@web2",
        "health app/native@web1",
        "health app/native@web2",
        "git:record app/native@web1",
        "git:record app/native@web2",
        "git:prune app/native@web1",
        "git:prune app/native@web2",
        "readme app/native@web1",
        "readme app/native@web2",
      ]
    `)
    expect(eventsOf(dry).some(({ type }) => type === 'step.start')).toBe(false)
    expect(trees()).toEqual(before)
    // One command a host and a run: the one that asks.
    const log = sshd.log().slice(sessions)
    expect(log.match(/Starting session: command/g)).toHaveLength(4)
  })

  it('names the command that does what was planned, and no more than that', async () => {
    const choice = ['production', 'app', '--host', 'web1', '--ref', 'main', '--force']
    const planned = await srv(0, 'plan', ...choice)
    expect(planned.stderr).toContain(`Next: npx srv deploy ${choice.join(' ')}\n`)
    const dry = await srv(0, 'restart', 'production', '--host=!web2', '--config', './srv.config.ts', '--dry-run')
    expect(dry.stderr).toContain("Next: npx srv restart production --host '!web2' --config ./srv.config.ts\n")
    const events = eventsOf(await srv(0, 'plan', ...choice, '--json'))
    const selection = { services: ['app'], hosts: ['web1'], tags: [] }
    expect(events.find(({ type }) => type === 'run.start')).toMatchObject({ selection })
    expect(events.at(-1)).toMatchObject({ type: 'run.end', options: { ref: 'main', force: true } })
  })

  it('tells by its exit code whether a deploy would change something', async () => {
    project.app.commit('three')
    await srv(3, 'plan', 'production', '--detailed-exitcode')
    await srv(0, 'plan', 'production', '--pipeline', 'deploy')
  })

  it('restarts, stops and starts what is in place', async () => {
    const pids = hosts().map((host) => host.pid())
    const restart = await srv(0, 'restart', 'production')
    expect(summaryOf(text(restart.stderr))).toMatchInlineSnapshot(`
      "INSTANCE  HOST  RELEASE  STATE
      app/native  web1  <release 1>  unchanged
      app/native  web2  <release 1>  unchanged

      ✔ Done: restart production  2 hosts · 2 changed, 2 ok · <duration>
      "
    `)
    const restarted = hosts().map((host) => host.pid())
    expect(restarted).not.toContain(pids[0])
    expect(restarted).not.toContain(pids[1])

    const stop = await srv(0, 'stop', 'production')
    expect(summaryOf(text(stop.stderr))).toMatchInlineSnapshot(`
      "INSTANCE  HOST  RELEASE  STATE
      app/native  web1  <release 1>  down
      app/native  web2  <release 1>  down

      ✔ Done: stop production  2 hosts · 2 changed · <duration>
      "
    `)
    expect(hosts().map((host) => host.processes())).toEqual([[], []])

    await srv(0, 'start', 'production')
    expect(await Promise.all(hosts().map((host) => host.page()))).toMatchObject([
      { version: 'one' },
      { version: 'one' },
    ])
  })

  it('checks every host with doctor', async () => {
    const before = trees()
    const { stderr } = await srv(0, 'doctor', 'production', '--host', 'web1')
    // What was found is this machine's own affair.
    expect(text(stderr).replaceAll(/(?<=✔ [^:\n]+): .+/g, '')).toMatchInlineSnapshot(`
      "doctor production: 1 host, 0 steps
      web1  connect  ✔ <duration>
      web1  check  ✔ setsid
      web1  check  ✔ git
      web1  check  ✔ tar
      web1  check  ✔ write permission (app/native)
      web1  check  ✔ current is a link (app/native)
      web1  check  ✔ no checkout in the way (app/native)
      web1  check  ✔ free space (app/native)
      web1  check  ✔ 7 checks

      ✔ Nothing to do
      "
    `)
    expect(trees()).toEqual(before)
  })
})
