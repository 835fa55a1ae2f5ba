import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dockerCompose as plugin } from '../../../plugins/docker-compose/index.ts'
import { optionsSchema } from '../../../plugins/docker-compose/options.ts'
import { backScript } from '../../../plugins/docker-compose/scripts/back.ts'
import { letGoScript } from '../../../plugins/docker-compose/scripts/byhand.ts'
import { convergeScript } from '../../../plugins/docker-compose/scripts/converge.ts'
import { runTask } from '../../../src/testing.ts'
import { shells, write } from '../git/machine.ts'
import { engineOf } from './engine.ts'
import { shop as situation } from './situation.ts'

const options = optionsSchema.parse({ monitorMs: 0, drainMs: 0 })
const line = (service: string, digest: string, ends = 'stays', replicas = 1) =>
  `${service}\t${digest}\tsha256:1\t${String(replicas)}\t${ends}\tno proxy is in front of it\n`
const model = (services: object): string =>
  `${JSON.stringify({ services, configs: { page: { content: 'inline' } } }, undefined, 2)}\n`

/** A project that a person started, of which `job` ended and `idle` was stopped, and two releases. */
const shop = {
  ps: [
    'c1 web - running fixed l 0 80 default vol1',
    'c2 app - running shop-app-1 l 0 - container:c1',
    'c3 job - exited shop-job-1 l',
    'c4 idle - exited shop-idle-1 l',
    'c5 other - running shop-other-1 l',
  ],
  files: {
    'r1/services':
      line('web', 'w1') + line('app', 'a1') + line('job', 'j1', 'may-end') + line('idle', 'i1', 'stays', 0),
    'r1/facts': 'port\tweb\t80\tingress\nnamed\tweb\tfixed\n',
    'r1/model.json': model({
      app: { network_mode: 'service:web' },
      web: { container_name: 'fixed', volumes: [{ type: 'volume', target: '/kept' }] },
    }),
    'r2/services': line('web', 'w2'),
    'r2/facts': 'named\tweb\tfixed\n',
    'r2/model.json': model({ web: {} }),
  },
  made: {
    web: 'n1 web w1 created shop-web-2 l 0 80\n',
    app: 'n2 app a1 created shop-app-2 l 0 - container:n1\n',
    job: 'n3 job j1 created shop-job-2 l\n',
  },
}
const over = JSON.stringify({
  services: { web: { volumes: [{ type: 'volume', source: 'srv-kept-0', target: '/kept', read_only: false }] } },
  volumes: { 'srv-kept-0': { external: true, name: 'vol1' } },
})
const taken = [
  `make web over ${over}`,
  'stop c1',
  'rename c1 fixed-aside-c1',
  'rename n1 fixed',
  'start n1',
  'make app',
  'stop c2',
  'rename c2 shop-app-1-aside-c2',
  'start n2',
  'make job',
  'stop c3',
  'rename c3 shop-job-1-aside-c3',
  'start n3',
  'stop c4',
  'rename c4 shop-idle-1-aside-c4',
]

test.each(shells)(
  'what a person started is kept until the first release is well, and brought back, with %s',
  async (shell) => {
    const { base, site, run, told, ps } = await engineOf(shell, shop)
    const before = await ps()
    expect(await run(convergeScript(site, options, 'r1'))).toEqual({
      code: 0,
      stdout: [
        'web: stopping what was started by hand, and keeping it until the deploy succeeds: fixed',
        'app: stopping what was started by hand, and keeping it until the deploy succeeds: shop-app-1',
        'job: stopping what was started by hand, and keeping it until the deploy succeeds: shop-job-1',
        'idle: stopping what was started by hand, and keeping it until the deploy succeeds: shop-idle-1',
        'idle has no containers',
        'other belongs to the project but not to the release, and srv did not start it: left alone\n',
      ].join('\n'),
      stderr: '',
    })
    expect(await told()).toEqual(taken)
    // Its health was not what it had to be.
    expect(await run(backScript(site, options, undefined))).toMatchObject({ code: 0, stderr: '' })
    expect(await told()).toEqual([
      'stop n1 n2 n3',
      'rm -f n1 n2 n3',
      'rename c1 fixed',
      'rename c2 shop-app-1',
      'rename c3 shop-job-1',
      'rename c4 shop-idle-1',
      'start c1',
      'start c2',
    ])
    expect(await ps()).toEqual(before)
    expect((await readdir(join(base, 'compose'))).sort()).toEqual(['r1', 'r2'])
  },
)

