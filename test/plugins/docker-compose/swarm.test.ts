import { expect, test } from 'vitest'
import * as z from 'zod'
import { swarmDefaults } from '../../../plugins/docker-compose/swarm/defaults.ts'
import { stackGate } from '../../../plugins/docker-compose/swarm/gate.ts'
import { judgeFunction } from '../../../plugins/docker-compose/swarm/judge-awk.ts'
import { waveFunctions } from '../../../plugins/docker-compose/swarm/waves.ts'
import { dockerCompose as plugin } from '../../../plugins/docker-compose/index.ts'
import { quote, type Answer } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { runTask } from '../../../src/testing.ts'
import { folder, shellOf, shells, write } from '../git/machine.ts'
import { shop } from './situation.ts'

const defaultsSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      deploy: z.object({
        restart_policy: z.object({ condition: z.string() }),
        update_config: z.object({ order: z.string(), failure_action: z.string(), monitor: z.string() }),
      }),
    }),
  ),
})

/** What a swarm says of one service: what it may do, how many are wanted, its update, whether it is started again, its tasks. */
interface Said {
  readonly ends?: string
  readonly replicas?: string
  readonly wanted?: number
  readonly update?: string
  readonly again?: string
  /** Desired state, state, exit status and `new` or `old`, for what the service is now or was. */
  readonly tasks: readonly string[]
  /** How many of the tasks, the first ones, were over before. */
  readonly over?: number
}

async function judged(shell: (typeof shells)[number], said: Said): Promise<string> {
  const { ends = 'stays', replicas = '1', wanted = 1, update = '-', again = 'any', tasks, over = 0 } = said
  const compose = await folder()
  await write(compose, {
    counts: `x1 shop_web 0/${String(wanted)}\nx2 shop_web.two 1/1\n`,
    table: `web\tbbbb\tsha256:web\t${replicas}\t${ends}\t\n`,
    'over.before': tasks.map((_, at) => (at < over ? `t${String(at)}\n` : '')).join(''),
    specs: `x1|shop_web|${update}|${again}|new\nx2|shop_web.two|-|any|new\n`,
    tasks: ['x2|running|running|0|new', ...tasks.map((task) => `x1|${task.replaceAll(' ', '|')}`)]
      .map((task, at) => `t${String(at - 1)}|${task}\n`)
      .join(''),
  })
  const run = await shellOf(shell)
  const { stdout, stderr } = await run(
    `compose=${quote(compose)} project=shop\ntable=$compose/table\n${display(judgeFunction)}\njudge`,
  )
  return stderr + stdout.trim().split('\n').join(', ')
}

const hint =
  'it ends with exit status 0, and the swarm starts it again. For a job, set restart: "no" in its compose file'

