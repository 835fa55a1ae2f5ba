import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defineTask } from '../../../src/plugin/define.ts'
import { worst } from '../../../src/run/outcome.ts'
import { raw } from '../../../src/shell/script.ts'
import { fleet, type Fleet, type FleetOptions } from '../../support/fleet.ts'
import type { Fault } from '../../support/pool.ts'
import { choose, releasePlugin, switchOver } from '../../support/release-plugin.ts'
import { shellTask } from '../../support/shell-task.ts'

/** A deploy in turns on hosts on which `old` serves; `health` and `finish` are shell text. */
function deploy(health: string, options: FleetOptions & { readonly finish?: string } = {}): Fleet {
  const { finish = ':', ...more } = options
  const run = fleet(['choose', 'prepare', { rolling: ['rel:switch', 'health'], canary: 1 }, 'finish'], {
    hosts: ['web1', 'web2'],
    tasks: {
      choose,
      prepare: shellTask(':'),
      'rel:switch': switchOver,
      health: shellTask(health, { reapply: true, changes: false }),
      finish: shellTask(finish),
    },
    plugins: [releasePlugin],
    ...more,
  })
  for (const host of run.hosts) writeFileSync(join(run.root, host.name, 'serving'), 'old\n')
  return run
}

const states = (run: Fleet) => {
  const end = run.events.at(-1)
  return end?.type === 'run.end'
    ? Object.values(end.serving).map(({ release, state }) => `${release ?? '-'} ${state}`)
    : []
}

test('0: the new release serves everywhere, as the hosts say', async () => {
  const run = deploy(':')
  expect(await run.run()).toMatchObject({ status: 'ok', exitCode: 0 })
  expect(states(run)).toEqual(['new new', 'new new'])
  // Checks, preparation, switch with health, finish with the question what serves.
  expect(run.pool.sentTo('web1')).toHaveLength(4)
})

test('0: an unchanged release leaves everything out that is about it', async () => {
  const run = deploy(':')
  for (const host of run.hosts) writeFileSync(join(run.root, host.name, 'serving'), 'new\n')
  expect(await run.run()).toMatchObject({ status: 'ok', exitCode: 0 })
  expect(run.story().filter((line) => line.includes('@web1'))).toEqual([
    'skipped prepare blog/native@web1: new already serves',
    'skipped rel:switch blog/native@web1: new already serves',
    'skipped health blog/native@web1: new already serves',
    'skipped finish blog/native@web1: new already serves',
  ])
  expect(states(run)).toEqual(['new unchanged', 'new unchanged'])
})

test('an unchanged release that does not run is deployed, and so is one by force', async () => {
  const down = deploy('rm -f down')
  for (const host of down.hosts) writeFileSync(join(down.root, host.name, 'serving'), 'new\n')
  writeFileSync(join(down.root, 'web1', 'down'), '')
  await down.run()
  expect(down.story()).toContain('changed rel:switch blog/native@web1')
  expect(down.story()).toContain('skipped rel:switch blog/native@web2: new already serves')
  const forced = deploy(':', { force: true })
  for (const host of forced.hosts) writeFileSync(join(forced.root, host.name, 'serving'), 'new\n')
  await forced.run()
  expect(forced.story()).toContain('changed rel:switch blog/native@web2')
})

test('an unchanged release is deployed where a task says so', async () => {
  const look = defineTask({
    title: 'Look',
    on: 'instance',
    changes: false,
    evenIfUnchanged: true,
    run(context) {
      if (context.host.name === 'web2') context.anew()
    },
  })
  const run = fleet(['choose', 'look', 'rel:switch'], {
    hosts: ['web1', 'web2'],
    tasks: { choose, look, 'rel:switch': switchOver },
    plugins: [releasePlugin],
  })
  for (const host of run.hosts) writeFileSync(join(run.root, host.name, 'serving'), 'new\n')
  expect(await run.run()).toMatchObject({ status: 'ok', exitCode: 0 })
  expect(run.story().filter((line) => /^(skipped|changed) rel:switch/.test(line))).toEqual([
    'skipped rel:switch blog/native@web1: new already serves',
    'changed rel:switch blog/native@web2',
  ])
})

test('5: the previous release serves on every host', async () => {
  const run = deploy('grep -q old serving')
  expect(await run.run()).toMatchObject({ status: 'failed', exitCode: 5 })
  expect(states(run)).toEqual(['old old', 'old unchanged'])
})

test('6: some hosts serve the new release already', async () => {
  const run = deploy('[ "$name" = web1 ] || grep -q old serving')
  expect(await run.run()).toMatchObject({ status: 'failed', exitCode: 6 })
  expect(states(run)).toEqual(['new new', 'old old'])
})

test('6: a step after the switch failed', async () => {
  const run = deploy(':', { finish: '[ "$name" = web1 ]' })
  expect(await run.run()).toMatchObject({ status: 'failed', exitCode: 6 })
  expect(states(run)).toEqual(['new new', 'new new'])
})

