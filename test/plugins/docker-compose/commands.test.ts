import { expect, test } from 'vitest'
import { dockerCompose as plugin } from '../../../plugins/docker-compose/index.ts'
import { runTask, setUp, undoOf, type Situation } from '../../../src/testing.ts'
import { shellOf, shells } from '../git/machine.ts'
import { before, everything, next, shop } from './situation.ts'

const orchestrator = { kind: 'swarm', manager: 'web1' } as const
const node = { orchestrator: { ...orchestrator, manager: 'web2' } }

/** Each task with its script for a first look at the whole: the file in `commands/` that it is compared with. */
const scripts: readonly (readonly [file: string, task: string, situation: Situation])[] = [
  ['render', 'render', shop()],
  ['render-everything', 'render', shop({ settings: everything })],
  [
    'render-image',
    'render',
    shop({
      settings: {
        image: 'ghcr.io/me/shop:1.4',
        ports: ['8080:80'],
        volumes: ['${SRV_DATA}/up:/up'],
        command: ['serve', "--name=o'neil"],
      },
    }),
  ],
  ['build', 'build', shop()],
  ['build-everything', 'build', shop({ settings: everything })],
  ['build-elsewhere', 'build', shop({ settings: { build: 'laptop', registry: 'registry.example.org/team' } })],
  ['freeze', 'freeze', shop({ actor: "o'neil@lap top" })],
  ['freeze-in-place', 'freeze', shop({ next: { ...next, folder: '/srv/shop/instances/docker' } })],
  ['up', 'up', shop()],
  ['up-everything', 'up', shop({ settings: everything })],
  [
    'regain',
    'regain',
    shop({
      state: {
        details: {
          compose: { gone: { [next.release.id]: [{ image: 'sha256:db', names: ['r.example.org/db@sha256:d'] }] } },
        },
      },
    }),
  ],
  ['prune', 'prune', shop({ settings: { keep: 3 } })],
  ['restart', 'restart', shop()],
  ['start', 'start', shop({ state: { release: { id: before }, running: 'no' } })],
  ['stop', 'stop', shop()],
  ['swarm-freeze', 'freeze', shop({ orchestrator })],
  ['swarm-up', 'up', shop({ orchestrator })],
  ['swarm-up-node', 'up', shop(node)],
  ['swarm-prune', 'prune', shop({ orchestrator })],
  ['swarm-restart', 'restart', shop({ orchestrator })],
  ['swarm-start', 'start', shop({ orchestrator, state: { release: { id: before }, running: 'no' } })],
  ['swarm-stop', 'stop', shop({ orchestrator })],
  ['swarm-scale', 'scale', shop({ orchestrator, flags: { replicas: 'web=3,worker=1' } })],
]

test.for(scripts)('%s is one command', async ([file, task, situation]) => {
  const { commands, probes, error } = await runTask(plugin(), task, situation)
  expect({ error, probes, count: commands.length }).toEqual({ error: undefined, probes: [], count: 1 })
  await expect(`${commands.join('\n')}\n`).toMatchFileSnapshot(`commands/${file}.sh`)
})

/** What takes back what a task did. */
const undone: readonly (readonly [file: string, task: string, situation: Situation])[] = [
  ['undo-render', 'render', shop()],
  ['undo-up', 'up', shop()],
]

test.for(undone)('%s', async ([file, task, situation]) => {
  await expect(`${await undoOf(plugin(), task, situation)}\n`).toMatchFileSnapshot(`commands/${file}.sh`)
})

test('goes back to what was by the same script, and to nothing when there was nothing', async () => {
  const { next: _next, ...situation } = shop()
  const back = await runTask(plugin(), 'up', situation)
  expect(back.commands.map((text) => text.split('\n').filter((line) => line.startsWith('id=')))).toEqual([
    [`id=${before} drain=3`],
  ])
  const { commands } = await runTask(plugin(), 'up', { ...situation, state: { releases: [] } })
  expect(commands).toHaveLength(1)
  await expect(`${commands.join('\n')}\n`).toMatchFileSnapshot('commands/up-nothing.sh')
})