const services: readonly (readonly [says: string, said: Said, verdict: string])[] = [
  ['runs', { tasks: ['running running 0 new'] }, '0 - -'],
  ['of before still', { tasks: ['running running 0 old'] }, '1 web web: 0 of 1 containers run'],
  ['starts', { tasks: ['running starting 0 new'] }, '1 web web: 0 of 1 containers run'],
  ['on a node that is gone', { tasks: ['shutdown running 0 new'] }, '1 web web: 0 of 1 containers run'],
  ['fewer', { wanted: 2, tasks: ['running running 0 new'] }, '1 web web: 1 of 2 containers run'],
  ['updating', { update: 'updating', tasks: ['running running 0 new'] }, '3 web web is updating'],
  [
    'taken back',
    { update: 'rollback_completed', tasks: ['running running 0 old'] },
    '2 web web: the swarm rolled back its update',
  ],
  ['paused', { update: 'paused', tasks: [] }, '2 web web: the swarm paused its update'],
  ['being taken back', { update: 'rollback_started', tasks: [] }, '1 web web: the swarm takes its update back'],
  [
    'crashes',
    { tasks: Array.from({ length: 4 }, () => 'shutdown failed 4 new') },
    'failed t0, failed t1, failed t2, failed t3, 2 web web fails again and again',
  ],
  ['crashed before', { over: 1, tasks: ['shutdown failed 4 new', 'running running 0 new'] }, '0 - -'],
  ['ends', { tasks: ['shutdown complete 0 new'] }, `failed t0, 1 web web: 0 of 1 containers run: ${hint}`],
  [
    'ends twice',
    { tasks: ['shutdown complete 0 new', 'shutdown complete 0 new'] },
    `failed t0, failed t1, 2 web web: ${hint}`,
  ],
  [
    'ends in an update',
    { update: 'rollback_completed', tasks: ['shutdown complete 0 newer', 'running running 0 new'] },
    `2 web web: the swarm rolled back its update: ${hint}`,
  ],
  ['none is wanted', { wanted: 0, tasks: [] }, '0 - -'],
  ['awaited, runs', { ends: 'ends', again: 'none', tasks: ['running running 0 new'] }, '1 web web has not finished'],
  ['awaited, ended', { ends: 'ends', again: 'none', tasks: ['shutdown complete 0 new'] }, '0 - -'],
  ['awaited, ended before', { ends: 'ends', over: 1, tasks: ['shutdown complete 0 new'] }, '0 - -'],
  [
    'awaited, another ended before',
    { ends: 'ends', again: 'none', over: 1, tasks: ['shutdown complete 0 old', 'running preparing 0 new'] },
    '1 web web has not finished',
  ],
  ['awaited, ended, updating', { ends: 'ends', update: 'updating', tasks: ['shutdown complete 0 new'] }, '0 - -'],
  [
    'awaited, failed',
    { ends: 'ends', again: 'none', tasks: ['shutdown failed 3 new'] },
    'failed t0, 2 web web ended with exit status 3',
  ],
  [
    'awaited, has no image',
    { ends: 'ends', again: 'none', tasks: ['shutdown rejected 0 new'] },
    'failed t0, 2 web web did not start',
  ],
  [
    'awaited, failed and is tried again',
    { ends: 'ends', again: 'on-failure', tasks: ['shutdown failed 3 new', 'ready ready 0 new'] },
    'failed t0, 1 web web has not finished',
  ],
  [
    'awaited, failed before',
    { ends: 'ends', again: 'none', over: 1, tasks: ['shutdown failed 3 new'] },
    'stuck web, 1 web web has not finished',
  ],
  ['may end, runs', { ends: 'may-end', again: 'none', tasks: ['running running 0 new'] }, '0 - -'],
  ['may end, ended', { ends: 'may-end', again: 'none', tasks: ['shutdown complete 0 new'] }, '0 - -'],
  [
    'may end, one did',
    { ends: 'may-end', wanted: 3, tasks: ['shutdown complete 0 new', 'running running 0 new'] },
    '1 web web: 2 of 3 containers run',
  ],
  [
    'awaited on every node',
    { ends: 'ends', replicas: 'global', tasks: ['shutdown complete 0 new', 'running running 0 new'] },
    '1 web web has not finished',
  ],
  [
    'ended on every node',
    { ends: 'ends', replicas: 'global', wanted: 0, tasks: ['shutdown complete 0 new', 'shutdown complete 0 new'] },
    '0 - -',
  ],
]

test.each(shells)('judges a service of a swarm with %s', async (shell) => {
  for (const [says, said, verdict] of services) expect(await judged(shell, said), says).toBe(verdict)
})

test('a service that is gone is no service', async () => {
  const compose = await folder()
  await write(compose, { counts: '', table: 'web\tb\ti\t1\tstays\t\n', 'over.before': '', specs: '', tasks: '' })
  const run = await shellOf('/bin/sh')
  const text = `compose=${quote(compose)} project=shop\ntable=$compose/table\n${display(judgeFunction)}\njudge`
  expect((await run(text)).stdout).toBe('2 web web is gone from the swarm\n')
})

/** How the gate of a swarm ends when each look finds the next of these verdicts, and the last for ever; a look takes a second. */
async function settled(shell: (typeof shells)[number], verdicts: readonly string[], span: number): Promise<string> {
  const run = await shellOf(shell)
  const compose = await folder()
  const { stdout, stderr } = await run(`compose=${quote(compose)} looks=900
sleep() { looks=$((looks + 1)); }
date() { echo "$looks"; }
${display(stackGate({ monitorMs: 10_000, timeoutMs: 60_000 }))}
printf 'x1 shop_web 1/3\nx2 shop_db 1/1\n' > "$compose/counts"
: > "$compose/failed.new"
standing() {
  case $((looks - 900)) in ${verdicts.map((one, at) => `${at === verdicts.length - 1 ? '*' : String(at)}) ${one} ;;`).join(' ')} esac
}
outcome=0
settle 3 ${String(span)} || outcome=$?
echo "$outcome $((looks - 900)): $said"`)
  return stdout + stderr
}

test.each(shells)('a swarm has time for one container of a service after the other with %s', async (shell) => {
  expect(await settled(shell, ["said='web is updating'; return 1"], 0)).toBe('1 90: web is updating after 90 s\n')
})

test.each(shells)('a swarm is watched for as long as is wanted, its own watch included, with %s', async (shell) => {
  expect(await settled(shell, ['return 0'], 0)).toBe('0 2: \n')
  expect(await settled(shell, ['return 0'], 10)).toBe('0 10: \n')
  const updating = Array.from({ length: 8 }, () => "said='web is updating'; return 3")
  expect(await settled(shell, [...updating, 'return 0'], 10)).toBe('0 10: web is updating\n')
  expect(await settled(shell, ["said='web is updating'; return 3"], 10)).toBe('1 90: web is updating after 90 s\n')
  expect(await settled(shell, ['return 0', 'return 0', 'echo t1 > "$compose/failed.new"', 'return 0'], 3)).toBe(
    '0 6: a container failed\n',
  )
})

