import { expect, test } from 'vitest'
import type { Host } from '../../../src/config/resolved.ts'
import { parallel, rolling, series, type Step } from '../../../src/config/steps.ts'
import { buildPlan } from '../../../src/plan/build.ts'
import { activates, stepsOf, targetsOf } from '../../../src/plan/flatten.ts'
import type { Plan, PlanNode } from '../../../src/plan/plan.ts'
import type { Vocabulary } from '../../../src/plan/vocabulary.ts'
import type { On, Task } from '../../../src/plugin/contract.ts'
import { defineTask } from '../../../src/plugin/define.ts'
import { placementsOf } from '../../support/fleet.ts'

const hosts = ['web1', 'web2', 'web3', 'web4'].map((name): Host => ({
  name,
  kind: 'local',
  address: '',
  hostKeys: [],
  root: '/srv',
  tags: [],
  loopback: '127.0.0.1',
}))

function task(on: On, more: Partial<Pick<Task, 'kinds' | 'applies' | 'activates'>> = {}): Task {
  return defineTask({ title: `Act on ${on}`, on, run: () => undefined, ...more })
}

const tasks: Readonly<Record<string, Task>> = {
  once: task('once'),
  host: task('host'),
  instance: task('instance'),
  restart: task('instance', { activates: true }),
  'git:fetch': task('instance', { kinds: ['native'] }),
  'git:resolve': task('once', { kinds: ['native'] }),
  'docker:pull': task('host', { kinds: ['docker'] }),
}

interface Options {
  readonly pipelines?: Readonly<Record<string, Step>>
  readonly hooks?: Vocabulary['hooks']
  readonly instances?: readonly string[]
  readonly hosts?: readonly Host[]
}

function plan(main: Step, options: Options = {}): Plan {
  const named = Object.entries(tasks).map(([id, one]) => {
    const plugin = id.includes(':') ? { plugin: id.replace(/:.*/, '') } : {}
    return [id, { id, task: one, ...plugin }] as const
  })
  const vocabulary: Vocabulary = {
    tasks: new Map(named),
    pipelines: new Map(Object.entries({ ...options.pipelines, main })),
    hooks: options.hooks ?? [],
    overrides: new Map([['instance', () => undefined]]),
  }
  const placements = placementsOf(options.hosts ?? hosts, options.instances ?? ['blog/native', 'shop/docker'])
  return buildPlan(vocabulary, { pipeline: 'main', environment: 'production', placements, flags: { ref: 'main' } })
}

/** A plan in short: `id task: targets`, groups in brackets. */
function draw(node: PlanNode): string {
  if (node.kind === 'step') return `${node.id} ${node.taskId}`
  const inner = node.nodes.map(draw).join(', ')
  switch (node.kind) {
    case 'series':
      return `${node.id} ${node.name ?? ''}[${inner}]`
    case 'parallel':
      return `${node.id} parallel[${inner}]`
    case 'rolling':
      return `${node.id} rolling ${node.canary}+${node.window} of ${node.hosts.map(({ name }) => name).join(' ')}[${inner}]`
  }
}

test('a pipeline becomes a tree whose steps have the same ids each time', () => {
  const main = series(
    'once',
    ['host', 'instance'],
    parallel('host', 'instance'),
    rolling(['inner', 'instance'], { canary: 1, window: '50%' }),
  )
  const build = () => plan(main, { pipelines: { inner: ['restart', 'host'] } })
  expect(draw(build().root)).toBe(
    ' main[1 once, 2 [2.1 host, 2.2 instance], 3 parallel[3.1 host, 3.2 instance], ' +
      '4 rolling 1+2 of web1 web2 web3 web4[4.1 inner[4.1.1 restart, 4.1.2 host], 4.2 instance]]',
  )
  expect(draw(build().root)).toBe(draw(build().root))
  expect(new Set(stepsOf(build().root).map(({ id }) => id)).size).toBe(stepsOf(build().root).length)
})

test.each<[Step, string]>([
  ['once', ' main[1 once]'],
  [task('once'), ' main[1 inline:1]'],
  [parallel('once', 'host'), ' main[1 parallel[1.1 once, 1.2 host]]'],
  [['inner'], ' main[1 inner[1.1 host]]'],
])('a pipeline of one step has step ids too: %#', (main, expected) => {
  expect(draw(plan(main, { pipelines: { inner: 'host' } }).root)).toBe(expected)
})

