import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript } from '../support/cli-run.ts'
import { normalised, summaryOf } from '../support/cli-text.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

/** A task, a pipeline around it, hooks on both and an override of a stock task. */
const own = {
  head: `
const greet = defineTask({
  title: 'Greet the host',
  on: 'host',
  flags: { word: { type: 'string', description: 'What to say', default: 'hello' } },
  async run({ run, host, flags }) {
    await run\`printf '%s\\n' \${flags.word + ' ' + host.name} >> \${host.root + '/greeting'}\`
    return flags.word
  },
})
const count = defineTask({
  title: 'Count the greetings',
  on: 'host',
  changes: false,
  async run({ probe, host, output, progress }) {
    const { stdout } = await probe\`wc -l < \${host.root + '/greeting'}\`
    progress(output(greet) + ' was said ' + stdout.trim() + ' times')
  },
})
`,
  further: `
  tasks: { greet, count },
  pipelines: { 'my-pipeline': ['greet', { parallel: ['count', 'restart'] }] },
  hooks: {
    'before:greet': ({ progress }) => progress('about to greet'),
    'after:greet': async ({ run, host }) => { await run\`echo after >> \${host.root + '/hooks'}\` },
    'before:my-pipeline': async ({ local }) => { await local.run\`echo begins\` },
  },
  override: {
    restart: async ({ progress }) => { progress('not today') },
  },
`,
}

/** Hangs in ways that nobody can wait for: as a task of the config, as one of a plugin, and as a hook. */
const stuck = {
  head: `
import { definePlugin } from 'srvkit'
const schema = { '~standard': { version: 1, vendor: 'test', validate: () => ({ value: {} }) } }
const never = () => new Promise(() => {})
const hanging = definePlugin({
  id: 'hanging',
  options: schema,
  setup: ({ task }) => ({ tasks: { wait: task({ title: 'Wait for nothing', on: 'host', run: never }) } }),
})
`,
  plugins: '[git(), hanging()]',
  further: `
  tasks: { wait: defineTask({ title: 'Wait for nothing', on: 'host', run: never }), pass: defineTask({ title: 'Pass', on: 'host', run: () => {} }) },
  pipelines: { stuck: ['wait'], 'stuck-plugin': ['hanging:wait'], 'stuck-hook': ['pass'] },
  hooks: { 'after:pass': never },
`,
}

/** Works with a second host on behalf of each: every way to say something there, and here. */
const pairs = {
  head: `
const told = defineTask({
  title: 'Tell both',
  on: 'host',
  applies: ({ host }) => host.name === 'web1',
  also: () => ['web2'],
  async run({ at, bridge, probe, progress, run }) {
    const there = at('web2')
    const said = []
    for (const ask of [run, probe, there.run, there.probe]) {
      const { stdout } = await ask\`set -- $SSH_CONNECTION; echo "$3"\`
      said.push(stdout.trim())
    }
    const { stderr } = await bridge({ on: 'web2', script: sh\`set -- $SSH_CONNECTION; echo "$3"\` })
    progress([...said, stderr.trim()].join(' '))
  },
})
`,
  further: `
  tasks: { told },
  pipelines: { pairs: ['told'] },
`,
}