test('what a person started goes once the release is through, also when only the next one finds that out', async () => {
  for (const script of [letGoScript, undefined]) {
    const { base, site, run, told } = await engineOf('/bin/sh', shop)
    await run(convergeScript(site, options, 'r1'))
    await told()
    if (script === undefined) {
      await write(base, { 'made.web': 'm1 web w2 running fixed l\n' })
      expect((await run(convergeScript({ ...site, isThrough: true }, options, 'r2'))).stderr).toBe('')
      expect((await told()).slice(0, 2)).toEqual(['rm -f c1 c2 c3 c4', 'up web'])
    } else {
      expect((await run(script(site))).stderr).toBe('')
      expect(await told()).toEqual(['rm -f c1 c2 c3 c4'])
    }
    expect(await readdir(join(base, 'compose'))).not.toContain('before')
  }
})

test.each(shells)('what a person started is kept while no run is known to be through, with %s', async (shell) => {
  const { base, site, run, told, ps } = await engineOf(shell, shop)
  const before = await ps()
  await run(convergeScript(site, options, 'r1'))
  await told()
  // That run was killed before it asked for the health of the release, which is no good.
  await write(base, { 'made.web': 'm1 web w2 running shop-web-3 l 0 80\n' })
  expect(await run(convergeScript(site, options, 'r2'))).toMatchObject({ code: 0, stderr: '' })
  expect((await told()).slice(0, 4)).toEqual(['stop n1', 'rm -f n1', `make web over ${over}`, 'rename m1 fixed'])
  expect(await readdir(join(base, 'compose'))).toContain('before')
  expect(await run(backScript(site, options, 'r1'))).toMatchObject({ code: 0, stderr: '' })
  expect(await ps()).toEqual(before)
})

test('a run is known to be through when its release has a digest', async () => {
  const through = async (digest: object): Promise<readonly string[]> => {
    const state = { release: { id: 'r1' }, releases: [], ...digest }
    return (await runTask(plugin(), 'up', situation({ state }))).commands.flatMap(
      (text) => /through=\S*/.exec(text) ?? [],
    )
  }
  expect([await through({}), await through({ digest: 'd' })]).toEqual([["through=''"], ['through=yes']])
})

test.each(shells)('a run that died in the middle is gone on with, or taken back, with %s', async (shell) => {
  const died = {
    ...shop,
    ps: [
      'c1 web - exited fixed-aside-c1 l 0 80 default vol1',
      'n1 web w1 created shop-web-2 l 0 80',
      // The network that it shared is gone.
      'c2 app - running shop-app-1 l 0 - container:c1',
      ...shop.ps.slice(2),
    ],
    files: {
      ...shop.files,
      'before.networks': '',
      before:
        'c1 web fixed running -\nc2 app shop-app-1 running -\nc3 job shop-job-1 exited -\nc4 idle shop-idle-1 exited -\nc5 other shop-other-1 running -\n',
    },
  }
  const on = await engineOf(shell, died)
  expect(await on.run(convergeScript(on.site, options, 'r1'))).toMatchObject({ code: 0, stderr: '' })
  expect(await on.told()).toEqual(taken.slice(3))
  const back = await engineOf(shell, died)
  // The code in place is of the run that died: that never served.
  expect(await back.run(backScript(back.site, options, 'r1'))).toMatchObject({ code: 0, stderr: '' })
  expect(await back.told()).toEqual(['rm -f n1', 'rename c1 fixed', 'stop c2', 'start c1', 'start c2'])
})

