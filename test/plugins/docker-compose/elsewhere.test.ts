import { spawnSync } from 'node:child_process'
import { mkdir, readFile, readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { pid } from 'node:process'
import { expect, test } from 'vitest'
import { dockerCompose as plugin } from '../../../plugins/docker-compose/index.ts'
import { readHeld } from '../../../plugins/docker-compose/images/lacking.ts'
import { settingsSchema } from '../../../plugins/docker-compose/options.ts'
import { exec, logs, ps } from '../../../plugins/docker-compose/queries.ts'
import { heldScript } from '../../../plugins/docker-compose/scripts/images.ts'
import { siteOf } from '../../../plugins/docker-compose/scripts/prologue.ts'
import { sh, type NextRelease } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { runTask, testPlacement, type Situation } from '../../../src/testing.ts'
import { folder } from '../git/machine.ts'
import { next, shop } from './situation.ts'

const registry = 'registry.example.org/team'
const orchestrator = { kind: 'swarm', manager: 'web1' } as const
const withCode: NextRelease = { ...next, code: (to) => sh`unpack ${to}` }

test.for([
  ['pack', 'pack', { build: 'laptop' }],
  ['pack-registry', 'pack', { build: 'laptop', registry }],
  ['get-registry', 'get', { build: 'laptop', registry }],
] as const)('%s is one command', async ([file, task, settings]) => {
  const { commands, probes, relays, error } = await runTask(plugin(), task, shop({ settings, next: withCode }))
  expect({ error, probes, relays, count: commands.length }).toEqual({
    error: undefined,
    probes: [],
    relays: [],
    count: 1,
  })
  const text = commands.join('\n').replaceAll(`/run-1.${String(pid)}/`, '/run-1/')
  await expect(`${text}\n`).toMatchFileSnapshot(`commands/${file}.sh`)
})

test('what a killed run left on this machine goes with the next one, and after a day in any case', async () => {
  const projectRoot = await folder()
  const shelf = join(projectRoot, '.srv/images')
  const startedAt = '2026-11-22T14:03:11.000Z'
  const dead = spawnSync('true').pid
  for (const [name, hours] of [
    [`killed.${String(dead)}`, 1],
    [`old.${String(pid)}`, 25],
    [`other.${String(pid)}`, 23],
  ] as const) {
    await mkdir(join(shelf, name, 'shop/docker'), { recursive: true })
    const then = Date.parse(startedAt) / 1000 - hours * 3600
    await utimes(join(shelf, name), then, then)
  }
  const { error } = await runTask(
    plugin(),
    'pack',
    shop({ projectRoot, startedAt, settings: { build: 'laptop' }, next: withCode }),
  )
  expect({ error, left: await readdir(shelf) }).toEqual({ error: undefined, left: [`other.${String(pid)}`] })
})

/** Sends an image that consists of two layers to a host that says what it has. */
async function spread(held: readonly string[], more: Situation = {}) {
  const projectRoot = await folder()
  const packed = join(projectRoot, '.srv/images', `run-1.${String(pid)}`, 'shop/docker/images')
  await mkdir(packed, { recursive: true })
  const layers = [
    { file: 'base/layer.tar', chain: 'base' },
    { file: 'web/layer.tar', chain: 'base web' },
  ]
  const images = [{ id: 'sha256:new', tags: [`srv/shop-web:${next.release.id}`], layers }]
  const { id } = testPlacement(shop())
  const situation = shop({
    settings: { build: 'laptop' },
    projectRoot,
    outputs: {
      build: readHeld(`${held.join('\n')}\n`),
      pack: { parcels: { 'shop/docker': { folder: packed, images } }, waiting: new Set([id]) },
    },
    ...more,
  })
  const lists: string[] = []
  const run = await runTask(plugin(), 'spread', {
    ...situation,
    async relay(relay) {
      lists.push(await readFile(relay.argv.at(-2) ?? '', 'utf8'))
      return more.relay?.(relay) ?? { end: { kind: 'exit', code: 0 }, stdout: '', stderr: '', durationMs: 0 }
    },
  })
  return { ...run, lists, situation, left: await readdir(join(projectRoot, '.srv/images')) }
}

test('instances whose names are alike when they are joined have folders of their own', async () => {
  const foldersOf = async (service: string, name: string): Promise<readonly string[]> => {
    const { commands } = await runTask(
      plugin(),
      'pack',
      shop({ service, instance: { name }, settings: { build: 'laptop' }, next: withCode }),
    )
    return commands
      .join('\n')
      .split('\n')
      .filter((line) => line.startsWith('compose='))
  }
  expect(await foldersOf('a-b', 'c')).not.toEqual(await foldersOf('a', 'b-c'))
})

const classic = 'store [["Backing Filesystem","extfs"]]'
const load = 'env -u DOCKER_HOST -u DOCKER_CONTEXT -u DOCKER_CONFIG docker load --quiet || exit 66'

test('an image travels without the layers that a host has, and the release is frozen in the same command', async () => {
  const { commands, probes, relays, progress, lists, output, situation, left } = await spread([
    classic,
    'image old base',
  ])
  expect({ commands, probes, progress, output }).toEqual({
    commands: [],
    probes: [],
    progress: ['sending 1 of 2 layers'],
    output: { isFrozen: true, tags: [] },
  })
  const [relay] = relays
  expect(relay?.argv.slice(2, 4)).toEqual([
    'tar -cf - -X "$2" -C "$1" . | gzip -1 | sh -c "$SRV_REMOTE_SHELL" sh srv "$3"',
    'sh',
  ])
  expect([relay?.argv.at(-1), lists]).toEqual([load, ['./base/layer.tar\n']])
  const freeze = await runTask(plugin(), 'freeze', { ...situation, outputs: {} })
  expect([relay?.after === undefined ? '' : display(relay.after)]).toEqual(freeze.commands)
  expect((await runTask(plugin(), 'freeze', { ...situation, outputs: { spread: output } })).skipped).toBe(
    'it was frozen with its images',
  )
  // It was the only host: what was packed is gone.
  expect(left).toEqual([])
})

test('an image that a host has gets the tag of the release there, in the command that freezes it', async () => {
  const { commands, relays, output, situation } = await spread([classic, 'image new base web'])
  expect({ commands, relays, output }).toEqual({
    commands: [],
    relays: [],
    output: { isFrozen: false, tags: [['sha256:new', `srv/shop-web:${next.release.id}`]] },
  })
  const told = { ...situation, outputs: { spread: output } }
  await expect(`${(await runTask(plugin(), 'get', told)).commands.join('\n')}\n`).toMatchFileSnapshot('commands/get.sh')
  expect((await runTask(plugin(), 'freeze', told)).skipped).toBeUndefined()
})

test('an image travels whole to an engine that has other ids for images, and is tagged by none', async () => {
  const { progress, output, situation } = await spread([
    'store [["driver-type","io.containerd.snapshotter.v1"]]',
    'image new base',
  ])
  expect({ progress, output }).toEqual({ progress: ['sending 2 of 2 layers'], output: { isFrozen: true, tags: [] } })
  expect((await runTask(plugin(), 'get', { ...situation, outputs: { spread: output } })).commands).toEqual([])
})

test('what was packed stays for as long as another host waits for it', async () => {
  const { left, output } = await spread([classic, 'image new base web'], {
    outputs: { pack: { parcels: {}, waiting: new Set(['shop/docker@web1', 'shop/docker@web2']) } },
  })
  expect([output, left.length]).toEqual([{ isFrozen: false, tags: [] }, 1])
})

test.for([
  [66, 'SRV-621', 'no space left on device'],
  [255, 'SRV-621', 'no space left on device'],
  [1, 'SRV-624', 'The service web mounts /www, which is not in the release.'],
] as const)(
  'tells images that did not get through from a release that cannot be frozen: %i',
  async ([code, ...expected]) => {
    const said =
      'time="now" level=warning\nThe service web mounts /www, which is not in the release.\nno space left on device\n'
    const { error } = await spread([classic], {
      relay: () => Promise.resolve({ end: { kind: 'exit', code }, stdout: '', stderr: said, durationMs: 0 }),
    })
    expect(error).toMatchObject({ code: expected[0], message: expect.stringContaining(expected[1]) })
  },
)

test('the store and the images of an engine are told by the build, where images will be sent', async () => {
  const asks = async (settings: Situation['settings']) => {
    const { commands, output } = await runTask(plugin(), 'build', shop({ settings, stdout: `${classic}\nimage a b\n` }))
    return [commands.join('\n').endsWith(display(heldScript)), output]
  }
  const held = { images: new Set(['a']), chains: new Set(['b']), takesParts: true }
  expect(await asks({ build: 'laptop' })).toEqual([true, held])
  expect((await asks({ build: 'laptop', registry }))[0]).toBe(false)
  expect((await asks({}))[0]).toBe(false)
})

test('what the manager of a swarm built comes here, and what another machine built does not', async () => {
  const { commands, relays, output, error } = await runTask(plugin(), 'collect', shop({ orchestrator }))
  const [relay] = relays
  expect({ error, commands, output, count: relays.length }).toEqual({
    error: undefined,
    commands: [],
    output: { isFrozen: true },
    count: 1,
  })
  const tags = `/srv/shop/.srv/docker/compose/.new-${next.release.id}/tags`
  expect(relay?.argv.slice(-1)).toEqual([
    `[ ! -s ${tags} ] || env -u DOCKER_HOST -u DOCKER_CONTEXT -u DOCKER_CONFIG docker save $(cat ${tags}) || exit 66`,
  ])
  await expect(`${relay?.before === undefined ? '' : display(relay.before)}\n`).toMatchFileSnapshot(
    'commands/collect.sh',
  )
  const freeze = await runTask(plugin(), 'freeze', shop({ orchestrator }))
  expect([relay?.after === undefined ? '' : display(relay.after)]).toEqual(freeze.commands)
  for (const settings of [{ registry }, { build: 'laptop' }])
    expect((await runTask(plugin(), 'collect', shop({ orchestrator, settings }))).skipped).toBe('it does not apply')
})

test('refuses a run without the manager of a swarm', async () => {
  const placement = testPlacement(shop({ orchestrator: { ...orchestrator, manager: 'web9' } }))
  const run = await runTask(
    plugin(),
    'aim',
    shop({ orchestrator: { ...orchestrator, manager: 'web9' }, placements: [placement] }),
  )
  expect(run.error).toMatchObject({ code: 'SRV-622' })
})

const asked = { follow: true, lines: 50, since: '10m' }

test.for([
  ['logs', undefined, ['frozen ps --all', String.raw`frozen exec -T web cat 'o'\''neil'`, 'fed exec -T web cat']],
  [
    'swarm-logs',
    orchestrator,
    [
      String.raw`engine stack ps --format 'table {{.Name}}\t{{.Node}}\t{{.DesiredState}}\t{{.CurrentState}}\t{{.Error}}' "$project"`,
      String.raw`engine exec "$one" cat 'o'\''neil'`,
      'call exec -i "$one" cat',
    ],
  ],
] as const)('what is asked of a project that serves: %s', async ([file, swarm, commands]) => {
  const site = siteOf(testPlacement(shop(swarm === undefined ? {} : { orchestrator: swarm })), settingsSchema.parse({}))
  await expect(`${display(logs(site, asked))}\n`).toMatchFileSnapshot(`commands/${file}.sh`)
  const words = [ps(site), exec(site, 'web', ['cat', "o'neil"]), exec(site, 'web', ['cat'], { input: true })]
  expect(words.map((script) => display(script).split('\n').at(-1))).toEqual(commands)
})
