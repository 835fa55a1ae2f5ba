import { expect, test } from 'vitest'
import type { Check } from '../../../../src/plugin/contract.ts'
import { raw, sh } from '../../../../src/shell/script.ts'
import { fleet } from '../../../support/fleet.ts'
import { shellTask } from '../../../support/shell-task.ts'

const touch = shellTask('touch ran')

function tool(name: string, on: 'host' | 'instance' = 'host'): Check {
  return {
    title: name,
    on,
    probe: () => sh`command -v ${name}`,
    judge: ({ code, stdout }) =>
      code === 0
        ? { ok: true, found: stdout.trim().replace(/^.*\//, '') }
        : { ok: false, problem: 'it is not installed', fix: `Install ${name}.` },
  }
}

test('one host of three that cannot be reached: nothing runs anywhere', async () => {
  const run = fleet(['t'], {
    hosts: ['web1', 'web2', 'web3'],
    tasks: { t: touch },
    faults: { web2: { kind: 'unreachable' } },
  })
  const { status, exitCode, errors } = await run.run()
  expect([status, exitCode, errors.map(({ code }) => code)]).toEqual(['unreachable', 4, ['SRV-202']])
  expect(run.story()).toEqual(['unreachable web2: SRV-202', 'end unreachable 4'])
  expect(['web1', 'web2', 'web3'].map((host) => run.file(host, 'ran'))).toEqual([undefined, undefined, undefined])
})

test('every problem of every host is told at once, in one command each', async () => {
  const run = fleet(['t'], {
    hosts: ['web1', 'web2'],
    instances: ['blog/native', 'shop/native'],
    tasks: { t: touch },
    plugins: [
      { options: {}, checks: [tool('sh'), tool('srv-no-such-tool')] },
      { name: 'p', options: {}, checks: [tool('srv-nor-this', 'instance')] },
    ],
  })
  const { status, exitCode, errors } = await run.run()
  expect([status, exitCode]).toEqual(['refused', 9])
  expect(errors.map(({ message }) => message).toSorted()).toEqual(
    ['web1', 'web2'].flatMap((host) => [
      `${host} is not ready: srv-no-such-tool: it is not installed.`,
      `${host} is not ready: srv-nor-this (blog/native): it is not installed.`,
      `${host} is not ready: srv-nor-this (shop/native): it is not installed.`,
    ]),
  )
  expect(run.events).toContainEqual({ type: 'check.end', host: 'web1', check: 'sh', ok: true, found: 'sh' })
  expect(run.pool.sent).toHaveLength(2)
  expect(run.file('web1', 'ran')).toBeUndefined()
})

test('checks that ask the same are asked once, and judge each for itself', async () => {
  const counting = (title: string): Check => ({
    title,
    on: 'host',
    probe: () => raw('echo x >> asked'),
    judge: ({ code }) => ({ ok: code === 0, problem: '', fix: '', found: title }),
  })
  const checks = [counting('one'), tool('sh'), counting('other')]
  const run = fleet(['t'], { tasks: { t: touch }, plugins: [{ options: {}, checks }] })
  expect((await run.run()).exitCode).toBe(0)
  const told = run.events.filter(({ type }) => type === 'check.end' || type === 'check.start')
  const end = { type: 'check.end', host: 'web1', ok: true }
  expect(told).toEqual([
    { type: 'check.start', host: 'web1', checks: 3 },
    { ...end, check: 'one', found: 'one' },
    { ...end, check: 'other', found: 'other' },
    { ...end, check: 'sh', found: 'sh' },
  ])
  expect(run.file('web1', 'asked')).toBe('x\n')
})

test('a host that cannot be reached weighs more than one that is not ready', async () => {
  const run = fleet(['t'], {
    hosts: ['web1', 'web2'],
    tasks: { t: touch },
    plugins: [{ options: {}, checks: [tool('srv-no-such-tool')] }],
    faults: { web2: { kind: 'unreachable' } },
  })
  const { status, exitCode, errors } = await run.run()
  expect([status, exitCode, errors.map(({ code }) => code)]).toEqual(['unreachable', 4, ['SRV-202', 'SRV-301']])
})

test('a check that acts once is asked on the operator’s machine', async () => {
  const seen: unknown[] = []
  const run = fleet(['t'], {
    tasks: { t: touch },
    plugins: [
      {
        name: 'p',
        options: { colour: 'red' },
        checks: [
          {
            title: 'laptop',
            on: 'once',
            async check(context) {
              seen.push(context.options, (await context.probe`pwd`).stdout.trim(), context.placements.length)
              return { ok: false, problem: 'it is not ready', fix: 'Make it so.' }
            },
          },
          { title: 'broken', on: 'once', check: () => Promise.reject(new Error('boom')) },
        ],
      },
    ],
  })
  const { exitCode, errors } = await run.run()
  expect(seen).toEqual([{ colour: 'red' }, `${run.root}/local`, 1])
  expect([exitCode, ...errors.map(({ message }) => message).toSorted()]).toEqual([
    9,
    'local is not ready: broken: the check itself failed: boom.',
    'local is not ready: laptop: it is not ready.',
  ])
})

const boom = (): never => {
  throw new TypeError('boom')
}

test.each<[string, Check]>([
  ['probe', { title: 'c', on: 'host', probe: boom, judge: () => ({ ok: true }) }],
  ['judge', { title: 'c', on: 'host', probe: () => raw(':'), judge: boom }],
])('what the %s of a check throws is its verdict', async (_, check) => {
  const run = fleet(['t'], { tasks: { t: touch }, plugins: [{ name: 'p', options: {}, checks: [check] }] })
  const { exitCode, errors } = await run.run()
  expect([exitCode, ...errors.map(({ message }) => message)]).toEqual([
    9,
    'web1 is not ready: c: the check itself failed: boom.',
  ])
})

test.each([
  ['probe', { probe: boom, read: () => ({}) }],
  ['read', { probe: () => raw(':'), read: boom }],
])('a plugin that cannot look at an instance is named: %s', async (_, inspect) => {
  const run = fleet(['t'], { tasks: { t: touch }, plugins: [{ name: 'p', options: {}, checks: [], inspect }] })
  const { exitCode, errors } = await run.run()
  expect([exitCode, ...errors.map(({ message }) => message)]).toEqual([
    9,
    'web1 is not ready: state of blog/native: p could not read it: boom.',
  ])
})

test('a host that does not answer the checks is one that was not reached', async () => {
  const run = fleet(['t'], {
    tasks: { t: touch },
    plugins: [{ options: {}, checks: [tool('sh')] }],
    faults: { web1: { kind: 'gone', from: 1, reason: 'reset' } },
  })
  const { exitCode, errors } = await run.run()
  expect([exitCode, ...errors.map(({ message }) => message)]).toEqual([
    4,
    'web1 was reached, but could not answer: reset.',
  ])
})
