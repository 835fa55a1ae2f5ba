import { expect, test } from 'vitest'
import { srvError } from '../../../../src/error/srv-error.ts'
import { definePlugin, defineTask } from '../../../../src/plugin/define.ts'
import { setUpPlugins } from '../../../../src/plugin/setup.ts'
import { raw } from '../../../../src/shell/script.ts'
import { fleet } from '../../../support/fleet.ts'
import { choose, releasePlugin } from '../../../support/release-plugin.ts'
import { z } from 'zod'

test('a function on an instance sees where it is, what it is for and what was chosen', async () => {
  const seen: unknown[] = []
  const t = defineTask({
    title: 'T',
    on: 'instance',
    run(context) {
      const { host, service, instance, paths, state, next, settings, options, flags } = context
      seen.push(host.name, service.name, instance.id, paths.data.replace(host.root, ''), state.running)
      seen.push(next?.release.id, settings, options, flags, context.environment, context.runId, context.startedAt)
      seen.push(
        context.actor,
        context.dryRun,
        context.services.map(({ name }) => name),
      )
    },
  })
  const run = fleet(['choose', 'rel:t'], {
    tasks: { choose, 'rel:t': t },
    instance: { settings: { rel: { strategy: 'x' } } },
    flags: { ref: 'main' },
    plugins: [{ ...releasePlugin, options: { keep: 3 } }],
  })
  expect(await run.run()).toMatchObject({ exitCode: 0 })
  expect(seen).toEqual([
    ...['web1', 'blog', 'blog/native', '/blog/data', 'no', 'new'],
    ...[{ strategy: 'x' }, { keep: 3 }, { ref: 'main' }, 'production'],
    ...['20261122T140311Z-1f3a', '2026-11-22T14:03:11.000Z', 'ann@laptop', false, ['blog']],
  ])
})

test('several errors of srv that are thrown as one are all told, and any other is a failure of the function', async () => {
  const thrown = (...errors: readonly unknown[]) =>
    defineTask({
      title: 'T',
      on: 'instance',
      run({ warn }) {
        warn('to be known')
        throw new AggregateError(errors, 'several')
      },
    })
  const refused = (said: string) => srvError('SRV-646', { said })
  const run = fleet(['t'], { tasks: { t: thrown(refused('one'), refused('two')) } })
  const { errors } = await run.run()
  expect(errors).toMatchObject(
    ['one', 'two'].map((said) => ({
      code: 'SRV-646',
      message: expect.stringContaining(`--at ${said} `),
      where: { host: 'web1', task: 't' },
    })),
  )
  expect(run.events).toContainEqual(expect.objectContaining({ type: 'warning', host: 'web1', message: 'to be known' }))
  for (const others of [[], [new Error('a bug')], [refused('one'), new Error('a bug')]]) {
    const { errors } = await fleet(['t'], { tasks: { t: thrown(...others) } }).run()
    expect(errors).toMatchObject([{ code: 'SRV-505', message: expect.stringContaining('several') }])
  }
})

test('run throws with what the command said, probe answers, and both act where the task does', async () => {
  const seen: unknown[] = []
  const t = defineTask({
    title: 'T',
    on: 'instance',
    async run({ run: exec, probe, local }) {
      const answer = await probe`echo out; echo err >&2; exit 3`
      seen.push([answer.end, answer.stdout, answer.stderr])
      seen.push((await probe`basename "$PWD"`).stdout, (await local.probe`basename "$PWD"`).stdout)
      await local.run`echo from here`
      await exec`echo said; echo why >&2; exit 4`
    },
  })
  const run = fleet(['t'], { tasks: { t } })
  const { errors } = await run.run()
  expect(seen).toEqual([[{ kind: 'exit', code: 3 }, 'out\n', 'err\n'], 'web1\n', 'local\n'])
  expect(errors[0]).toMatchObject({ code: 'SRV-501', output: ['why'], where: { host: 'web1', task: 't' } })
  expect(run.story({ output: true }).toSorted()).toEqual([
    'end failed 5',
    'failed t blog/native@web1: SRV-501',
    'start t blog/native@web1',
    'stderr t blog/native@web1: why',
    'stdout t blog/native@web1: from here',
    'stdout t blog/native@web1: said',
  ])
})

test('who follows a command hears it instead of the run, and judges how it ended', async () => {
  const seen: unknown[] = []
  const t = defineTask({
    title: 'T',
    on: 'instance',
    async run({ follow, reached }) {
      const { end, stdout } = await follow(raw('echo out; echo err >&2; exit 3'), (text) => void seen.push(text))
      seen.push(end, stdout, await reached(), await reached('web1'), await reached('local'))
    },
  })
  const run = fleet(['t'], { tasks: { t } })
  expect(await run.run()).toMatchObject({ exitCode: 0 })
  expect(seen.slice(0, 2).toSorted()).toEqual(['err\n', 'out\n'])
  expect(seen.slice(2)).toEqual([{ kind: 'exit', code: 3 }, 'out\n', undefined, undefined, undefined])
  expect(run.story({ output: true })).toEqual(['start t blog/native@web1', 'changed t blog/native@web1', 'end ok 0'])
})

test('who watches hears a command that only looks, also in a dry run', async () => {
  const seen: unknown[] = []
  const t = defineTask({
    title: 'T',
    on: 'instance',
    async run({ watch }) {
      const { end } = await watch(raw('echo out; exit 3'), (text) => void seen.push(text))
      seen.push(end)
    },
  })
  const run = fleet(['t'], { tasks: { t }, dryRun: true })
  expect(await run.run()).toMatchObject({ exitCode: 0 })
  expect(seen).toEqual(['out\n', { kind: 'exit', code: 3 }])
})

