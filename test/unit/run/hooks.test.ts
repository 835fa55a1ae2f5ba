import { expect, test } from 'vitest'
import type { Hook } from '../../../src/plugin/contract.ts'
import { defineTask } from '../../../src/plugin/define.ts'
import { sh } from '../../../src/shell/script.ts'
import type { NamedHook } from '../../../src/config/resolved-config.ts'
import { fleet, type Fleet } from '../../support/fleet.ts'
import { shellTask } from '../../support/shell-task.ts'

/** A hook that writes its name down, with the target that it saw. */
function note(calls: string[], name: string): Hook {
  return ({ host, instance }) =>
    calls.push([name, instance?.id, host?.name].filter((part) => part !== undefined).join(' '))
}

function errorsOf(run: Fleet): readonly string[] {
  const end = run.events.at(-1)
  return end?.type === 'run.end' ? end.errors.map(({ code, message }) => `${code} ${message}`) : []
}

test('hooks run around their step: first, plugins in their order, the config, last; finally the other way round', async () => {
  const calls: string[] = []
  const all = (target: string): readonly NamedHook[] => [
    { target, plugin: 'one', hook: note(calls, `${target} one`) },
    { target, plugin: 'two', hook: { handler: () => calls.push(`${target} two`), order: 'last' } },
    { target, plugin: 'three', hook: { handler: () => calls.push(`${target} three`), order: 'first' } },
    { target, hook: note(calls, `${target} config`) },
  ]
  const t = defineTask({ title: 'T', on: 'instance', run: () => calls.push('itself') })
  const run = fleet(['t'], { tasks: { t }, hooks: [...all('finally:t'), ...all('after:t'), ...all('before:t')] })
  await run.run()
  expect(calls).toEqual([
    'before:t three',
    'before:t one blog/native web1',
    'before:t config blog/native web1',
    'before:t two',
    'itself',
    'after:t three',
    'after:t one blog/native web1',
    'after:t config blog/native web1',
    'after:t two',
    'finally:t two',
    'finally:t config blog/native web1',
    'finally:t one blog/native web1',
    'finally:t three',
  ])
})

test('hooks run on each target of their task, and see what it acts on', async () => {
  const calls: string[] = []
  const run = fleet(['host', 'instance', 'once'], {
    hosts: ['web1'],
    instances: ['blog/native', 'shop/native'],
    tasks: {
      host: defineTask({ title: 'H', on: 'host', run: () => undefined }),
      instance: shellTask(':'),
      once: defineTask({ title: 'O', on: 'once', run: () => undefined }),
    },
    hooks: ['host', 'instance', 'once'].map((name) => ({ target: `before:${name}`, hook: note(calls, name) })),
  })
  await run.run()
  expect(calls).toEqual(['host web1', 'instance blog/native web1', 'instance shop/native web1', 'once'])
})

test('a hook of a plugin sees its options, and runs commands where its step acts', async () => {
  const seen: unknown[] = []
  const run = fleet(['t'], {
    tasks: { t: shellTask('cat note') },
    plugins: [{ name: 'one', options: { colour: 'red' }, checks: [] }],
    hooks: [
      { target: 'before:t', plugin: 'one', hook: ({ options }) => seen.push(options) },
      { target: 'before:t', hook: ({ run: exec }) => exec`printf 'from a hook' >note` },
    ],
  })
  await run.run()
  expect(seen).toEqual([{ colour: 'red' }])
  expect(run.story({ output: true })).toContain('stdout t blog/native@web1: from a hook')
})

test('hooks of a pipeline run once, on the operator’s machine, also when it holds others', async () => {
  const calls: string[] = []
  const targets = ['before:main', 'after:main', 'finally:main', 'before:inner', 'after:inner', 'finally:inner']
  const run = fleet(['inner', 't'], {
    hosts: ['web1', 'web2'],
    pipelines: { inner: ['t', 't'] },
    tasks: { t: shellTask(':') },
    hooks: targets.map((target) => ({ target, hook: note(calls, target) })),
  })
  await run.run()
  expect(calls).toEqual(['before:main', 'before:inner', 'after:inner', 'finally:inner', 'after:main', 'finally:main'])
  expect(run.session.state.counts.changed).toBe(6)
})