test('has the containers replaced that somebody changed', async () => {
  const state = { release: { id: before }, details: { compose: { services: [], running: [], changed: ['c1', 'c2'] } } }
  const { commands } = await runTask(plugin(), 'up', shop({ state }))
  expect(commands.join('\n').split('\n')).toContain("changed='c1 c2'")
})

test('makes nothing for a release that was frozen before, as in a rollback', async () => {
  const situation = shop({ state: { release: { id: before }, releases: [next.release, { id: before }] } })
  for (const task of ['render', 'build', 'freeze']) {
    expect(await runTask(plugin(), task, situation)).toMatchObject({ commands: [], skipped: 'it is already frozen' })
  }
})

test('reads how many releases were removed', async () => {
  expect((await runTask(plugin(), 'prune', shop({ stdout: 'removed 2\n' }))).output).toEqual({ removed: 2 })
})

test('does not start what runs, and tells only the manager of a swarm', async () => {
  expect((await runTask(plugin(), 'start', shop())).skipped).toBe('they run already')
  const drift = ['web: 1 of 3 containers run']
  const fewer = { release: { id: before }, running: 'yes', drift } as const
  expect((await runTask(plugin(), 'start', shop({ state: fewer }))).skipped).toBeUndefined()
  for (const task of ['restart', 'start', 'stop', 'scale'])
    expect((await runTask(plugin(), task, shop(node))).skipped, task).toBe('it does not apply')
  expect((await runTask(plugin(), 'up', shop({ instance: { kind: 'native' } }))).skipped).toBe(
    'it does not act on native instances',
  )
})

test('scales only what runs in a swarm', async () => {
  const { error, commands } = await runTask(plugin(), 'scale', shop({ flags: { replicas: 'web=3' } }))
  expect(error).toMatchObject({ code: 'SRV-627', where: { host: 'web1', instance: 'shop/docker' } })
  expect(commands).toEqual([])
})

test('refuses a number of containers that is none', async () => {
  const flags = { replicas: 'web=many' }
  expect((await runTask(plugin(), 'scale', shop({ orchestrator, flags }))).error).toMatchObject({ code: 'SRV-623' })
})

test('stands in the stock pipelines', async () => {
  expect((await setUp(plugin())).parts.phases).toEqual({
    deploy: {
      resolve: ['aim', 'even', 'look'],
      build: ['render', 'build', 'collect', 'pack', 'spread', 'get', 'freeze'],
      start: ['up'],
      finish: ['prune'],
    },
    rollback: { resolve: ['aim', 'regain'], start: ['up'] },
    restart: ['restart'],
    start: ['start'],
    stop: ['stop'],
    scale: ['scale'],
  })
})

/** Every text of a first run, with its name. */
async function texts(): Promise<readonly (readonly [file: string, text: string])[]> {
  return Promise.all(
    scripts.map(async ([file, task, situation]) => {
      const { commands } = await runTask(plugin(), task, situation)
      return [file, commands.join('\n')] as const
    }),
  )
}

test.each(shells)('all of it can be read by %s', async (shell) => {
  const run = await shellOf(shell)
  for (const [file, text] of await texts())
    expect(await run(`if false; then\n${text}\nfi`), file).toEqual({ code: 0, stdout: '', stderr: '' })
})

test('never says yes for the user, never prunes what others made, and calls docker in one place', async () => {
  for (const [file, text] of await texts()) {
    expect(text, file).not.toMatch(/ (-y|--yes|--renew-anon-volumes|-V|--volumes|system prune|image prune)\b/)
    const calls = text.split('\n').filter((line) => /(^|[^./\w-])docker /.test(line))
    expect(new Set(calls.map((line) => line.trim())), file).toEqual(
      new Set([
        'if [ "$1" = compose ] && [ -n "$plugin" ]; then shift; clean "$plugin" "$@"; else clean docker "$@"; fi',
      ]),
    )
    expect(new Set(text.match(/^clean\(\) \{ .{7}/gm)), file).toEqual(new Set(['clean() { env -i ']))
  }
})
