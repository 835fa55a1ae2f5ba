import { expect, test } from 'vitest'
import { defineTask } from '../../../../src/plugin/define.ts'
import { raw } from '../../../../src/shell/script.ts'
import { fleet } from '../../../support/fleet.ts'
import { gate, openOnceFailed } from '../../../support/gate.ts'
import { shellTask } from '../../../support/shell-task.ts'

const hosts = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `web${index + 1}`)

/** A task that takes a few turns of the event loop, fewer on later hosts: without a shell, so that the order is certain. */
function busy() {
  const now = new Set<string>()
  const seen = { most: 0, order: [] as string[] }
  const work = defineTask({
    title: 'Work',
    on: 'instance',
    async run({ host: { name } }) {
      now.add(name)
      seen.order.push(name)
      seen.most = Math.max(seen.most, now.size)
      for (let left = 10 - Number(name.replace('web', '')); left > 0; left--) await new Promise(setImmediate)
      now.delete(name)
      if (failing.has(name)) throw new Error('no')
    },
  })
  const failing = new Set<string>()
  return { seen, work, failing }
}

test.each([
  ['one at a time by default', {}, 1],
  ['a number', { window: 2 }, 2],
  ['a share, rounded down', { window: '60%' as const }, 3],
  ['a share, but never none', { window: '1%' as const }, 1],
  ['more than there are', { window: 99 }, 5],
])('the window slides and is never exceeded: %s', async (_, options, most) => {
  const { seen, work } = busy()
  const run = fleet({ rolling: ['work'], ...options }, { hosts: hosts(5), tasks: { work } })
  await run.run()
  expect(seen).toEqual({ most, order: hosts(5) })
})

test('canary hosts go one at a time before any other', async () => {
  const { seen, work } = busy()
  const run = fleet({ rolling: ['work'], canary: 2, window: '100%' }, { hosts: hosts(4), tasks: { work } })
  const canaries: number[] = []
  run.onEvent = (event) => {
    if (event.type === 'step.end') canaries.push(seen.most)
  }
  await run.run()
  expect([canaries.slice(0, 2), seen]).toEqual([[1, 1], { most: 2, order: hosts(4) }])
})

test('hosts on which nothing acts take no turn: they would be a canary that proves nothing', async () => {
  const only = shellTask(':', { applies: ({ host }) => host.name !== 'web1' })
  const run = fleet({ rolling: ['only'], canary: 1, window: '50%' }, { hosts: hosts(3), tasks: { only } })
  const [rolling] = run.session.plan.root.nodes
  expect(rolling).toMatchObject({ kind: 'rolling', canary: 1, window: 1, hosts: [{ name: 'web2' }, { name: 'web3' }] })
  await run.run()
  expect(run.pool.sentTo('web1')).toEqual([])
})

test('no host starts after a failure, and the ones at work finish', async () => {
  const { seen, work, failing } = busy()
  failing.add('web2')
  const run = fleet({ rolling: ['work'], window: 3 }, { hosts: hosts(5), tasks: { work } })
  await run.run()
  // Later hosts are quicker: web3 is done and handed its turn on before web2 failed.
  expect(seen).toEqual({ most: 3, order: ['web1', 'web2', 'web3', 'web4'] })
  expect(run.story().filter((line) => line.startsWith('changed'))).toEqual(
    ['web3', 'web1', 'web4'].map((host) => `changed work blog/native@${host}`),
  )
})

test('a step that acts once acts once, and every host waits for it', async () => {
  let calls = 0
  const once = defineTask({
    title: 'Once',
    on: 'once',
    async run({ run: exec }) {
      calls++
      await exec`:`
    },
  })
  const run = fleet(
    { rolling: ['once', 'first'], window: 3 },
    { hosts: hosts(3), tasks: { first: shellTask(':'), once } },
  )
  const early: string[] = []
  run.onEvent = (event) => {
    if (event.type === 'step.end' && event.task === 'once') early.push(...hosts(3).flatMap(run.pool.sentTo))
  }
  await run.run()
  expect([calls, early]).toEqual([1, []])
  expect(run.story().slice(0, 2)).toEqual(['start once local', 'changed once local'])
  expect(run.story().filter((line) => line.startsWith('changed first'))).toHaveLength(3)
})

test('the instances of a host take no turns in a rolling group', async () => {
  const meet = shellTask('touch "$$.here"; until [ "$(ls | wc -l)" = 2 ]; do sleep 0.05; done')
  const instances = ['blog/native', 'shop/native']
  const together = fleet({ rolling: ['meet'] }, { instances, tasks: { meet } })
  expect(await together.run()).toMatchObject({ exitCode: 0 })
})

test('what only looks waits in a rolling group for the instances of its service that are changed', async () => {
  const change = defineTask({
    title: 'Change',
    on: 'instance',
    activates: true,
    applies: ({ instance }) => instance.name === 'native',
    script: () => raw('touch changed'),
  })
  const look = shellTask('[ -e changed ]')
  const run = fleet(
    { rolling: ['change', 'look'] },
    { instances: ['blog/native', 'blog/worker'], tasks: { change, look } },
  )
  const sent: number[] = []
  run.onEvent = (event) => {
    if (event.type === 'step.end') sent.push(run.pool.sentTo('web1').length)
  }
  expect(await run.run()).toMatchObject({ exitCode: 0 })
  // When the change was through, nothing but the change had been sent.
  expect(sent).toEqual([1, 2, 3])
})

test('what looks on, and is not content, takes nothing back that cannot be undone, and nothing of another service', async () => {
  const log = (word: string) => `echo ${word} >>log`
  const restart = defineTask({
    title: 'Restart',
    on: 'instance',
    activates: true,
    reapply: true,
    applies: ({ instance }) => instance.name === 'native',
    script: ({ service }) => raw(log(`restart-${service.name}`)),
  })
  const look = defineTask({
    title: 'Look',
    on: 'instance',
    script: ({ instance }) => raw(instance.name === 'worker' ? 'exit 1' : ':'),
  })
  const instances = ['blog/native', 'blog/worker', 'shop/native']
  const run = fleet(
    { rolling: ['restart', 'look', 'settle'] },
    {
      instances,
      tasks: { restart, look, settle: shellTask(log('settle')) },
    },
  )
  expect((await run.run()).exitCode).not.toBe(0)
  expect(run.file('web1', 'log')?.trim().split('\n').sort()).toEqual(['restart-blog', 'restart-shop', 'settle'])
})

test('a parallel group runs at the same time on each host, and fails when any of it does', async () => {
  const touch = (own: string, other: string) => shellTask(`touch ${own}; until [ -e ${other} ]; do sleep 0.05; done`)
  const run = fleet([{ parallel: ['a', 'b'] }, 'c'], {
    hosts: hosts(2),
    tasks: { a: touch('a', 'b'), b: touch('b', 'a'), c: shellTask('touch c') },
  })
  expect(await run.run()).toMatchObject({ exitCode: 0 })
  const bad = fleet([{ parallel: ['a', 'b'] }, 'c'], {
    tasks: { a: shellTask(`${gate}; touch a`), b: shellTask('exit 1'), c: shellTask('touch c') },
  })
  openOnceFailed(bad, 'web1')
  expect(await bad.run()).toMatchObject({ exitCode: 5 })
  expect([bad.file('web1', 'a'), bad.file('web1', 'c')]).toEqual(['', undefined])
})
