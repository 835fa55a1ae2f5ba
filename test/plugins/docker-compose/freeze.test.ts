import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settingsSchema } from '../../../plugins/docker-compose/options.ts'
import { freezeScript } from '../../../plugins/docker-compose/scripts/freeze.ts'
import { siteOf } from '../../../plugins/docker-compose/scripts/prologue.ts'
import { quote } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { testPlacement } from '../../../src/testing.ts'
import { folder, shellOf, shells, write } from '../git/machine.ts'
import { next, shop } from './situation.ts'

const { id } = next.release

interface Swarm {
  readonly strangers?: readonly string[]
  readonly facts?: string
  readonly shell?: (typeof shells)[number]
}

/** The images that a swarm is told to run, of a service that is built, of one that is not, and of one that shares a build. */
async function imagesWith(
  registry: Readonly<Record<string, string>>,
  { strangers = [], facts = '', shell = '/bin/sh' }: Swarm = {},
): Promise<unknown> {
  const run = await shellOf(shell)
  const base = await folder()
  await write(base, {
    [`.new-${id}/facts`]:
      'service\tweb\nbuild\tweb\nservice\tcache\nimage\tcache\tregistry.example.org:5000/cache:7\n' +
      `service\tworker\nimage\tworker\tshop\nshares\tworker\tweb\n${facts}`,
    [`.new-${id}/service.web`]: '',
    [`.new-${id}/service.worker`]: '',
    [`.new-${id}/service.cache`]: '',
    [`.new-${id}/base.json`]:
      '{\n  "services": {\n    "cache": { "image": "c" },\n    "web": { "image": "w" }\n  }\n}\n',
    'bin/docker': `#!/bin/sh
case $* in
'image inspect '*)
  echo 'sha256:1 old.example.org/web@sha256:a registry.example.org/team/shop-web@sha256:b'
  echo 'sha256:2 old.example.org/cache@sha256:c registry.example.org:5000/cache@sha256:d'
  echo 'sha256:1 old.example.org/web@sha256:a registry.example.org/team/shop-web@sha256:b' ;;
'compose '*) cat ${quote(join(base, `.new-${id}/base.json`))} ;;
esac
`,
  })
  const placement = testPlacement(shop({ orchestrator: { kind: 'swarm', manager: 'web1' } }))
  const site = siteOf(placement, settingsSchema.parse(registry))
  const text = freezeScript(
    { ...site, layout: { ...site.layout, compose: base } },
    { release: next.release, folder: base, isInPlace: false, startedAt: '', actor: 'ann', monitorMs: 0, strangers },
  )
  const path = `chmod 755 ${quote(join(base, 'bin/docker'))}\nPATH=${quote(join(base, 'bin'))}:$PATH`
  const { code, stdout, stderr } = await run(`${path}\n${display(text)}`)
  if (code !== 0) return stderr
  expect(stdout + stderr).toBe('')
  const over = await readFile(join(base, id, 'over.json'), 'utf8')
  return [...over.matchAll(/"(\w+)":\{"image":"([^"]*)"/g)].map(([, service, image]) => [service, image])
}

test('a swarm is told the name that an image has in its own registry, and an id where there is none', async () => {
  const cache = ['cache', 'registry.example.org:5000/cache@sha256:d']
  expect(await imagesWith({ registry: 'registry.example.org/team' })).toEqual([
    ['web', 'registry.example.org/team/shop-web@sha256:b'],
    cache,
    ['worker', 'registry.example.org/team/shop-web@sha256:b'],
  ])
  expect(await imagesWith({})).toEqual([['web', 'sha256:1'], cache, ['worker', 'sha256:1']])
})

test.each(shells)(
  'a swarm with a node that gets no images may not run what is in no registry there, with %s',
  async (shell) => {
    const strangers = ['web8', 'web9']
    expect(await imagesWith({}, { strangers, shell })).toMatch(
      /^The swarm may run web worker on web8 web9: that is not a host of this run, and does not get the images/,
    )
    expect(await imagesWith({ registry: 'registry.example.org/team' }, { strangers, shell })).toHaveLength(3)
    expect(await imagesWith({}, { strangers, shell, facts: 'placed\tweb\nplaced\tworker\n' })).toHaveLength(3)
  },
)

/** What a release that is frozen notes of its services: name, digest and why it is replaced stop-first. */
async function frozen(
  facts: string,
  { settings = {}, services = {}, isInPlace = false, shell = '/bin/sh', volumes = '' }: Freeze = {},
): Promise<readonly (readonly string[])[]> {
  const run = await shellOf(shell)
  const base = await folder()
  const code = '/tmp/srv-frozen'
  const names = [...new Set([...facts.matchAll(/^service\t(\w+)$/gm)].map(([, name]) => name ?? ''))]
  const parts = names.map((name) => [`.new-${id}/service.${name}`, JSON.stringify(services[name] ?? {})])
  await write(base, {
    [`.new-${id}/facts`]: `${names.map((name) => `build\t${name}\n`).join('')}${facts}`,
    [`.new-${id}/base.json`]: `${JSON.stringify({ services: Object.fromEntries(names.map((name) => [name, { image: 'i', ...services[name] }])) }, null, 2)}\n`,
    ...Object.fromEntries(parts),
    'code/up/file': '',
    'mounts/none': '',
    'bin/docker': `#!/bin/sh
case $* in 'image inspect '*) shift 4; for image in "$@"; do echo "sha256:$image${volumes}"; done ;; esac
`,
  })
  const site = siteOf(testPlacement(shop()), settingsSchema.parse(settings))
  const text = freezeScript(
    { ...site, layout: { ...site.layout, compose: base, images: 'srv/' } },
    { release: next.release, folder: join(base, 'code'), isInPlace, startedAt: '', actor: 'ann', monitorMs: 0 },
  )
  const here = `chmod 755 ${quote(join(base, 'bin/docker'))}\nHOME=/nonexistent PATH=${quote(join(base, 'bin'))}:$PATH`
  const known = `.new-${id}/facts`
  await write(base, { [known]: (await readFile(join(base, known), 'utf8')).replaceAll(code, join(base, 'code')) })
  expect(await run(`${here}\n${display(text)}`)).toEqual({ code: 0, stdout: '', stderr: '' })
  const table = await readFile(join(base, id, 'services'), 'utf8')
  return table
    .replaceAll(join(base, 'code'), code)
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([name = '', digest = '', , , , why = '']) => [name, digest, why])
}

