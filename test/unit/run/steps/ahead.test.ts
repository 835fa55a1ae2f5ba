import { expect, test } from 'vitest'
import { defineTask } from '../../../../src/index.ts'
import { fleet } from '../../../support/fleet.ts'
import { shellTask } from '../../../support/shell-task.ts'

/** A task that acts once, and what it saw: when it began ahead, and with what it ran. */
function early(seen: string[], fails = false) {
  return defineTask({
    title: 'Early',
    on: 'once',
    changes: false,
    async ahead({ signal }) {
      seen.push('ahead')
      signal.addEventListener('abort', () => seen.push('dropped'))
      await Promise.resolve()
      if (fails) throw new Error('not now')
      return 'found'
    },
    run(_context, found?: string) {
      seen.push(`run with ${found ?? 'nothing'}`)
    },
  })
}

test('the first step begins while hosts are asked, and gets what it found', async () => {
  const seen: string[] = []
  const run = fleet(['early', 'late'], { tasks: { early: early(seen), late: shellTask('echo late >>log') } })
  expect((await run.run()).exitCode).toBe(0)
  expect(seen).toEqual(['ahead', 'run with found'])
  expect(run.story()[0]).toBe('start early local')
})

test('what it throws ahead is no error: its own turn comes', async () => {
  const seen: string[] = []
  const run = fleet(['early'], { tasks: { early: early(seen, true) } })
  expect((await run.run()).exitCode).toBe(0)
  expect(seen).toEqual(['ahead', 'run with nothing'])
})

test('it is dropped, and told nowhere, when the hosts are not ready', async () => {
  const seen: string[] = []
  const run = fleet(['early', 'late'], {
    hosts: ['web1'],
    tasks: { early: early(seen), late: shellTask(':') },
    faults: { web1: { kind: 'unreachable' } },
  })
  expect((await run.run()).exitCode).not.toBe(0)
  expect(seen).toEqual(['ahead', 'dropped'])
  expect(run.story().filter((line) => line.includes('early'))).toEqual([])
})

test('behind a hook, in a dry run, or as a later step it waits for its turn', async () => {
  const seen: string[] = []
  const tasks = { early: early(seen), late: shellTask(':') }
  await fleet(['early'], { tasks, hooks: [{ target: 'before:early', hook: () => undefined }] }).run()
  await fleet(['late', 'early'], { tasks }).run()
  await fleet(['early'], { tasks, dryRun: true }).run()
  expect(seen).toEqual(['run with nothing', 'run with nothing', 'run with nothing'])
})
