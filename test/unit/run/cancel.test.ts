import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defineTask } from '../../../src/plugin/define.ts'
import { sh } from '../../../src/shell/script.ts'
import { fleet, type Fleet } from '../../support/fleet.ts'
import { choose, releasePlugin, switchOver } from '../../support/release-plugin.ts'
import { shellTask } from '../../support/shell-task.ts'

/** Interrupts a run as soon as a line of output is seen, of so many hosts. */
function interruptAt(run: Fleet, line: string, { reason = 'SIGINT', hosts = 1 } = {}): void {
  const seen = new Set<string>()
  run.onEvent = (event) => {
    if (event.type !== 'step.output' || event.line !== line) return
    seen.add(event.host)
    if (seen.size === hosts) run.abort(reason)
  }
}

test('an interrupt ends the command that runs, undoes what was done, and nothing new begins', async () => {
  const run = fleet(['a', 'long', 'never'], {
    hosts: ['web1', 'web2'],
    tasks: {
      a: shellTask('touch a', { undo: 'rm a; touch undone' }),
      long: shellTask('echo begun; sleep 1000; touch late', { undo: 'touch undone-long' }),
      never: shellTask('touch never'),
    },
  })
  interruptAt(run, 'begun', { hosts: 2 })
  expect(await run.run()).toMatchObject({ status: 'cancelled', exitCode: 130 })
  expect(run.story().at(-1)).toBe('end cancelled 130')
  expect(run.session.state.counts).toMatchObject({ changed: 2, cancelled: 2, failed: 0 })
  for (const host of ['web1', 'web2']) {
    expect(['a', 'undone', 'undone-long', 'late', 'never'].map((name) => run.file(host, name))).toEqual([
      undefined,
      '',
      '',
      undefined,
      undefined,
    ])
  }
})

test('a release that is being put in place goes back, and the summary says what serves', async () => {
  const run = fleet(['choose', { rolling: ['rel:switch', 'health'] }], {
    hosts: ['web1', 'web2'],
    tasks: {
      choose,
      'rel:switch': switchOver,
      health: shellTask('grep -q old serving || { echo waiting; sleep 1000; }', { reapply: true }),
    },
    plugins: [releasePlugin],
  })
  for (const { name } of run.hosts) writeFileSync(join(run.root, name, 'serving'), 'old\n')
  interruptAt(run, 'waiting', { reason: 'SIGTERM' })
  expect(await run.run()).toMatchObject({
    status: 'cancelled',
    exitCode: 143,
    serving: {
      'blog/native@web1': { release: 'old', state: 'old' },
      'blog/native@web2': { release: 'old', state: 'unchanged' },
    },
  })
})

test('between two steps of a target nothing is sent any more', async () => {
  const f = defineTask({ title: 'F', on: 'instance', run: () => run.abort() })
  const run: Fleet = fleet(['f', 'never'], { tasks: { f, never: shellTask(':') } })
  expect(await run.run()).toMatchObject({ exitCode: 130, errors: [] })
  expect(run.story()).toEqual(['start f blog/native@web1', 'changed f blog/native@web1', 'end cancelled 130'])
})

test('what a function undoes, and finally hooks, can still run commands', async () => {
  const f = defineTask({
    title: 'F',
    on: 'instance',
    async run({ run: exec, probe, onRollback }) {
      onRollback(async () => {
        await exec`echo undone >>log`
        await probe`echo probed >>log`
      })
      await exec`echo begun; sleep 1000`
    },
  })
  const run = fleet(['f'], {
    tasks: { f },
    hooks: [{ target: 'finally:f', hook: ({ run: exec }) => exec`echo finally >>log` }],
  })
  interruptAt(run, 'begun')
  expect(await run.run()).toMatchObject({ exitCode: 130 })
  expect(run.file('web1', 'log')).toBe('finally\nundone\nprobed\n')
  expect(run.story()).toContain('cancelled f blog/native@web1: SRV-504')
})

test('an interrupt during the checks changes nothing, and is no failed check', async () => {
  const run = fleet(['t'], {
    tasks: { t: shellTask('touch ran') },
    plugins: [
      {
        options: {},
        checks: [{ title: 'slow', on: 'host', probe: () => sh`sleep 1000`, judge: () => ({ ok: true }) }],
      },
    ],
  })
  run.pool.onSend = () => {
    setImmediate(() => {
      run.abort()
    })
  }
  expect(await run.run()).toMatchObject({ status: 'cancelled', exitCode: 130, errors: [] })
  expect(run.story()).toEqual(['end cancelled 130'])
})

test('an interrupt while a host is being logged in to does not wait for it', async () => {
  const run = fleet(['t'], { tasks: { t: shellTask('touch ran') } })
  run.session.pool.get = () => new Promise(() => undefined)
  run.onEvent = (event) => {
    if (event.type === 'host.connect') run.abort()
  }
  expect(await run.run()).toMatchObject({ status: 'cancelled', exitCode: 130 })
})