/** How a release of a test is frozen. */
interface Freeze {
  readonly settings?: object
  readonly services?: Readonly<Record<string, object>>
  readonly isInPlace?: boolean
  readonly shell?: (typeof shells)[number]
  /** What images say of volumes, as the engine prints it. */
  readonly volumes?: string
}

test.for([
  ['', ''],
  ['port\tweb\t80\tingress\n', 'it publishes port 80 of the host'],
  ['named\tweb\tshop\n', 'its container has the fixed name shop'],
  ['network\tweb\thost\n', 'it uses the network of the host'],
  ['network\tweb\tbridge\n', ''],
  ['bind\tweb\trw\t/srv/shop/data/db\n', 'it writes to /srv/shop/data/db'],
  ['bind\tweb\tro\t/srv/shop/data/db\n', ''],
  ['volume\tweb\trw\tcache\n', 'it writes to the volume cache'],
  ['volume\tweb\tro\tcache\n', ''],
  ['bind\tweb\trw\t/tmp/srv-frozen/up\n', ''],
  ['nameless\tweb\t/kept\ntarget\tweb\t/kept\n', 'it has an anonymous volume at /kept'],
] as const)('says why two versions cannot run at the same time: %j is %s', async ([facts, why]) => {
  const settings = { proxy: { web: { kind: 'nginx', port: 80 } } }
  const all = `service\tweb\n${facts}`
  expect((await frozen(all, { settings })).map(([, , said]) => said)).toEqual([why])
  // They may write to the same place; nothing else is made possible by that.
  const overlap = why.startsWith('it writes') ? '' : why
  for (const allowed of [true, ['web']])
    expect((await frozen(all, { settings: { ...settings, overlap: allowed } })).map(([, , said]) => said)).toEqual([
      overlap,
    ])
})

test.each(shells)('a volume of an image that nothing is mounted on is one without a name, with %s', async (shell) => {
  const settings = { proxy: { web: { kind: 'nginx', port: 80 } } }
  const why = async (facts: string): Promise<readonly unknown[]> => {
    const rows = await frozen(`service\tweb\n${facts}`, { settings, shell, volumes: '|/data|/a b|' })
    return rows.map(([, , said]) => said)
  }
  expect(await why('')).toEqual(['it has an anonymous volume at /data'])
  expect(await why('target\tweb\t/data\n')).toEqual(['it has an anonymous volume at /a b'])
  expect(await why('target\tweb\t/data\ntarget\tweb\t/a b\ntarget\tother\t/c\n')).toEqual([''])
  expect(await why('port\tweb\t80\tingress\n')).toEqual(['it publishes port 80 of the host'])
})

test('of what it mounts out of a checkout that stays, both versions would have the same', async () => {
  const settings = { proxy: { web: { kind: 'nginx', port: 80 } } }
  const facts = 'service\tweb\nbind\tweb\trw\t/tmp/srv-frozen/up/file\n'
  expect((await frozen(facts, { settings, isInPlace: true })).map(([, , why]) => why)).toEqual([
    'it writes to /tmp/srv-frozen/up/file',
  ])
  expect((await frozen('service\tweb\n')).map(([, , why]) => why)).toEqual(['no proxy is in front of it'])
})

test.each(shells)('what lives in the namespace of another one changes with it, with %s', async (shell) => {
  const spaces = ['network_mode', 'pid', 'ipc']
  const facts = ['app', 'lone', ...spaces].map((name) => `service\t${name}\nafter\t${name}\tvpn\n`).join('')
  const digests = async (vpn: object): Promise<Readonly<Record<string, string>>> => {
    const after = (more: object) => ({ depends_on: { vpn: { condition: 'service_started', ...more } } })
    const lodgers = spaces.map((space) => [space, { [space]: 'service:vpn', ...after({}) }] as const)
    const services = { app: after({ restart: true }), lone: after({}), ...Object.fromEntries(lodgers), vpn }
    const rows = await frozen(`${facts}service\tvpn\n`, { services, shell })
    return Object.fromEntries(rows.map(([name = '', digest = '']) => [name, digest]))
  }
  const [one, two] = [await digests({ environment: { A: '1' } }), await digests({ environment: { A: '2' } })]
  expect(Object.keys(one).filter((name) => one[name] !== two[name])).toEqual(['vpn', 'app', ...spaces])
})