describe.skipIf(!hasSshd)('what a config brings itself', () => {
  let sshd: Sshd
  let project: Project

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.0.1', '127.9.0.2', '127.9.0.3'] })
    project = cliProject(sshd, { web1: {}, web2: {}, web3: {} })
    project.app.commit('one')
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it('runs a pipeline of the config, with its tasks, flags, hooks and override', async () => {
    project.configure(own)
    const outcome = await project.srv(['my-pipeline', 'production', '--word', 'good morning', '--host', 'web1'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    expect(outcome.stdout).toBe('')
    expect(normalised(outcome.stderr, project, sshd)).toMatchInlineSnapshot(`
      "my-pipeline production: 1 host, 3 steps
      web1  connect  ✔ <duration>
      web1  check  ✔ 7 checks
      ▸ greet  Greet the host
      web1  greet  ▸ about to greet
      web1  greet  ✔ <duration>
      ▸ count  Count the greetings
      ▸ restart  Restart
      web1  restart  ▸ not today
      web1  restart  ✔ <duration>
      web1  count  ▸ good morning was said 1 times
      web1  count  ✔ <duration> ok

      INSTANCE  HOST  RELEASE  STATE
      app/native  web1  -  unchanged

      ✔ Done: my-pipeline production  1 host · 2 changed, 1 ok · <duration>
      "
    `)
    const root = project.host('web1').root
    expect(readFileSync(join(root, 'greeting'), 'utf8')).toBe('good morning web1\n')
    expect(readFileSync(join(root, 'hooks'), 'utf8')).toBe('after\n')
    expect(existsSync(join(project.host('web2').root, 'greeting'))).toBe(false)
  })

  it('works with a second host, and nowhere else', async () => {
    project.configure({ ...pairs, head: `import { sh } from 'srvkit'\n${pairs.head}` })
    const outcome = await project.srv(['pairs', 'production', '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    const said = eventsOf(outcome)
      .filter(({ type }) => type === 'step.progress')
      .map(({ text }) => text)
    expect(said).toEqual(['127.9.0.1 127.9.0.1 127.9.0.2 127.9.0.2 127.9.0.2'])
  })

  it('shows them in srv tasks and srv plan, and the flag in its refusal', async () => {
    project.configure(own)
    const tasks = await project.srv(['tasks'])
    expect(tasks.code, transcript(tasks)).toBe(0)
    const lines = normalised(tasks.stdout, project, sshd).split('\n')
    expect(lines.filter((line) => /^(TASK|PIPELINE|my-|greet|count|restart)/.test(line)).join('\n'))
      .toMatchInlineSnapshot(`
      "PIPELINE  FROM  STEPS
      restart  srv  restart → health
      my-pipeline  config  greet → count → restart → (before:my-pipeline)
      TASK  ON  WHAT IT DOES  HOOKS AND FLAGS
      restart  instance  Restart  overridden
      greet  host  Greet the host  before:greet, after:greet, --word
      count  host  Count the greetings"
    `)
    const plan = await project.srv(['plan', 'production', '--pipeline', 'my-pipeline'])
    expect(plan.code, transcript(plan)).toBe(0)
    expect(normalised(plan.stdout, project, sshd)).toMatchInlineSnapshot(`
      "Plan of my-pipeline production on web1, web2, web3

      my-pipeline
        greet  Greet the host
        web1, web2, web3  Greet the host
        count  Count the greetings
        web1, web2, web3  Count the greetings
        restart  Restart
        app/native on web1, web2, web3  restart node app.mjs
      "
    `)
    const misspelt = await project.srv(['my-pipeline', 'production', '--wrod', 'x'])
    expect(misspelt.code, transcript(misspelt)).toBe(2)
    expect(misspelt.stderr).toMatchInlineSnapshot(`
      "✖ SRV-100 Unknown option '--wrod' (Did you mean --word?) Nothing was contacted.
        → \`srv --help\` lists the commands, \`srv <command> --help\` its options.
      "
    `)
  })

  it('ends with SRV-901 when a task, a task of a plugin or a hook never settles over SSH', async () => {
    project.configure(stuck)
    // srv looks for some seconds before it gives up: the three do so at the same time, each on a host of its own.
    const runs = ['stuck web1', 'stuck-plugin web2', 'stuck-hook web3'].map(async (text) => {
      const [pipeline = '', host = ''] = text.split(' ')
      const outcome = await project.srv([pipeline, 'production', '--host', host])
      expect(outcome.code, transcript(outcome)).toBe(5)
      return summaryOf(normalised(outcome.stderr, project, sshd))
    })
    expect((await Promise.all(runs)).join('\n')).toMatchInlineSnapshot(`
      "✖ SRV-901 wait on web1 never ended: its promise never settles, and nothing is left to wait for.
        → Await what the task or hook starts, or reject when it cannot go on.

      INSTANCE  HOST  RELEASE  STATE
      app/native  web1  -  unchanged

      ✖ Failed: stuck production  1 host · 1 failed · <duration>
        The previous release serves on every host that was touched.
        Log: .srv/runs/<run>/web1.log

      ✖ SRV-901 hanging:wait on web2 never ended: its promise never settles, and nothing is left to wait for.
        → Await what the task or hook starts, or reject when it cannot go on.

      INSTANCE  HOST  RELEASE  STATE
      app/native  web2  -  unchanged

      ✖ Failed: stuck-plugin production  1 host · 1 failed · <duration>
        The previous release serves on every host that was touched.
        Log: .srv/runs/<run>/web2.log

      ✖ SRV-901 after:pass on web3 never ended: its promise never settles, and nothing is left to wait for.
        → Await what the task or hook starts, or reject when it cannot go on.

      INSTANCE  HOST  RELEASE  STATE
      app/native  web3  -  unchanged

      ✖ Failed: stuck-hook production  1 host · 1 failed · <duration>
        The previous release serves on every host that was touched.
        Log: .srv/runs/<run>/web3.log
      "
    `)
  })

  it('does so on this machine, where nothing keeps the process alive, and in JSON', async () => {
    mkdirSync(join(project.folder, 'hosts/here'), { recursive: true })
    project.configure({ ...stuck, hosts: `here: { address: 'local', root: '${project.folder}/hosts/here' },` })
    const outcome = await project.srv(['stuck-plugin', 'production', '--host', 'here', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(5)
    const { exit_code, status, errors } = runEnd(outcome)
    expect({ exit_code, status, errors }).toMatchInlineSnapshot(`
      {
        "errors": [
          {
            "code": "SRV-901",
            "hint": "Await what the task or hook starts, or reject when it cannot go on.",
            "message": "hanging:wait on here never ended: its promise never settles, and nothing is left to wait for.",
            "output": [],
            "where": {
              "host": "here",
              "plugin": "hanging",
              "task": "hanging:wait",
            },
          },
        ],
        "exit_code": 5,
        "status": "failed",
      }
    `)
    expect(eventsOf(outcome).at(0)?.type).toBe('version')
  })
})
