import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { transcript, type Outcome } from '../support/cli-run.ts'
import { localProject, type LocalProject } from '../support/local-project.ts'
import { modeOf } from '../support/cli-text.ts'

const canary = 'canary-5e2f91'

const tasks = `
  greet: defineTask({ title: 'Greet', on: 'host', script: () => sh\`echo hello\` }),
  look: defineTask({ title: 'Look', on: 'host', changes: false, script: () => sh\`echo sees\` }),
  wait: defineTask({
    title: 'Wait',
    on: 'instance',
    script: ({ host }) => sh\`echo waits; while [ -d \${host.root} ]; do sleep 0.1; done\`,
  }),
  fail: defineTask({
    title: 'Fail',
    on: 'instance',
    script: ({ instance }) => sh\`test \${instance.name} = one || { echo no such page >&2; exit 3; }\`,
  }),
  leak: defineTask({
    title: 'Leak',
    on: 'host',
    flags: { token: { type: 'string', description: 'a secret' }, note: { type: 'string', description: 'a note' } },
    script: () => sh\`echo out \${secret('KEY')}; echo err \${secret('KEY')} >&2; exit 1\`,
  }),`
const pipelines = `well: ['greet', 'look'], cut: ['greet', 'wait'], seen: ['look'], broken: ['greet', 'fail'], leaky: ['leak']`

