import { readFile } from 'node:fs/promises'
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

test('an image travels without the layers that a host has, and gets the tag of the release there', async () => {
  const packed = join(await folder(), 'images')
  const layers = [
    { file: 'base/layer.tar', chain: 'base' },
    { file: 'web/layer.tar', chain: 'base web' },
  ]
  const images = [{ id: 'sha256:new', tags: [`srv/shop-web:${next.release.id}`], layers }]
  const settings = { build: 'laptop' }
  const placement = testPlacement(shop())
  const held = display(heldScript(siteOf(placement, settingsSchema.parse(settings))))
  const answers = { [held]: 'store [["Backing Filesystem","extfs"]]\nimage sha256:old base\n' }
  const situation = shop({
    settings,
    answers,
    outputs: { pack: { [placement.instance.id]: { folder: packed, images } } },
  })
  const { commands, probes, relays, progress, error } = await runTask(plugin(), 'spread', situation)
  expect(error).toBeUndefined()
  expect(probes).toEqual([held])
  expect(progress).toEqual(['sending 1 of 2 layers'])
  const send = 'tar -cf - -X "$3" -C "$2" . | gzip -1 | "$1" srv "docker load --quiet"'
  expect(relays).toEqual([{ argv: ['sh', '-c', send, 'sh', '{shell}', packed, `${packed}.web1`] }])
  expect(await readFile(`${packed}.web1`, 'utf8')).toBe('./base/layer.tar\n')
  await expect(`${commands.join('\n')}\n`).toMatchFileSnapshot('commands/spread.sh')
})

test('what the manager of a swarm built comes here, and what another machine built does not', async () => {
  const { commands, relays, error } = await runTask(plugin(), 'collect', shop({ orchestrator }))
  const [relay] = relays
  expect({ error, commands, count: relays.length }).toEqual({ error: undefined, commands: [], count: 1 })
  const tags = `/srv/shop/.srv/docker/compose/.new-${next.release.id}/tags`
  expect(relay?.argv.slice(-1)).toEqual([`[ ! -s ${tags} ] || docker save $(cat ${tags})`])
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