test('a hook that fails before its step keeps it from running, and from being undone', async () => {
  const calls: string[] = []
  const run = fleet(['t', 'next'], {
    tasks: { t: shellTask('touch ran', { undo: 'touch undone' }), next: shellTask(':') },
    hooks: [
      { target: 'before:t', plugin: 'one', hook: ({ run: exec }) => exec`echo "no way" >&2; exit 3` },
      { target: 'after:t', hook: note(calls, 'after') },
      { target: 'finally:t', hook: note(calls, 'finally') },
    ],
  })
  const { errors } = await run.run()
  expect(run.story()).toEqual(['start t blog/native@web1', 'failed t blog/native@web1: SRV-508', 'end failed 5'])
  expect(errorsOf(run)).toEqual([
    'SRV-508 The hook before:t failed on blog/native@web1: t failed on blog/native@web1 with exit status 3.',
  ])
  expect(errors[0]).toMatchObject({
    output: ['no way'],
    where: { host: 'web1', task: 't', hook: 'before:t', plugin: 'one' },
  })
  expect(calls).toEqual(['finally blog/native web1'])
  expect([run.file('web1', 'ran'), run.file('web1', 'undone')]).toEqual([undefined, undefined])
})

test.each(['after:t', 'finally:t'])(
  'a hook %s that fails is the failure of its step, which is undone',
  async (target) => {
    const run = fleet(['t', 'next'], {
      tasks: { t: shellTask('touch ran', { undo: 'rm ran' }), next: shellTask(':') },
      hooks: [
        {
          target,
          hook: () => {
            throw new Error('boom')
          },
        },
      ],
    })
    await run.run()
    expect(run.story()).toEqual([
      'start t blog/native@web1',
      'failed t blog/native@web1: SRV-508',
      'undo blog/native@web1: t',
      'undone blog/native@web1',
      'end failed 5',
    ])
    expect(errorsOf(run)).toEqual([`SRV-508 The hook ${target} failed on blog/native@web1: boom`])
    expect(run.file('web1', 'ran')).toBeUndefined()
  },
)

test('every finally hook runs, whatever fails before', async () => {
  const calls: string[] = []
  const fail =
    (name: string): Hook =>
    () => {
      calls.push(name)
      throw new Error(name)
    }
  const run = fleet(['t'], {
    tasks: { t: shellTask('exit 1') },
    hooks: [
      { target: 'finally:t', hook: fail('first') },
      { target: 'finally:t', hook: fail('second') },
    ],
  })
  await run.run()
  expect(calls).toEqual(['second', 'first'])
  expect(errorsOf(run)).toEqual([
    'SRV-501 t failed on blog/native@web1 with exit status 1.',
    'SRV-508 The hook finally:t failed on blog/native@web1: second',
    'SRV-508 The hook finally:t failed on blog/native@web1: first',
  ])
})

test.each(['before:main', 'after:main', 'finally:main'])(
  'a hook %s that fails is the failure of the pipeline',
  async (target) => {
    const calls: string[] = []
    const run = fleet(['t'], {
      tasks: { t: shellTask('touch ran', { undo: 'touch undone' }) },
      hooks: [
        {
          target,
          hook: () => {
            throw new Error('boom')
          },
        },
        { target: 'finally:main', hook: note(calls, 'finally') },
      ],
    })
    const { exitCode } = await run.run()
    expect([exitCode, run.file('web1', 'ran'), run.file('web1', 'undone'), calls]).toEqual([
      5,
      ...(target === 'before:main' ? [undefined, undefined] : ['', '']),
      ['finally'],
    ])
    expect(errorsOf(run)).toEqual([`SRV-508 The hook ${target} failed on local: boom`])
  },
)

test('an override stands in for the task, and may run the task itself', async () => {
  const seen: unknown[] = []
  const t = defineTask({
    title: 'T',
    on: 'instance',
    run: async ({ run: exec }) => (await exec`printf original`).stdout,
  })
  const run = fleet(['t', 'u', 'see'], {
    tasks: {
      t,
      u: shellTask('touch never'),
      see: defineTask({
        title: 'See',
        on: 'instance',
        run(context) {
          seen.push(context.output(t))
        },
      }),
    },
    overrides: {
      t: async (_context, original) => `${String(await original())}, and more`,
      u: () => undefined,
    },
  })
  await run.run()
  expect(seen).toEqual(['original, and more'])
  expect(run.file('web1', 'never')).toBeUndefined()
  expect(run.story({ output: true })).toContain('stdout t blog/native@web1: original')
})

test('the original of shell text is that text, with what it reads', async () => {
  const seen: unknown[] = []
  const t = defineTask({
    title: 'T',
    on: 'instance',
    script: ({ host }) => sh`echo text of ${host.name}`,
    read: (stdout) => stdout.trim(),
  })
  const run = fleet(['t'], {
    tasks: { t },
    overrides: {
      async t(_context, original) {
        seen.push(await original())
      },
    },
  })
  await run.run()
  expect(seen).toEqual(['text of web1'])
})