test('what applies to nothing is left out, groups and pipelines with it, and ids stay', () => {
  const main = [
    'git:fetch',
    'docker:pull',
    ['git:fetch'],
    parallel('git:fetch'),
    rolling(['git:fetch']),
    'natives',
    'host',
  ]
  const hooks = [{ target: 'before:natives', hook: () => undefined }]
  const pipelines = { natives: ['git:resolve', 'git:fetch'] }
  expect(draw(plan(main, { instances: ['shop/docker'], pipelines, hooks }).root)).toBe(' main[2 docker:pull, 7 host]')
  expect(draw(plan(main, { instances: ['blog/native'], pipelines, hooks }).root)).toBe(
    ' main[1 git:fetch, 3 [3.1 git:fetch], 4 parallel[4.1 git:fetch], 5 rolling 0+1 of web1 web2 web3 web4[5.1 git:fetch], ' +
      '6 natives[6.1 git:resolve, 6.2 git:fetch], 7 host]',
  )
})

test('a step knows its targets, its plugin and its override', () => {
  const [once, host, instance, fetch] = stepsOf(plan(['once', 'host', 'instance', 'git:fetch']).root)
  if (once === undefined || host === undefined || instance === undefined || fetch === undefined)
    throw new Error('steps')
  expect([targetsOf(once), targetsOf(host), targetsOf(instance).slice(0, 3), targetsOf(fetch).slice(0, 2)]).toEqual([
    ['local'],
    ['web1', 'web2', 'web3', 'web4'],
    ['blog/native@web1', 'shop/docker@web1', 'blog/native@web2'],
    ['blog/native@web1', 'blog/native@web2'],
  ])
  expect([once.plugin, fetch.plugin, host.override, typeof instance.override]).toEqual([
    undefined,
    'git',
    undefined,
    'function',
  ])
  expect(once.placements).toHaveLength(8)
})

test('a name that is a task and a pipeline is the task inside of pipelines, and its hooks are about the task', () => {
  const hooks = [{ target: 'before:restart', hook: () => undefined }]
  const { root } = plan('restart', { pipelines: { restart: ['restart', 'host'] }, hooks })
  expect(draw(root)).toBe(' main[1 restart]')
  expect(stepsOf(root)[0]?.hooks.before).toHaveLength(1)
})

test.each([
  [1, '25%', 1],
  [2, '50%', 1],
  [4, '99%', 3],
  [4, '100%', 4],
  [4, 3, 3],
  [4, 0, 1],
] as const)('a window over %i hosts of %s is %i', (count, window, expected) => {
  const [group] = plan(rolling(['host'], { window }), { hosts: hosts.slice(0, count) }).root.nodes
  expect(group).toMatchObject({ window: expected })
})

test('a plan says whether it changes what serves', () => {
  expect([activates(plan(['host']).root), activates(plan([parallel('host', rolling(['restart']))]).root)]).toEqual([
    false,
    true,
  ])
})

test.each<[Step, string, string]>([
  [
    ['git:fetsh'],
    'SRV-115',
    'No task or pipeline is called git:fetsh. Did you mean git:fetch? (also: once, host, instance, restart, git:resolve, docker:pull, inner, main) Nothing was contacted.',
  ],
  [['inner'], 'SRV-114', 'A pipeline contains itself: main → inner → main. Nothing was contacted.'],
])('a pipeline that cannot be planned says why: %j', (main, code, message) => {
  expect(() => plan(main, { pipelines: { inner: [rolling(['main'])] } })).toThrow(
    expect.objectContaining({ code, message, exitCode: 2 }),
  )
})

test('an unknown pipeline is an error with a suggestion', () => {
  const vocabulary: Vocabulary = {
    tasks: new Map(),
    pipelines: new Map([['deploy', []]]),
    hooks: [],
    overrides: new Map(),
  }
  const request = { pipeline: 'deplyo', environment: 'production', placements: [], flags: {} }
  expect(() => buildPlan(vocabulary, request)).toThrow(
    expect.objectContaining({
      code: 'SRV-116',
      message: 'No command or pipeline is called deplyo. Did you mean deploy? Nothing was contacted.',
    }),
  )
})
