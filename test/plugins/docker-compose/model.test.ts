import { readFile, readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { factsFunction, pinFunction, relocateFunction } from '../../../plugins/docker-compose/scripts/model-awk.ts'
import { stackFunction } from '../../../plugins/docker-compose/swarm/stack-awk.ts'
import { quote } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { folder, shellOf, shells, write } from '../git/machine.ts'

/** What Compose 2.26.1 prints of a project with everything that srv has to know of one. */
const model = new URL('models/shop.json', import.meta.url).pathname
const release = '/srv/shop/instances/docker/releases/1'

test.each(shells)('reads a model with %s', async (shell) => {
  const run = await shellOf(shell)
  const parts = await folder()
  const { code, stdout, stderr } = await run(
    `${display(factsFunction)}\nfacts ${quote(parts.replaceAll('\\', '\\\\'))} < ${quote(model)}`,
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.trimEnd().split('\n')).toEqual([
    `file\tconfigs.app\t${release}/app.conf`,
    `file\tsecrets.password\t${release}/password`,
    'service\tdb',
    'healthcheck\tdb',
    'image\tdb\tpostgres:17',
    'uses\tdb\tnetworks.default',
    'uses\tdb\tsecrets.password',
    'bind\tdb\trw\t/srv/shop/data/db',
    'target\tdb\t/var/lib/postgresql/data',
    'service\tmigrate',
    'build\tmigrate',
    'uses\tmigrate\tnetworks.default',
    'service\tproxy',
    'named\tproxy\tedge',
    'image\tproxy\tcaddy:2',
    'uses\tproxy\tnetworks.default',
    'port\tproxy\t80\tingress',
    'service\tweb',
    'build\tweb',
    'uses\tweb\tconfigs.app',
    'after\tweb\tdb',
    'after\tweb\tmigrate',
    'ends\tmigrate',
    'uses\tweb\tnetworks.default',
    'replicas\tweb\t2',
    `bind\tweb\tro\t${release}/conf`,
    'target\tweb\t/etc/app',
    'volume\tweb\trw\tcache',
    'target\tweb\t/cache',
    'uses\tweb\tvolumes.cache',
    'service\tworker',
    'after\tworker\tweb',
    'image\tworker\tghcr.io/me/worker:2',
    'network\tworker\thost',
    'restart\tworker\talways',
  ])
  expect((await readdir(parts)).sort()).toEqual([
    'configs.app',
    'networks.default',
    'secrets.password',
    'service.db',
    'service.migrate',
    'service.proxy',
    'service.web',
    'service.worker',
    'volumes.cache',
  ])
  // What its containers depend on, and no more than that: not how it is built, when it starts and how many there are.
  const web = await readFile(`${parts}/service.web`, 'utf8')
  expect(web).toContain('"QUOTE"')
  expect(web).not.toMatch(/"build"|"depends_on"|"scale"/)
})

test.each(shells)(
  'keeps of a service what its containers are made of, whatever stands behind it, with %s',
  async (shell) => {
    const run = await shellOf(shell)
    const partOf = async (service: object): Promise<string> => {
      const here = await folder()
      await write(here, {
        model: `${JSON.stringify({ services: { web: { command: ['a'], ...service } } }, null, 2)}\n`,
      })
      await run(`${display(factsFunction)}\ncd ${quote(here)}\nfacts . < model`)
      return readFile(`${here}/service.web`, 'utf8')
    }
    const bare = await partOf({})
    const limits = { resources: { limits: { memory: '1' } } }
    const same = [
      { scale: 2 },
      { depends_on: { db: { condition: 'service_started' } } },
      { deploy: { replicas: 2, resources: {}, placement: {} } },
      { deploy: { labels: { a: 'b' }, update_config: { order: 'start-first' }, placement: { constraints: ['x'] } } },
    ]
    for (const more of same) expect(await partOf(more)).toBe(bare)
    const others = [
      { deploy: limits },
      { deploy: { resources: { limits: { memory: '2' } } } },
      { deploy: { ...limits, restart_policy: { condition: 'any' } } },
    ]
    const parts = await Promise.all(others.map(partOf))
    expect(new Set([bare, ...parts]).size).toBe(4)
  },
)

test.each(shells)('reads which volumes have no name, and what else is mounted, with %s', async (shell) => {
  const run = await shellOf(shell)
  const here = await folder()
  const volumes = [
    { type: 'volume', target: '/kept', volume: {} },
    { type: 'volume', target: '/read', read_only: true, volume: {} },
    { type: 'volume', source: 'cache', target: '/cache', volume: {} },
    { type: 'tmpfs', target: '/tmp', tmpfs: { size: '1' } },
  ]
  const given = { services: { web: { image: 'a', tmpfs: ['/run', '/fast:size=1m'], volumes } } }
  await write(here, { model: `${JSON.stringify(given, null, 2)}\n` })
  const { stdout } = await run(`${display(factsFunction)}\ncd ${quote(here)}\nfacts . < model`)
  const targets = ['/run', '/fast', '/kept', '/read', '/cache', '/tmp'].map((path) => `target\tweb\t${path}`)
  const others = [
    'service\tweb',
    'image\tweb\ta',
    'nameless\tweb\t/kept',
    'volume\tweb\trw\tcache',
    'uses\tweb\tvolumes.cache',
  ]
  expect(stdout.trimEnd().split('\n').sort()).toEqual([...targets, ...others].sort())
})

test('reads what a swarm is told of a service: whether it is started again, and where it may run', async () => {
  const run = await shellOf('/bin/sh')
  const parts = await folder()
  const deploy = {
    labels: { condition: 'any', constraints: 'x' },
    placement: { constraints: ['node.role == worker'] },
    restart_policy: { condition: 'none' },
  }
  const text = JSON.stringify(
    { services: { job: { deploy }, web: { deploy: { labels: { condition: 'none' } } } } },
    null,
    2,
  )
  const { stdout } = await run(`${display(factsFunction)}\nfacts ${quote(parts)} <<'end'\n${text}\nend\n`)
  expect(stdout.split('\n').filter((line) => !/^(service|$)/.test(line))).toEqual([
    'placed\tjob',
    'condition\tjob\tnone',
  ])
})

test.each(shells)('puts other paths into a model with %s', async (shell) => {
  const run = await shellOf(shell)
  const here = await folder()
  await write(here, { table: `${release}/conf\t/kept/a "b" \\ c\n${release}/app.conf\t/kept/d\n` })
  const { stdout } = await run(`${display(relocateFunction)}
cd ${quote(here)}
relocate table < ${quote(model)}`)
  const before: unknown = JSON.parse(await readFile(model, 'utf8'))
  const text = JSON.stringify(before)
  const wanted = text
    .replace(JSON.stringify(`${release}/conf`), JSON.stringify('/kept/a "b" \\ c'))
    .replace(JSON.stringify(`${release}/app.conf`), JSON.stringify('/kept/d'))
  expect(JSON.parse(stdout)).toEqual(JSON.parse(wanted))
})

test.each(shells)('says in a model which image each service runs, and its digest, with %s', async (shell) => {
  const run = await shellOf(shell)
  const here = await folder()
  const given = {
    services: {
      labelled: { command: null, image: 'a:1', labels: { last: 'x', 'srv.hash': 'old' }, pull_policy: 'always' },
      none: { build: { context: '/b', labels: { built: 'y' } }, labels: {} },
      other: { image: 'c:1' },
    },
    volumes: { labelled: { labels: { image: 'v' } } },
  }
  await write(here, {
    table: 'labelled\taaaa\tsha256:1\t1\tstays\t\nnone\tbbbb\tsha256:2\t1\tstays\t\n',
    'model.json': `${JSON.stringify(given, null, 2)}\n`,
  })
  const pinned = await run(`${display(pinFunction)}\ncd ${quote(here)}\npin table model.json`)
  expect(pinned.stderr).toBe('')
  expect(JSON.parse(pinned.stdout)).toEqual({
    ...given,
    services: {
      labelled: { command: null, image: 'sha256:1', pull_policy: 'never', labels: { 'srv.hash': 'aaaa', last: 'x' } },
      none: { ...given.services.none, image: 'sha256:2', pull_policy: 'never', labels: { 'srv.hash': 'bbbb' } },
      other: given.services.other,
    },
  })
  // A model as Compose prints it, with every service pinned, is otherwise what it was.
  await write(here, { all: 'db migrate proxy web worker'.replaceAll(/\w+\s?/g, (name) => `${name.trim()}\td\ti\n`) })
  const whole = await run(`${display(pinFunction)}\ncd ${quote(here)}\npin all ${quote(model)}`)
  const read = (text: string) =>
    z.looseObject({ services: z.record(z.string(), z.looseObject({})) }).parse(JSON.parse(text))
  const before = read(await readFile(model, 'utf8'))
  const labels = z.record(z.string(), z.string()).default({})
  expect(read(whole.stdout)).toEqual({
    ...before,
    services: Object.fromEntries(
      Object.entries(before.services).map(([name, service]) => [
        name,
        {
          ...service,
          image: 'i',
          pull_policy: 'never',
          labels: { ...labels.parse(service['labels']), 'srv.hash': 'd' },
        },
      ]),
    ),
  })
})

test.each(shells)('makes a stack of a model with %s, and says what it leaves out', async (shell) => {
  const run = await shellOf(shell)
  const here = await folder()
  const digests = [`${release}/app.conf\taaaaaaaaaaaaaaaa`, `${release}/password\tbbbbbbbbbbbbbbbb`]
  await write(here, { contents: `${digests.join('\n')}\n` })
  const { code, stdout, stderr } = await run(`${display(stackFunction)}
cd ${quote(here)}
sed 's/"network_mode": "host"/"network_mode": "bridge"/' ${quote(model)} | stack contents`)
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'worker: a swarm has no network_mode: left out\n' })
  await expect(stdout).toMatchFileSnapshot('models/shop.stack.yaml')
  const worker = { network_mode: 'service:web', pid: 'host', ipc: 'container:c', volumes_from: ['web'] }
  const alike = { services: { none: { network_mode: 'none' }, worker } }
  const texts = { 'alike.json': JSON.stringify(alike, null, 2) }
  await write(here, texts)
  const refuse = (file: string) =>
    run(`${display(stackFunction)}\ncd ${quote(here)}\nstack contents < ${quote(file)} >/dev/null`)
  expect(await refuse(model)).toEqual({ code: 1, stdout: '', stderr: 'worker: a swarm has no network_mode: host\n' })
  const said = ['network_mode: service:web', 'pid', 'ipc', 'volumes_from'].map(
    (words) => `worker: a swarm has no ${words}\n`,
  )
  const told = `none: a swarm has no network_mode: none\n${said.join('')}`
  expect(await refuse('alike.json')).toEqual({ code: 1, stdout: '', stderr: told })
})