test('what is gone, and what does not start again, is an error', async () => {
  const { base, site, run, told } = await engineOf('/bin/sh', shop)
  await run(convergeScript(site, options, 'r1'))
  await told()
  await write(base, { ps: 'c2 app - exited shop-app-1-aside-c2 l\n' })
  expect(await run(backScript(site, options, undefined))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('What was started by hand before the first deploy is gone: fixed') as string,
  })
  expect(await told()).toEqual(['rename c2 shop-app-1', 'start c2'])
  expect(await readdir(join(base, 'compose'))).toContain('before')
})

test('what Compose took out of its networks gets back into them as it was', async () => {
  const { base, site, run, told } = await engineOf('/bin/sh', shop)
  await write(base, {
    'networks.c1': 'c1 shop_default - - web fixed c1\n',
    'networks.c5': 'c5 shop_default - - other\n',
  })
  await run(convergeScript(site, options, 'r1'))
  await write(base, { 'networks.c1': 'c1 shop_default - -\n' })
  await told()
  expect(await run(backScript(site, options, undefined))).toMatchObject({ code: 0, stderr: '' })
  expect((await told()).filter((one) => one.startsWith('network'))).toEqual([
    'network disconnect -f shop_default c1',
    'network connect --alias web --alias fixed shop_default c1',
  ])
})

test('behind a proxy, what a person started serves until the new one does, and again when that fails', async () => {
  const serves = (made: string) => ({
    ps: ['c1 web - running shop-web-1 l', 'c2 web - running shop-web-2 l'],
    files: { 'r1/services': line('web', 'w1').replace(/no proxy.*/, ''), 'r1/facts': '' },
    made: { web: made },
  })
  const well = await engineOf('/bin/sh', serves('n1 web w1 created shop-web-3 l\n'))
  expect((await well.run(convergeScript(well.site, options, 'r1'))).stdout).toBe(
    'web: starting the new one beside the one started by hand\n',
  )
  expect(await well.told()).toEqual(['make web', 'start n1', 'stop c1 c2'])
  const sick = await engineOf('/bin/sh', serves('n1 web w1 created shop-web-3 l 1\n'))
  expect(await sick.run(convergeScript(sick.site, options, 'r1'))).toMatchObject({ code: 1 })
  expect((await sick.told()).filter((one) => !one.startsWith('logs'))).toEqual([
    'make web',
    'start n1',
    'start c1 c2',
    'rm -f n1',
  ])
  expect(await sick.run(backScript(sick.site, options, undefined))).toMatchObject({ code: 0, stderr: '' })
  expect(await sick.told()).toEqual([])
})

test('what only Compose can start is refused while it runs, and replaced when it does not', async () => {
  const hooked = {
    ...shop,
    files: { ...shop.files, 'r2/model.json': model({ web: { configs: [{ source: 'page', target: '/page' }] } }) },
    made: { web: 'm1 web w2 running fixed l\n' },
  }
  const { base, site, run, told } = await engineOf('/bin/sh', hooked)
  const refused = await run(convergeScript(site, options, 'r2'))
  expect(refused.stderr).toContain('Stop what is running (fixed) and deploy again')
  expect(await told()).toEqual([])
  expect(await readdir(join(base, 'compose'))).not.toContain('before')
  await write(base, { ps: 'c1 web - exited fixed l 0 80\n' })
  expect(await run(convergeScript(site, options, 'r2'))).toMatchObject({ code: 0, stderr: '' })
  expect(await told()).toEqual(['up web'])
})

test.each(shells)('what lives in the network of a container that is gone is made anew, with %s', async (shell) => {
  const { site, run, told } = await engineOf(shell, {
    ps: ['c1 vpn v1 running shop-vpn-1 l', 'c2 app a1 running shop-app-1 l 0 - container:c9'],
    files: {
      active: 'r0\n',
      'r1/services': line('vpn', 'v1') + line('app', 'a1'),
      'r1/model.json': model({ app: { network_mode: 'service:vpn' } }),
    },
    made: { app: 'c3 app a1 running shop-app-1 l 0 - container:c1\n' },
  })
  expect(await run(convergeScript(site, options, 'r1'))).toMatchObject({ code: 0, stderr: '' })
  expect(await told()).toEqual(['up app'])
  expect((await run(convergeScript(site, options, 'r1'))).stdout).toBe('vpn is unchanged\napp is unchanged\n')
})
