import { mkdir, readFile, readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dockerCompose as plugin } from '../../../plugins/docker-compose/index.ts'
import { settingsSchema } from '../../../plugins/docker-compose/options.ts'
import { exec, logs, ps } from '../../../plugins/docker-compose/queries.ts'
import { heldScript } from '../../../plugins/docker-compose/scripts/images.ts'
import { siteOf } from '../../../plugins/docker-compose/scripts/prologue.ts'
import { sh, type NextRelease } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { runTask, testPlacement } from '../../../src/testing.ts'
import { folder } from '../git/machine.ts'
import { next, shop } from './situation.ts'

const registry = 'registry.example.org/team'
const orchestrator = { kind: 'swarm', manager: 'web1' } as const
const withCode: NextRelease = { ...next, code: (to) => sh`unpack ${to}` }

test.for([
  ['pack', 'pack', { build: 'laptop' }],
  ['pack-registry', 'pack', { build: 'laptop', registry }],
  ['spread-registry', 'spread', { build: 'laptop', registry }],
] as const)('%s is one command', async ([file, task, settings]) => {
  const { commands, probes, relays, error } = await runTask(plugin(), task, shop({ settings, next: withCode }))
  expect({ error, probes, relays, count: commands.length }).toEqual({
    error: undefined,
    probes: [],
    relays: [],
    count: 1,
  })
  await expect(`${commands.join('\n')}\n`).toMatchFileSnapshot(`commands/${file}.sh`)
})

test('what a killed run left on this machine goes after a day', async () => {
  const projectRoot = await folder()
  const shelf = join(projectRoot, '.srv/images')
  const startedAt = '2026-11-22T14:03:11.000Z'
  for (const [name, hours] of [
    ['killed', 25],
    ['other', 23],
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
  expect({ error, left: await readdir(shelf) }).toEqual({ error: undefined, left: ['other'] })
})

/** Brings an image that consists of two layers to a host that says what it has. */
async function spread(...has: readonly string[]) {
  const packed = join(await folder(), 'images')
  const layers = [
    { file: 'base/layer.tar', chain: 'base' },
    { file: 'web/layer.tar', chain: 'base web' },
  ]
  const images = [{ id: 'sha256:new', tags: [`srv/shop-web:${next.release.id}`], layers }]
  const settings = { build: 'laptop' }
  const placement = testPlacement(shop())
  const held = display(heldScript(siteOf(placement, settingsSchema.parse(settings))))
  const answers = { [held]: `${has.join('\n')}\n` }
  const situation = shop({
    settings,
    answers,
    outputs: { pack: { [placement.instance.id]: { folder: packed, images } } },
  })
  const { probes, error, ...rest } = await runTask(plugin(), 'spread', situation)
  expect({ probes, error }).toEqual({ probes: [held], error: undefined })
  return { packed, ...rest }
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

test('an image travels without the layers that a host has, and brings the tag of the release along', async () => {
  const { packed, commands, relays, progress } = await spread(
    'store [["Backing Filesystem","extfs"]]',
    'image sha256:old base',
  )
  expect(progress).toEqual(['sending 1 of 2 layers'])
  const send =
    'tar -cf - -X "$3" -C "$2" . | gzip -1 | "$1" srv "env -u DOCKER_HOST -u DOCKER_CONTEXT -u DOCKER_CONFIG docker load --quiet"'
  expect(relays).toEqual([{ argv: ['sh', '-c', send, 'sh', '{shell}', packed, `${packed}.web1`] }])
  expect(await readFile(`${packed}.web1`, 'utf8')).toBe('./base/layer.tar\n')
  expect(commands).toEqual([])
})

test('an image that a host has gets the tag of the release there', async () => {
  const { commands, relays } = await spread('store [["Backing Filesystem","extfs"]]', 'image sha256:new base web')
  expect(relays).toEqual([])
  await expect(`${commands.join('\n')}\n`).toMatchFileSnapshot('commands/spread.sh')
})

test('an image travels whole to an engine that has other ids for images, and is tagged by none', async () => {
  const { commands, progress } = await spread(
    'store [["driver-type","io.containerd.snapshotter.v1"]]',
    'image sha256:new base',
  )
  expect({ commands, progress }).toEqual({ commands: [], progress: ['sending 2 of 2 layers'] })
})

test('what the manager of a swarm built comes here, and what another machine built does not', async () => {
  const { commands, relays, error } = await runTask(plugin(), 'collect', shop({ orchestrator }))
  const [relay] = relays
  expect({ error, commands, count: relays.length }).toEqual({ error: undefined, commands: [], count: 1 })
  const tags = `/srv/shop/.srv/docker/compose/.new-${next.release.id}/tags`
  expect(relay?.argv.slice(-1)).toEqual([
    `[ ! -s ${tags} ] || env -u DOCKER_HOST -u DOCKER_CONTEXT -u DOCKER_CONFIG docker save $(cat ${tags})`,
  ])
  await expect(`${relay?.before === undefined ? '' : display(relay.before)}\n`).toMatchFileSnapshot(
    'commands/collect.sh',
  )
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
