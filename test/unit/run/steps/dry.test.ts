import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defineTask } from '../../../../src/plugin/define.ts'
import { sh } from '../../../../src/shell/script.ts'
import { secret } from '../../../../src/shell/secret.ts'
import { fleet } from '../../../support/fleet.ts'
import { choose, releasePlugin, switchOver } from '../../../support/release-plugin.ts'
import { shellTask } from '../../../support/shell-task.ts'

test('a dry run says what each step would do where, and sends only what looks', async () => {
  const f = defineTask({
    title: 'F',
    on: 'host',
    describe: ({ host }) => `tidy ${host.name}`,
    async run({ run: exec, probe, onRollback }) {
      onRollback(() => exec`touch undone`)
      const { stdout } = await probe`ls`
      await exec`rm ${stdout.trim()}`
    },
  })
  const run = fleet(['choose', 'f', { rolling: ['rel:switch', 'look'] }, 'none', 'skipped'], {
    dryRun: true,
    hosts: ['web1', 'web2'],
    tasks: {
      choose,
      f,
      'rel:switch': switchOver,
      look: shellTask('cat serving', { changes: false }),
      none: defineTask({ title: 'None', on: 'instance', script: () => undefined }),
      skipped: shellTask(':', { skip: () => 'no need' }),
    },
    plugins: [releasePlugin],
    hooks: [{ target: 'before:f', hook: ({ run: exec }) => exec`touch hooked` }],
  })
  for (const { name } of run.hosts) writeFileSync(join(run.root, name, 'serving'), 'old\n')
  const report = await run.run()
  expect(report).toEqual({ status: 'ok', exitCode: 0, serving: {}, errors: [], wouldChange: true })
  expect(run.story()).toEqual([
    'would choose local: Choose',
    'would f web1: tidy web1',
    'would f web2: tidy web2',
    'would rel:switch blog/native@web1: Switch',
    'would rel:switch blog/native@web2: Switch',
    'would look blog/native@web1: Shell text',
    'would look blog/native@web2: Shell text',
    'skipped none blog/native@web1: nothing to do here',
    'skipped none blog/native@web2: nothing to do here',
    'skipped skipped blog/native@web1: no need',
    'skipped skipped blog/native@web2: no need',
    'end ok 0',
  ])
  const would = run.events.flatMap((event) => (event.type === 'step.would' ? event.commands : []))
  expect(would.slice(0, 4)).toEqual(['rm serving', 'rm serving', 'echo new >serving', 'echo new >serving'])
  expect([run.file('web1', 'serving'), run.file('web1', 'hooked')]).toEqual(['old\n', undefined])
  // The checks, and the one probe of f.
  expect(run.pool.sentTo('web1')).toHaveLength(2)
})

test('an override is walked through in place of its task', async () => {
  const run = fleet(['t', 'u'], {
    dryRun: true,
    tasks: { t: shellTask('echo text'), u: shellTask('echo text') },
    overrides: {
      async t(_context, original) {
        await original()
      },
      u: () => undefined,
    },
  })
  await run.run()
  const would = run.events.flatMap((event) => (event.type === 'step.would' ? [event.commands] : []))
  expect(would).toEqual([['name=web1\necho text'], []])
})

test('nothing that would change means unchanged', async () => {
  const run = fleet(['look'], { dryRun: true, tasks: { look: shellTask(':', { changes: false }) } })
  expect(await run.run()).toMatchObject({ status: 'unchanged', exitCode: 0, wouldChange: false })
})

test('secrets are shown by name, and masked where a function put their value', async () => {
  const token = secret('TOKEN', () => 'hunter2-value')
  const run = fleet(['t', 'f'], {
    dryRun: true,
    instance: { env: { TOKEN: token } },
    tasks: {
      t: defineTask({ title: 'T', on: 'instance', script: () => sh`login ${token}` }),
      f: defineTask({
        title: 'F',
        on: 'once',
        async run(context) {
          for (const { instance } of context.placements) await context.digest(instance)
          await context.run`login ${'hunter2-value'}`
        },
      }),
    },
  })
  await run.run()
  const would = run.events.flatMap((event) => (event.type === 'step.would' ? event.commands : []))
  expect(would).toEqual(['login ‹secret TOKEN›', 'login ***'])
})

test('a function that fails on the way ends the walk', async () => {
  const run = fleet(['t', 'u'], {
    dryRun: true,
    tasks: {
      t: defineTask({ title: 'T', on: 'instance', run: () => Promise.reject(new Error('boom')) }),
      u: shellTask(':'),
    },
  })
  await run.run()
  expect(run.story()).toEqual(['start t blog/native@web1', 'failed t blog/native@web1: SRV-505', 'end failed 5'])
})
