import { expect, test } from 'vitest'
import { defineTask } from '../../../../src/plugin/define.ts'
import { raw, sh } from '../../../../src/shell/script.ts'
import { fleet, type Fleet } from '../../../support/fleet.ts'
import { gate, openOnceFailed } from '../../../support/gate.ts'
import { shellTask } from '../../../support/shell-task.ts'

const log = (word: string): string => `echo ${word} >>log`
const step = (word: string) => shellTask(log(word), { undo: log(`undo-${word}`) })
const fail = shellTask('echo fail >>log; exit 1')

function logOf(run: Fleet, host = 'web1'): readonly string[] {
  return run.file(host, 'log')?.trim().split('\n') ?? []
}

test('what was done is undone, newest first, in one command', async () => {
  const run = fleet(['a', 'b', 'fail', 'c'], { tasks: { a: step('a'), b: step('b'), c: step('c'), fail } })
  await run.run()
  expect(logOf(run)).toEqual(['a', 'b', 'fail', 'undo-b', 'undo-a'])
  expect(run.pool.sentTo('web1')).toHaveLength(2)
  expect(run.story().slice(-3)).toEqual(['undo blog/native@web1: b, a', 'undone blog/native@web1', 'end failed 5'])
})

test('the step that failed is undone too: it may have done half of it', async () => {
  const half = shellTask('echo half >>log; exit 1', { undo: log('undo-half') })
  const run = fleet(['a', 'half'], { tasks: { a: step('a'), half } })
  await run.run()
  expect(logOf(run)).toEqual(['a', 'half', 'undo-half', 'undo-a'])
})

test('what switches is undone first, then what brings the previous release back runs again, then the rest', async () => {
  const seen: unknown[] = []
  const restart = defineTask({
    title: 'Restart',
    on: 'instance',
    activates: true,
    reapply: true,
    script({ next }) {
      seen.push(next?.release.id)
      return sh`echo restart ${next?.release.id ?? 'previous'} >>log`
    },
  })
  const health = shellTask('echo health >>log; [ "$(grep -c health log)" != 1 ]', { reapply: true, changes: false })
  const choose = defineTask({
    title: 'Choose',
    on: 'once',
    run(context) {
      for (const one of context.placements)
        context.choose(one, { release: { id: 'new' }, folder: '/f', directory: '/d' })
    },
  })
  const run = fleet(['choose', 'fetch', { rolling: ['switch', 'restart', 'health', 'never'] }], {
    tasks: {
      choose,
      fetch: step('fetch'),
      switch: shellTask(log('switch'), { activates: true, undo: log('switch-back') }),
      restart,
      health,
      never: step('never'),
    },
  })
  await run.run()
  expect(logOf(run)).toEqual([
    'fetch',
    'switch',
    'restart new',
    'health',
    'switch-back',
    'restart previous',
    'health',
    'undo-fetch',
  ])
  expect(seen).toEqual(['new', undefined])
  expect(run.story().slice(-3, -1)).toEqual([
    'undo blog/native@web1: switch, restart, health, fetch',
    'undone blog/native@web1',
  ])
})

test('outside of a rolling group the previous release is brought back as well', async () => {
  const run = fleet(['switch', 'restart', 'health'], {
    tasks: {
      switch: shellTask(log('switch'), { activates: true, undo: log('switch-back') }),
      restart: shellTask(log('restart'), { activates: true, reapply: true }),
      health: shellTask('echo health >>log; exit 1', { reapply: true }),
    },
  })
  await run.run()
  expect(logOf(run)).toEqual(['switch', 'restart', 'health', 'switch-back', 'restart', 'health'])
})

test('a restart that fails before the health check proves what it brings back all the same', async () => {
  const run = fleet(['switch', 'restart', 'health'], {
    tasks: {
      switch: shellTask(log('switch'), { activates: true, undo: log('switch-back') }),
      restart: shellTask('echo restart >>log; [ "$(grep -c restart log)" != 1 ]', { activates: true, reapply: true }),
      health: shellTask(log('health'), { reapply: true, changes: false }),
    },
  })
  await run.run()
  expect(logOf(run)).toEqual(['switch', 'restart', 'switch-back', 'restart', 'health'])
})

test('on a full disk what was prepared makes room before the previous release is started', async () => {
  const full =
    'echo restart >>log; [ "$(grep -c restart log)" != 1 ] || { echo "No space left on device" >&2; exit 1; }'
  const run = fleet(['fetch', 'switch', 'restart'], {
    tasks: {
      fetch: step('fetch'),
      switch: shellTask(log('switch'), { activates: true, undo: log('switch-back') }),
      restart: shellTask(full, { activates: true, reapply: true }),
    },
  })
  await run.run()
  expect(logOf(run)).toEqual(['fetch', 'switch', 'restart', 'switch-back', 'undo-fetch', 'restart'])
})