describe('the journal of runs', () => {
  let project: LocalProject
  beforeEach(() => {
    project = localProject(tasks, pipelines)
  })
  afterEach(() => {
    project.remove()
  })

  /** What was printed, with everything that differs from run to run replaced by a word. */
  const shown = (text: string): string =>
    text
      .replaceAll(project.folder, '<project>')
      .replaceAll(`${userInfo().username}@${hostname()}`, '<actor>')
      .replaceAll(/\b\d{8}T\d{6}Z-[0-9a-f]{4}\b/g, '<run>')
      .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
      .replaceAll(/(?<=[ (])\d+(\.\d+)? (ms|s|min)\b/g, '<duration>')
      .replaceAll(/(<duration> ago|\bnow\b)/g, '<ago>')
      .replaceAll(/ {2,}(?=\S)/g, '  ')
      .replaceAll(/ +$/gm, '')
  const file = (run: string | undefined, name: string): string =>
    readFileSync(join(project.folder, '.srv/runs', run ?? '', name), 'utf8')
  const json = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
    const outcome = await project.srv(['runs', ...args, '--json'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    return JSON.parse(outcome.stdout)
  }
  const ok = (outcome: Outcome): Outcome => {
    expect(outcome.code, transcript(outcome)).toBe(0)
    return outcome
  }

  it('keeps every event of a run as --json prints it, and a log for each host', async () => {
    const outcome = ok(await project.srv(['well', 'production', '--json']))
    const [run] = project.runs()
    expect(file(run, 'events.jsonl')).toBe(outcome.stdout)
    expect(readdirSync(join(project.folder, '.srv/runs', run ?? '')).sort()).toEqual([
      'events.jsonl',
      'local.log',
      'run.json',
      'web1.log',
    ])
    expect(shown(file(run, 'web1.log'))).toMatchInlineSnapshot(`
      "<time> srv  web1: connecting
      <time> srv  web1: connected after <duration>
      <time> srv  web1 greet: begins
      <time> stdout web1 greet: hello
      <time> srv  web1 greet: changed after <duration>
      <time> srv  web1 look: begins
      <time> stdout web1 look: sees
      <time> srv  web1 look: ok after <duration>
      "
    `)
    expect(shown(file(run, 'local.log'))).toMatchInlineSnapshot(`
      "<time> srv  run: well production on web1
      <time> srv  run: ok, exit 0, after <duration>
      "
    `)
    expect(modeOf(join(project.folder, '.srv/runs', run ?? '', 'web1.log'))).toBe('600')
  })

  it('shows what was run, newest first', async () => {
    ok(await project.srv(['well', 'production']))
    const broken = await project.srv(['broken', 'production'])
    expect(broken.stderr.trimEnd().split('\n').at(-1)).toBe(`  Log: .srv/runs/${project.runs().at(-1)}/web1.log`)
    ok(await project.srv(['seen', 'production']))
    expect(shown(ok(await project.srv(['runs', 'list'])).stdout)).toMatchInlineSnapshot(`
      "RUN  WHEN  PIPELINE  ENVIRONMENT  STATUS  EXIT  TIME  CHANGED  HOSTS
      <run>  <ago>  seen  production  unchanged  0  <duration>  0  web1
      <run>  <ago>  broken  production  failed  5  <duration>  2  web1
      <run>  <ago>  well  production  ok  0  <duration>  1  web1
      "
    `)
    expect(shown(ok(await project.srv(['runs', 'list', '--failed'])).stdout)).toMatchInlineSnapshot(`
      "RUN  WHEN  PIPELINE  ENVIRONMENT  STATUS  EXIT  TIME  CHANGED  HOSTS
      <run>  <ago>  broken  production  failed  5  <duration>  2  web1
      "
    `)
    const pipelinesOf = ({ runs }: Record<string, unknown>): unknown =>
      (runs as readonly { readonly pipeline: string }[]).map(({ pipeline }) => pipeline)
    expect(pipelinesOf(await json('list', '--changed'))).toEqual(['broken', 'well'])
    expect(pipelinesOf(await json('list', '--changed', '--failed'))).toEqual(['broken'])
    expect(pipelinesOf(await json())).toEqual(['seen', 'broken', 'well'])
  })

  it('shows one run in full, by its id or the end of it', async () => {
    await project.srv(['broken', 'production'])
    ok(await project.srv(['well', 'production']))
    const [broken = ''] = project.runs()
    expect(shown(ok(await project.srv(['runs', 'show', broken.slice(-4)])).stdout)).toMatchInlineSnapshot(`
      "broken production  failed  <run>
        exit 5 · <duration> · <time> (<ago>) · <actor>
        $ srv broken production

      STEP  INSTANCE  web1
      greet  ✔ <duration>
      fail  app/one  ✔ <duration>
      fail  app/two  ✖ failed <duration>

      ✖ SRV-501 fail failed on app/two@web1 with exit status 3.
        no such page
        → Read the lines above; \`-v\` shows all output of each step.

      INSTANCE  HOST  RELEASE  STATE
      app/one  web1  -  unchanged
      app/two  web1  -  unchanged

      Log: .srv/runs/<run>/web1.log
      Log: .srv/runs/<run>/local.log
      "
    `)
    expect(await json('show')).toMatchObject({
      schema: 'srv.runs.show/1',
      pipeline: 'well',
      status: 'ok',
      exit_code: 0,
    })
    expect(ok(await project.srv(['runs', 'show', broken, '--log', 'web1'])).stdout).toBe(file(broken, 'web1.log'))
    const log = await json('show', broken, '--log', 'local')
    expect(log).toMatchObject({ id: broken, host: 'local', path: `.srv/runs/${broken}/local.log` })
    mkdirSync(join(project.folder, 'below'))
    const below = ok(await project.srv(['runs', 'show', broken], { cwd: join(project.folder, 'below') }))
    expect(below.stdout.trimEnd().split('\n').at(-1)).toBe(`Log: ../.srv/runs/${broken}/local.log`)
  })

  it('shows a run that was killed as crashed, and writes its result', async () => {
    const running = project.start(['cut', 'production', '-v'])
    await running.printed('waits')
    expect(await json('list')).toMatchObject({
      runs: [{ status: 'running', exit_code: null, ms: null, changed: null }],
    })
    running.child.kill('SIGKILL')
    expect((await running.outcome).code).toBe('SIGKILL')
    const [run = ''] = project.runs()
    expect(file(run, 'events.jsonl')).not.toContain('run.end')
    expect(shown(ok(await project.srv(['runs', 'list'])).stdout)).toMatchInlineSnapshot(`
      "RUN  WHEN  PIPELINE  ENVIRONMENT  STATUS  EXIT  TIME  CHANGED  HOSTS
      <run>  <ago>  cut  production  crashed  7  <duration>  1  web1
      "
    `)
    const last = JSON.parse(file(run, 'events.jsonl').trimEnd().split('\n').at(-1) ?? '')
    expect(last).toMatchObject({ type: 'run.end', status: 'failed', exit_code: 7 })
    expect(Object.values(last.serving)).toContainEqual({ release: null, state: 'unknown' })
    expect(await json('list')).toMatchObject({ runs: [{ status: 'crashed', exit_code: 7 }] })
    expect(ok(await project.srv(['runs', 'show'])).stdout).toContain('SRV-513')
    expect(file(run, 'events.jsonl').split('"run.end"')).toHaveLength(2)
  })

  it('has the next run write the result of one that was killed', async () => {
    const running = project.start(['cut', 'production', '-v'])
    await running.printed('waits')
    running.child.kill('SIGKILL')
    await running.outcome
    const [run = ''] = project.runs()
    // The dead run's lease may still keep this one from its host: that it began is enough.
    await project.srv(['seen', 'production'])
    expect(JSON.parse(file(run, 'run.json'))).toMatchObject({ end: { status: 'crashed', exit_code: 7 } })
  })

  it('records an interrupted run as such', async () => {
    const running = project.start(['cut', 'production', '-v'])
    await running.printed('waits')
    running.child.kill('SIGINT')
    expect((await running.outcome).code).toBe(130)
    expect(await json('list')).toMatchObject({ runs: [{ status: 'cancelled', exit_code: 130 }] })
  })

  it('keeps no secret: not of output, errors, nor the command line', async () => {
    const options = { env: { KEY: canary } }
    const outcome = await project.srv(['leaky', 'production', '--token', 'canary-70b4', '--note', canary], options)
    expect(outcome.code, transcript(outcome)).not.toBe(0)
    const [run = ''] = project.runs()
    const folder = join(project.folder, '.srv/runs', run)
    const all = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    expect(all.join('')).toContain('out ***')
    expect(all.join('')).toContain('err ***')
    expect(all.join('')).not.toContain('canary')
    expect(JSON.parse(file(run, 'run.json')).argv).toEqual(['leaky', 'production', '--token', '***', '--note', '***'])
    expect(ok(await project.srv(['runs', 'show', '--json'])).stdout).not.toContain(canary)
  })

  it('leaves nothing behind what only looks', async () => {
    ok(await project.srv(['plan', 'production', '--pipeline', 'well']))
    ok(await project.srv(['well', 'production', '--dry-run']))
    await project.srv(['doctor', 'production'])
    expect(existsSync(join(project.folder, '.srv/runs'))).toBe(false)
    expect(ok(await project.srv(['runs'])).stdout).toBe('There are no runs yet.\n')
  })

  it('warns where it cannot write, and runs all the same', async () => {
    writeFileSync(join(project.folder, '.srv'), 'in the way')
    const outcome = ok(await project.srv(['well', 'production']))
    expect(outcome.stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^! This run is not recorded in \.srv\/runs: (EEXIST|ENOTDIR)/,
    )
  })

  it('says which runs and logs there are', async () => {
    const message = async (...args: readonly string[]): Promise<string> => {
      const outcome = await project.srv(['runs', 'show', ...args])
      expect(outcome.code, transcript(outcome)).toBe(2)
      return shown(outcome.stderr)
    }
    expect(await message()).toMatchInlineSnapshot(`
      "✖ SRV-120 There is no run in <project>/.srv/runs yet.
        → Every run that may change something leaves a record there; \`srv plan\` and queries leave none.
      "
    `)
    ok(await project.srv(['seen', 'production']))
    expect(await message('0000000')).toMatchInlineSnapshot(`
      "✖ SRV-119 <project>/.srv/runs has no run 0000000. Available: <run>.
        → \`srv runs list\` shows the runs that are kept: the newest 100.
      "
    `)
    expect(await message('--log', 'web9')).toMatchInlineSnapshot(`
      "✖ SRV-122 The run <run> has no log of web9; it has those of web1, local.
        → The log of this machine is called local.
      "
    `)
  })
})