const id = '20261122T140311Z-3f9c2a1'

async function waved(shell: (typeof shells)[number], command: string): Promise<Answer> {
  const compose = await folder()
  const row = (name: string, ends = 'stays'): string => `${name}\td\ti\t1\t${ends}\t\n`
  await write(compose, {
    [`${id}/services`]: `${row('db')}${row('keys', 'ends')}${row('migrate', 'ends')}${row('cache')}${row('web')}`,
    [`${id}/facts`]:
      'service\tdb\nafter\tmigrate\tkeys\nafter\tmigrate\tdb\nafter\tmigrate\toff\nafter\tweb\tmigrate\nafter\tweb\tcache\nends\tmigrate\n',
    [`${id}/stack.json`]: `{
  "version": "3.8",
  "networks": {
    "default": { "name": "shop_default" }
  },
  "services": {
    "db": {
      "environment": {
        "web": "x"
      },
    },
    "web": {
      "image": "w"
    }
  },
  "volumes": {
    "web": null
  }
}
`,
  })
  const run = await shellOf(shell)
  return run(`compose=${quote(compose)} id=${id}\n${display(waveFunctions)}\n${command}`)
}

test.each(shells)('what others wait for comes before them, and what it needs before it, with %s', async (shell) => {
  expect(await waved(shell, 'waves')).toEqual({ code: 0, stdout: 'keys\ndb\nmigrate\n', stderr: '' })
  expect((await waved(shell, 'only "keys db"')).stdout).toBe(`{
  "version": "3.8",
  "networks": {
    "default": { "name": "shop_default" }
  },
  "services": {
    "db": {
      "environment": {
        "web": "x"
      },
    },
  },
  "volumes": {
    "web": null
  }
}
`)
})

test('finds the nodes of a swarm that are no hosts of the run, and tells of those that may come back', async () => {
  const member = (id: string, isReady = true, isOpen = true) => ({ id, name: `node-${id}`, isReady, isOpen })
  const members = [member('n1'), member('n2'), member('n3', false), member('n4', true, false)]
  const { output, progress } = await runTask(
    plugin(),
    'aim',
    shop({
      orchestrator: { kind: 'swarm', manager: 'web1' },
      state: { details: { compose: { self: 'n1', members } } },
    }),
  )
  expect(output).toEqual({ 'shop/docker': { ready: ['node-n2'], away: ['node-n3'], isUneven: false } })
  expect(progress).toEqual([
    '! node-n3 is away from the swarm: when it is back, deploy again, so that it gets the images',
  ])
})

test.for([
  [{ drift: ['the run that deployed r2 did not finish'] }, true],
  [{ running: 'no' }, true],
  [{}, false],
] as const)(
  'one node that is put right by itself would make a release without images: %j',
  async ([state, isUneven]) => {
    const orchestrator = { kind: 'swarm', manager: 'web1' } as const
    const { output } = await runTask(plugin(), 'aim', shop({ orchestrator, state }))
    expect(output).toMatchObject({ 'shop/docker': { isUneven } })
  },
)

test.for([
  [true, true],
  [false, false],
] as const)('when a node missed the release that serves (%s), all get it anew (%s)', async ([isUneven, isAnew]) => {
  const orchestrator = { kind: 'swarm', manager: 'web1' } as const
  const outputs = { aim: { 'shop/docker': { ready: [], away: [], isUneven } } }
  const found = await runTask(plugin(), 'even', shop({ orchestrator, isUnchanged: true, outputs }))
  expect(found).toMatchObject({ commands: [], error: undefined, isAnew })
})

test.each(shells)(
  'what comes to its end by itself is not started again, and is no failure of an update, with %s',
  async (shell) => {
    const run = await shellOf(shell)
    const work = await folder()
    await write(work, {
      facts: 'service\tweb\nrestart\tretried\ton-failure:3\n',
      services: 'web\ta\timage\t2\tstays\t\nmigrate\tb\timage\t1\tends\tit writes\nretried\tc\timage\t1\tmay-end\t\n',
    })
    const { stdout, stderr } = await run(
      `work=${quote(work)} tab=$(printf '\\t')\nset --\n${display(swarmDefaults(0))}\ncat "$work/defaults.json"`,
    )
    expect(stderr).toBe('')
    const { services } = defaultsSchema.parse(JSON.parse(stdout))
    const said = Object.entries(services).map(([name, { deploy }]) => {
      const { order, failure_action: action, monitor } = deploy.update_config
      return [name, deploy.restart_policy.condition, order, action, monitor]
    })
    expect(said).toEqual([
      ['web', 'any', 'start-first', 'rollback', '1ms'],
      ['migrate', 'none', 'stop-first', 'continue', '1ms'],
      ['retried', 'on-failure', 'start-first', 'continue', '1ms'],
    ])
  },
)