test('7: what served before does not run any more', async () => {
  const run = deploy('touch down; exit 1')
  const { exitCode, errors } = await run.run()
  expect([exitCode, ...errors.map(({ code }) => code)]).toEqual([7, 'SRV-599', 'SRV-501'])
  expect(states(run)).toEqual(['old down', 'old unchanged'])
})

test('7: the new release is down although every step went well', async () => {
  const run = deploy(':', { finish: 'touch down' })
  const { exitCode, errors } = await run.run()
  expect(exitCode).toBe(7)
  expect(errors.map(({ message }) => message)).toEqual([
    'blog/native@web1 passed its health check, but release new no longer serves: it is not running.',
    'blog/native@web2 passed its health check, but release new no longer serves: it is not running.',
  ])
})

test('7: nobody knows what serves on a host that is gone', async () => {
  const gone: Fault = { kind: 'gone', from: 3, reason: 'reset' }
  const run = deploy(':', { faults: { web1: gone } })
  const { exitCode, errors } = await run.run()
  expect([exitCode, ...errors.map(({ code }) => code)]).toEqual([7, 'SRV-599', 'SRV-503'])
  expect(states(run)).toEqual(['- unknown', 'old unchanged'])
})

test('7: nobody knows what serves after the last step either', async () => {
  // The question goes along with the last step, begins, and never gets an answer; asked again, the host is gone.
  const fault: Fault = { kind: 'gone', from: 4, after: ':s:1\n', reason: 'reset' }
  const run = deploy(':', {
    finish: '[ "$name" = web2 ] || { rm serving; mkfifo serving; }',
    faults: { web1: fault },
  })
  const { exitCode, errors } = await run.run()
  expect([exitCode, ...errors.map(({ message }) => message)]).toEqual([
    7,
    'All steps succeeded, but what serves on blog/native@web1 is unknown: it did not answer.',
  ])
  expect(run.story()).toContain('changed finish blog/native@web1')
})

test('7: another release serves than the one that was put in place', async () => {
  const run = deploy(':', { finish: 'echo other >serving' })
  const { exitCode, errors } = await run.run()
  expect(exitCode).toBe(7)
  expect(errors[0]?.message).toBe(
    'All steps succeeded, but what serves on blog/native@web1 is unknown: it has other, which is not what this run deployed.',
  )
})

test('7: the first deploy of all leaves nothing behind when it fails, and nothing serves', async () => {
  const run = fleet(['choose', { rolling: ['rel:switch', 'health'] }], {
    tasks: { choose, 'rel:switch': switchOver, health: shellTask('exit 1') },
    plugins: [releasePlugin],
  })
  expect(await run.run()).toMatchObject({ exitCode: 7 })
  expect([states(run), run.file('web1', 'serving')]).toEqual([['- down'], undefined])
})

test('5: the first deploy of all fails, and what a person had started runs again', async () => {
  const undeployed = (health: string): Fleet => {
    const run = fleet(['choose', { rolling: ['rel:switch', 'health'] }], {
      tasks: { choose, 'rel:switch': switchOver, health: shellTask(health) },
      plugins: [releasePlugin],
    })
    writeFileSync(join(run.root, 'web1', 'by-hand'), '')
    return run
  }
  const back = undeployed('exit 1')
  expect(await back.run()).toMatchObject({ exitCode: 5 })
  expect(states(back)).toEqual(['- old'])
  const lost = undeployed('rm by-hand; exit 1')
  expect(await lost.run()).toMatchObject({ exitCode: 7 })
  expect(states(lost)).toEqual(['- down'])
})

test('a bug is told as one, and what serves is asked all the same', async () => {
  const run = deploy(':')
  const once = run.session.state.once.bind(run.session.state)
  run.session.state.once = (step, work) => {
    if (step.taskId !== 'choose') return once(step, work)
    throw new TypeError('bug')
  }
  const { exitCode, status } = await run.run()
  const end = run.events.at(-1)
  expect([exitCode, status, end?.type === 'run.end' && end.errors.map(({ code }) => code)]).toEqual([
    1,
    'failed',
    ['SRV-900'],
  ])
  expect(states(run)).toEqual(['old unchanged', 'old unchanged'])
})

test('stopping is no failure', async () => {
  const run = fleet(['stop'], {
    tasks: {
      stop: defineTask({
        title: 'Stop',
        on: 'instance',
        activates: true,
        stops: true,
        script: () => raw('touch down'),
      }),
    },
    plugins: [releasePlugin],
  })
  writeFileSync(join(run.root, 'web1', 'serving'), 'old\n')
  expect(await run.run()).toMatchObject({ exitCode: 0 })
  expect(states(run)).toEqual(['old down'])
})

test.each([
  [[9, 4], 4],
  [[8, 9], 8],
  [[5, 6, 7], 7],
  [[10, 4], 10],
  [[1, 2], 2],
  [[130], 130],
  [[], 0],
])('of %j the first that matters is %i', (codes, expected) => {
  expect(worst(codes)).toBe(expected)
})
