import { expect, test } from 'vitest'
import { z } from 'zod'
import { definePlugin, sh } from '../../../src/index.ts'
import { askCheck, inspectWith, runTask, scriptOf, testPlacement, undoOf } from '../../../src/testing.ts'

const cache = definePlugin({
  id: 'cache',
  options: z.strictObject({ folder: z.string().default('/var/cache/app') }),
  settings: z.strictObject({ size: z.number().default(1) }),
  setup: ({ options, task }) => {
    const measure = task({
      title: 'Measure',
      on: 'instance',
      run: async ({ probe }) => Number((await probe`du -s ${options.folder}`).stdout),
    })
    return {
      tasks: {
        measure,
        clear: task({
          title: 'Clear',
          on: 'instance',
          flags: { hard: { type: 'boolean', description: 'All of it' } },
          skip: ({ state }) => (state.running === 'no' ? 'it does not run' : undefined),
          async run(context) {
            context.progress(`from ${String(context.output(measure) ?? 0)}`)
            await context.run`rm -rf ${context.flags.hard ? options.folder : `${options.folder}/old files`}`
            await context.local.run`echo ${context.settings.size}`
            context.onRollback(() => context.run`mkdir ${options.folder}`)
            return context.host.name
          },
        }),
        warm: task({
          title: 'Warm up',
          on: 'instance',
          script: ({ paths }) => sh`touch ${`${paths.data}/it's warm`}`,
          undo: ({ paths }) => sh`rm ${paths.data}`,
          read: (stdout) => stdout.length,
        }),
        count: task({
          title: 'Count',
          on: 'once',
          run: (context) =>
            context.placements.map(({ id, instance }) => `${id} ${JSON.stringify(context.settings(instance))}`),
        }),
      },
      checks: [
        {
          title: 'cache',
          on: 'host',
          probe: (_placement, settings) => sh`test ${settings.size} -gt 0`,
          judge: ({ code }) => (code === 0 ? { ok: true } : { ok: false, problem: 'none', fix: 'make one' }),
        },
      ],
      inspect: {
        probe: ({ paths }) => sh`readlink ${paths.instance}`,
        read: ({ stdout }) => ({ directory: stdout }),
      },
    }
  },
})

test('records what a task runs, in order, and what came of it', async () => {
  const run = await runTask(cache(), 'clear', { outputs: { measure: 7 }, settings: { size: 3 } })
  expect({ ...run, undo: await run.undo() }).toEqual({
    commands: ["rm -rf '/var/cache/app/old files'", 'local: echo 3', 'mkdir /var/cache/app'],
    probes: [],
    relays: [],
    output: 'web1',
    progress: ['from 7'],
    error: undefined,
    skipped: undefined,
    chosen: {},
    isAnew: false,
    hasKeptData: false,
    undo: ['mkdir /var/cache/app'],
  })
})

test('gives flags, options and the host that the test says', async () => {
  const { commands, output } = await runTask(cache({ folder: '/c' }), 'clear', { flags: { hard: true }, host: 'db' })
  expect([commands, output]).toEqual([['rm -rf /c', 'local: echo 1'], 'db'])
})

test('answers probes, and fails by name without an answer', async () => {
  expect((await runTask(cache(), 'measure', { answers: { 'du -s /var/cache/app': '12' } })).output).toBe(12)
  await expect(runTask(cache(), 'measure')).rejects.toThrow(
    'cache:measure probes without an answer: du -s /var/cache/app',
  )
})

test('fails a command that the test lets fail, as core would', async () => {
  const answers = { 'rm -rf /c': { code: 3, stderr: 'busy' } }
  const { error, commands } = await runTask(cache({ folder: '/c' }), 'clear', { answers, flags: { hard: true } })
  expect(error).toMatchObject({
    code: 'SRV-501',
    message: 'cache:clear failed on blog/native@web1 with exit status 3.',
    output: ['busy'],
  })
  expect(commands).toEqual(['rm -rf /c'])
})

test('says why a task has nothing to do', async () => {
  const { skipped, commands } = await runTask(cache(), 'clear', { state: { running: 'no' } })
  expect([skipped, commands]).toEqual(['it does not run', []])
})

test('hands out the text of scripts', async () => {
  expect(await scriptOf(cache(), 'warm')).toBe(`touch '/srv/blog/data/it'\\''s warm'`)
  expect(await undoOf(cache(), 'warm')).toBe('rm /srv/blog/data')
  const run = await runTask(cache(), 'warm', { stdout: 'abc' })
  expect([run.commands, run.output]).toEqual([[`touch '/srv/blog/data/it'\\''s warm'`], 3])
  await expect(scriptOf(cache(), 'clear')).rejects.toThrow('cache:clear has no script')
})

test('gives a task that acts once all placements, each with its own settings', async () => {
  const placements = [
    testPlacement({ host: 'a', service: 'shop', instance: { settings: { cache: { size: 9 } } } }),
    testPlacement({ host: 'b' }),
  ]
  expect((await runTask(cache(), 'count', { placements })).output).toEqual([
    'shop/native@a {"size":9}',
    'blog/native@b {"size":1}',
  ])
})

test('asks checks and inspections with an answer of the test', async () => {
  const asked: string[] = []
  const respond = (script: string) => {
    asked.push(script)
    return { code: 1, stdout: '/here', stderr: '' }
  }
  expect(await askCheck(cache(), 'cache', { settings: { size: 5 } }, respond)).toEqual({
    ok: false,
    problem: 'none',
    fix: 'make one',
  })
  expect(await inspectWith(cache(), {}, respond)).toEqual({ directory: '/here' })
  expect(asked).toEqual(['test 5 -gt 0', 'readlink /srv/blog/instances/native'])
})

test('refuses what the plugin does not take', async () => {
  await expect(runTask(cache(), 'cleer')).rejects.toThrow('cache has no task cleer; it has measure, clear, warm, count')
  await expect(runTask(cache(), 'clear', { flags: { soft: true } })).rejects.toThrow('the task declares no flag soft')
  await expect(runTask(cache(), 'clear', { settings: { size: 'x' } })).rejects.toThrow(/^size is wrong/)
})

test('sets up a plugin without those that it needs, on hosts that are a swarm', async () => {
  const beside = definePlugin({
    id: 'beside',
    needs: ['git'],
    options: z.strictObject({}),
    setup: ({ task }) => ({
      tasks: {
        tell: task({
          title: 'Tell',
          on: 'instance',
          applies: ({ service, host }) => service.orchestrator?.manager === host.name,
          script: () => sh`tell`,
        }),
      },
    }),
  })
  const orchestrator = { kind: 'swarm', manager: 'web1' } as const
  expect((await runTask(beside(), 'tell', { orchestrator })).commands).toEqual(['tell'])
  expect((await runTask(beside(), 'tell')).skipped).toBe('it does not apply')
})