test('a failure behind a hook, a group or a step that acts once reaches what was done before it', async () => {
  const once = defineTask({ title: 'Once', on: 'once', run: () => undefined })
  const tasks = {
    switch: shellTask(log('switch'), { activates: true, undo: log('switch-back') }),
    restart: shellTask(log('restart'), { activates: true, reapply: true }),
    once,
    health: shellTask('echo fail >>log; exit 1', { reapply: true }),
  }
  const expected = ['switch', 'restart', 'fail', 'switch-back', 'restart', 'fail']
  for (const pipeline of [
    ['switch', 'restart', 'once', 'health'],
    { rolling: ['switch', 'restart', 'once', 'health'] },
    { rolling: ['switch', 'restart', { parallel: ['health'] }] },
    { rolling: ['switch', 'restart', 'hooked'] },
  ]) {
    const run = fleet(pipeline, {
      tasks,
      pipelines: { hooked: ['health'] },
      hooks: [{ target: 'before:hooked', hook: () => undefined }],
    })
    await run.run()
    expect(logOf(run)).toEqual(expected)
  }
})

test('in a rolling group a hook or a step about the whole host that fails puts all of the host back', async () => {
  for (const last of ['hooked', 'host', 'once']) {
    const run = fleet(
      { rolling: ['switch', last], canary: 1 },
      {
        hosts: ['web1', 'web2'],
        instances: ['blog/native', 'shop/native'],
        tasks: {
          switch: shellTask(log('switch'), { activates: true, undo: log('switch-back') }),
          none: shellTask(':'),
          host: defineTask({ title: 'Host', on: 'host', script: () => raw('exit 1') }),
          once: defineTask({ title: 'Once', on: 'once', run: () => Promise.reject(new Error('no')) }),
        },
        pipelines: { hooked: ['none'] },
        hooks: [{ target: 'before:hooked', hook: () => Promise.reject(new Error('no')) }],
      },
    )
    await run.run()
    expect(logOf(run)).toEqual(['switch', 'switch', 'switch-back', 'switch-back'])
    expect(logOf(run, 'web2')).toEqual([])
  }
})

test('an instance that fails goes back alone; the other instances of its host keep the new release', async () => {
  const run = fleet(
    { rolling: ['switch', 'health'] },
    {
      instances: ['blog/native', 'shop/native'],
      tasks: {
        switch: defineTask({
          title: 'Switch',
          on: 'instance',
          activates: true,
          script: ({ service }) => sh`echo switch >>${service.name}`,
          undo: ({ service }) => sh`echo back >>${service.name}`,
        }),
        health: defineTask({
          title: 'Health',
          on: 'instance',
          script: ({ service }) => sh`[ ${service.name} = blog ]`,
        }),
      },
    },
  )
  await run.run()
  expect([run.file('web1', 'blog'), run.file('web1', 'shop')]).toEqual(['switch\n', 'switch\nback\n'])
})

test('a failing canary leaves the other hosts untouched, and takes back what was prepared on them', async () => {
  const run = fleet(['fetch', { rolling: ['switch'], canary: 1, window: '100%' }], {
    hosts: ['web1', 'web2', 'web3'],
    tasks: {
      fetch: step('fetch'),
      switch: shellTask('echo switch >>log; exit 1', { activates: true, undo: log('back') }),
    },
  })
  await run.run()
  expect(logOf(run)).toEqual(['fetch', 'switch', 'back', 'undo-fetch'])
  expect(logOf(run, 'web2')).toEqual(['fetch', 'undo-fetch'])
  expect(logOf(run, 'web3')).toEqual(['fetch', 'undo-fetch'])
})

test('a failure while preparing is cleaned up on every host', async () => {
  const run = fleet(['fetch', 'build', { rolling: ['switch'] }], {
    hosts: ['web1', 'web2'],
    tasks: {
      fetch: step('fetch'),
      build: shellTask('[ "$name" = web1 ]', { undo: log('undo-build') }),
      switch: step('switch'),
    },
  })
  await run.run()
  expect([logOf(run), logOf(run, 'web2')]).toEqual([
    ['fetch', 'undo-build', 'undo-fetch'],
    ['fetch', 'undo-build', 'undo-fetch'],
  ])
})

