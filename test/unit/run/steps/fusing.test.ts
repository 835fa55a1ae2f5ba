import { expect, test } from 'vitest'
import { defineTask } from '../../../../src/plugin/define.ts'
import { sh } from '../../../../src/shell/script.ts'
import { fleet } from '../../../support/fleet.ts'
import { shellTask } from '../../../support/shell-task.ts'

test('neighbours on one target are one command, and their output is told with them', async () => {
  const one = shellTask(`echo one`)
  const two = shellTask(`printf 'no end'`)
  const run = fleet(['one', ['two'], 'three'], { tasks: { one, two, three: shellTask('echo three >&2') } })
  const report = await run.run()
  expect(run.story({ output: true })).toEqual([
    'start one blog/native@web1',
    'stdout one blog/native@web1: one',
    'changed one blog/native@web1',
    'start two blog/native@web1',
    'stdout two blog/native@web1: no end',
    'changed two blog/native@web1',
    'start three blog/native@web1',
    'stderr three blog/native@web1: three',
    'changed three blog/native@web1',
    'end ok 0',
  ])
  expect(run.pool.sentTo('web1')).toHaveLength(1)
  expect(report).toEqual({
    status: 'ok',
    exitCode: 0,
    serving: { 'blog/native@web1': { release: null, state: 'unchanged' } },
    errors: [],
    wouldChange: false,
  })
})

test('each host has one command for each of its instances, and one for itself', async () => {
  const host = (text: string) => defineTask({ title: 'Host', on: 'host', script: () => sh`echo ${text}` })
  const run = fleet(['a', 'b', 'c', 'd'], {
    hosts: ['web1', 'web2'],
    instances: ['blog/native', 'shop/native'],
    tasks: { a: host('a'), b: host('b'), c: shellTask('echo c'), d: shellTask('echo d') },
  })
  await run.run()
  expect([run.pool.sentTo('web1').length, run.pool.sentTo('web2').length]).toEqual([3, 3])
  expect(run.story().filter((line) => line.includes('@web2') || line.includes(' web2'))).toEqual([
    'start a web2',
    'changed a web2',
    'start b web2',
    'changed b web2',
    'start c blog/native@web2',
    'changed c blog/native@web2',
    'start d blog/native@web2',
    'changed d blog/native@web2',
    'start c shop/native@web2',
    'changed c shop/native@web2',
    'start d shop/native@web2',
    'changed d shop/native@web2',
  ])
})

test('hooks, overrides and functions cost a command of their own', async () => {
  const run = fleet(['a', 'b', 'c', 'd'], {
    tasks: { a: shellTask(':'), b: shellTask(':'), c: shellTask(':'), d: shellTask(':') },
    hooks: [{ target: 'before:b', hook: () => undefined }],
    overrides: { c: (_context, original) => original() },
  })
  await run.run()
  expect(run.pool.sentTo('web1')).toHaveLength(4)
})

test('what a step printed is there for later ones, on its own target and for a host and once', async () => {
  const read = defineTask({
    title: 'Read',
    on: 'instance',
    script: ({ host }) => sh`echo ${host.name}`,
    read: (stdout) => ({ said: stdout.trim() }),
  })
  const seen: unknown[] = []
  const plain = shellTask('echo plain')
  const use = defineTask({
    title: 'Use',
    on: 'instance',
    script: (context) => sh`echo ${context.output(read)?.said ?? 'nothing'} is ${context.host.name}`,
  })
  const ask = defineTask({
    title: 'Ask',
    on: 'instance',
    run(context) {
      seen.push(context.output(read))
    },
  })
  const run = fleet(['read', 'plain', 'use', 'ask'], { hosts: ['web1', 'web2'], tasks: { read, plain, use, ask } })
  await run.run()
  const output = run.events.flatMap((event) => (event.type === 'step.output' && event.task === 'use' ? event.line : []))
  expect(output.toSorted()).toEqual(['web1 is web1', 'web2 is web2'])
  expect(seen).toHaveLength(2)
  expect(seen).toContainEqual({ said: 'web1' })
  // Only the step that asks for it waits for it: read and plain, then use.
  expect(run.pool.sentTo('web1')).toHaveLength(2)
})

test('a step with nothing to do is told in its place, with its reason', async () => {
  const none = defineTask({ title: 'None', on: 'instance', script: () => undefined })
  const run = fleet(['skipped', 'a', 'skipped', 'none', 'bad', 'skipped'], {
    tasks: { a: shellTask(':'), bad: shellTask('exit 4'), none, skipped: shellTask(':', { skip: () => 'no need' }) },
  })
  const { exitCode } = await run.run()
  expect(run.story()).toEqual([
    'skipped skipped blog/native@web1: no need',
    'start a blog/native@web1',
    'changed a blog/native@web1',
    'skipped skipped blog/native@web1: no need',
    'skipped none blog/native@web1: nothing to do here',
    'start bad blog/native@web1',
    'failed bad blog/native@web1: SRV-501',
    'end failed 5',
  ])
  expect(run.events.at(-1)).toMatchObject({ counts: { changed: 1, ok: 0, skipped: 3, failed: 1 } })
  expect(exitCode).toBe(5)
})

test('an empty text with hooks around it is skipped, hooks and all', async () => {
  const called: string[] = []
  const none = defineTask({ title: 'None', on: 'instance', script: () => undefined })
  const run = fleet(['none'], {
    tasks: { none },
    hooks: [{ target: 'before:none', hook: () => called.push('before') }],
  })
  await run.run()
  expect([run.story(), called]).toEqual([['skipped none blog/native@web1: nothing to do here', 'end unchanged 0'], []])
})