test.each([
  ['lost', { kind: 'lost', reason: 'reset' } as const, 'SRV-503', 'lost'],
  ['timeout', { kind: 'timeout', stopped: true, timeoutMs: 1000 } as const, 'SRV-502', 'timeout'],
  ['signal', { kind: 'signal', signal: 'SIGKILL' } as const, 'SRV-506', 'failed'],
])('a probe that got no answer throws: %s', async (_, end, code, status) => {
  const t = defineTask({ title: 'T', on: 'instance', run: ({ probe }) => probe`:` })
  const run = fleet(['t'], { tasks: { t }, faults: { web1: { kind: 'end', at: 1, end } } })
  await run.run()
  expect(run.story()[1]).toBe(`${status} t blog/native@web1: ${code}`)
})

test('a step that had nothing to do after all counts as unchanged, and says so', async () => {
  const t = defineTask({
    title: 'T',
    on: 'instance',
    run: ({ unchanged }) => {
      unchanged('nothing was there')
    },
  })
  const run = fleet(['t'], { tasks: { t } })
  expect(await run.run()).toMatchObject({ status: 'unchanged', exitCode: 0 })
  expect(run.events.filter(({ type }) => type === 'step.end')).toMatchObject([
    { status: 'ok', reason: 'nothing was there' },
  ])
})

test('progress is told while the step runs, and never after the run has ended', async () => {
  let late = (): void => undefined
  const t = defineTask({
    title: 'T',
    on: 'instance',
    run({ progress }) {
      progress('half way')
      late = () => {
        progress('too late')
      }
    },
  })
  const run = fleet(['t'], { tasks: { t } })
  await run.run()
  late()
  expect(run.story()).toEqual([
    'start t blog/native@web1',
    'progress t blog/native@web1: half way',
    'changed t blog/native@web1',
    'end ok 0',
  ])
})

test.each(['once', 'host', 'instance'] as const)(
  'a function on %s that never ends is given up and named',
  async (on) => {
    const t = defineTask({ title: 'T', on, run: () => new Promise(() => undefined) })
    const run = fleet(['p:t', 'p:next'], {
      tasks: { 'p:t': t, 'p:next': defineTask({ title: 'N', on: 'once', run: () => undefined }) },
    })
    run.onEvent = (event) => {
      if (event.type === 'step.start')
        setImmediate(() => {
          run.openWork.giveUp()
        })
    }
    const { errors, exitCode } = await run.run()
    const target = { once: 'local', host: 'web1', instance: 'blog/native@web1' }[on]
    expect([exitCode, errors.map(({ code, message }) => `${code} ${message}`), errors[0]?.where]).toEqual([
      5,
      [`SRV-901 p:t on ${target} never ended: its promise never settles, and nothing is left to wait for.`],
      {
        host: on === 'once' ? 'local' : 'web1',
        task: 'p:t',
        plugin: 'p',
        ...(on === 'instance' ? { instance: 'blog/native' } : {}),
      },
    ])
    expect(run.openWork.names()).toEqual([])
    expect(run.story().at(-1)).toBe('end failed 5')
  },
)

test('a hook and an undo that never end are given up and named too', async () => {
  const t = defineTask({
    title: 'T',
    on: 'instance',
    run({ onRollback }) {
      onRollback(() => new Promise(() => undefined))
    },
  })
  const run = fleet(['t', 'u'], {
    tasks: { t, u: defineTask({ title: 'U', on: 'instance', run: () => undefined }) },
    hooks: [{ target: 'before:u', plugin: 'p', hook: () => new Promise(() => undefined) }],
  })
  run.onEvent = (event) => {
    if (event.type === 'undo.start' || (event.type === 'step.start' && event.task === 'u'))
      setImmediate(() => {
        run.openWork.giveUp()
      })
  }
  const { errors } = await run.run()
  expect(errors.map(({ code, message }) => `${code} ${message}`)).toEqual([
    'SRV-599 blog/native@web1 could not be put back: t: undo of t on blog/native@web1 never ended: its promise never settles, and nothing is left to wait for. It may be DOWN.',
    'SRV-901 before:u on blog/native@web1 never ended: its promise never settles, and nothing is left to wait for.',
  ])
})

test('two plugins of one kind keep their results apart', async () => {
  const kind = definePlugin({
    id: 'kind',
    options: z.strictObject({ say: z.string() }),
    setup: ({ task }) => ({
      tasks: { tell: task({ title: 'Tell', on: 'once', run: ({ options }) => options.say }) },
    }),
  })
  const { plugins } = await setUpPlugins([kind({ say: 'one' }), kind.as('other', { say: 'two' })])
  const tells = plugins.map(({ parts }) => parts.tasks?.['tell'])
  const [first, second] = tells
  if (first === undefined || second === undefined) throw new Error('no tasks')
  const seen: unknown[] = []
  const ask = defineTask({
    title: 'Ask',
    on: 'instance',
    run(context) {
      seen.push(context.output(first), context.output(second))
    },
  })
  const run = fleet(['kind:tell', 'other:tell', 'ask'], {
    tasks: { 'kind:tell': first, 'other:tell': second, ask },
    plugins: plugins.map(({ name, options }) => ({ name, options, checks: [] })),
  })
  await run.run()
  expect(seen).toEqual(['one', 'two'])
})