test('what serves the new release already keeps it when a later host fails', async () => {
  const run = fleet(['fetch', { rolling: ['switch'], canary: 1 }], {
    hosts: ['web1', 'web2', 'web3'],
    tasks: {
      fetch: step('fetch'),
      switch: shellTask('echo switch >>log; [ "$name" = web1 ]', { activates: true, undo: log('back') }),
    },
  })
  await run.run()
  expect([logOf(run), logOf(run, 'web2'), logOf(run, 'web3')]).toEqual([
    ['fetch', 'switch'],
    ['fetch', 'switch', 'back', 'undo-fetch'],
    ['fetch', 'undo-fetch'],
  ])
})

test('a parallel group is waited for before anything of it is undone', async () => {
  const run = fleet(
    { rolling: [{ parallel: ['slow', 'fail'] }] },
    {
      tasks: { fail: shellTask('exit 1'), slow: shellTask(`${gate}; ${log('slow')}`, { undo: log('undo-slow') }) },
    },
  )
  openOnceFailed(run, 'web1')
  await run.run()
  expect(logOf(run)).toEqual(['slow', 'undo-slow'])
})

test('functions undo with onRollback, in the order of their steps', async () => {
  const f = defineTask({
    title: 'F',
    on: 'instance',
    run({ run: exec, onRollback }) {
      onRollback(() => exec`echo undo-f1 >>log`)
      onRollback(() => exec`echo undo-f2 >>log`)
    },
  })
  const host = defineTask({
    title: 'Host',
    on: 'host',
    run({ run: exec, onRollback }) {
      onRollback(() => exec`echo undo-host >>log`)
    },
  })
  const run = fleet(['host', 'a', 'f', 'b', 'fail'], { tasks: { a: step('a'), b: step('b'), f, host, fail } })
  await run.run()
  expect(logOf(run)).toEqual(['a', 'b', 'fail', 'undo-b', 'undo-f2', 'undo-f1', 'undo-a', 'undo-host'])
})

test('an undo that fails is told, and does not stop the others', async () => {
  const run = fleet(['a', 'b', 'f', 'c', 'd', 'fail'], {
    tasks: {
      a: step('a'),
      b: shellTask(':', { undo: 'echo "cannot" >&2; exit 9' }),
      f: defineTask({
        title: 'F',
        on: 'instance',
        run({ onRollback }) {
          onRollback(() => Promise.reject(new Error('no')))
        },
      }),
      c: step('c'),
      d: defineTask({
        title: 'D',
        on: 'instance',
        script: () => raw(':'),
        undo: () => {
          throw new Error('cannot say')
        },
      }),
      fail,
    },
  })
  const { exitCode, errors } = await run.run()
  expect(logOf(run)).toEqual(['a', 'c', 'fail', 'undo-c', 'undo-a'])
  expect(errors.map(({ message, output }) => [message, ...output])).toEqual([
    ['blog/native@web1 could not be put back: d: cannot say. It may be DOWN.'],
    ['blog/native@web1 could not be put back: f: no. It may be DOWN.'],
    ['blog/native@web1 could not be put back: b: exit status 9. It may be DOWN.', 'cannot'],
    ['fail failed on blog/native@web1 with exit status 1.'],
  ])
  expect([exitCode, run.story().slice(-2)]).toEqual([7, ['undone blog/native@web1: SRV-599', 'end failed 7']])
})

test('what acted once on the operator’s machine is undone there', async () => {
  const once = defineTask({
    title: 'Once',
    on: 'once',
    script: () => raw('touch made'),
    undo: () => raw('rm made; touch undone'),
  })
  const run = fleet(['once', 'fail'], { tasks: { once, fail } })
  await run.run()
  expect([run.file('local', 'made'), run.file('local', 'undone')]).toEqual([undefined, ''])
})

test('outside of a rolling group a step behind the health check takes nothing back when it fails', async () => {
  const tasks = {
    switch: shellTask(log('switch'), { activates: true, undo: log('back') }),
    health: shellTask(log('health'), { reapply: true, changes: false }),
    once: defineTask({ title: 'Once', on: 'once', run: () => undefined }),
    fail,
  }
  for (const pipeline of [
    ['switch', 'health', 'fail'],
    ['switch', 'health', 'once', 'fail'],
    [{ rolling: ['switch', 'health'] }, 'fail'],
  ]) {
    const run = fleet(pipeline, { tasks })
    await run.run()
    expect(logOf(run)).toEqual(['switch', 'health', 'fail'])
  }
})
