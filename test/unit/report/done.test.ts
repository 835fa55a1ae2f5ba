import { expect, test } from 'vitest'
import { doneAfter, type Done } from '../../../src/report/done.ts'
import type { RunEvent } from '../../../src/run/event.ts'
import { at, timed } from './fixture.ts'

const told = (events: readonly RunEvent[]): readonly Done[] =>
  events.reduce<readonly Done[]>((done, event) => doneAfter(done, timed(event)), [])

const ended = (target: string, status: 'changed' | 'ok' | 'skipped', reason?: string): RunEvent => ({
  type: 'step.end',
  ...at('1', 'backup:snapshot', target),
  status,
  ms: 1,
  ...(reason === undefined ? {} : { reason }),
})

test('is what steps that ended well say of themselves, and not why others were skipped', () => {
  expect(
    told([
      ended('a/native@web1', 'changed', 'one was made'),
      ended('a/native@web2', 'ok', 'two was read'),
      ended('a/native@web3', 'skipped', 'there is nothing to do'),
      ended('a/native@web4', 'changed'),
      ended('local', 'ok', 'main is 8d41e07'),
    ]),
  ).toEqual([
    { target: 'a/native@web1', text: 'one was made' },
    { target: 'a/native@web2', text: 'two was read' },
  ])
})

test('is nothing where it is being put back', () => {
  const begun: RunEvent = { type: 'undo.start', target: 'a/native@web1', host: 'web1', tasks: ['backup:swap'] }
  const both = [ended('a/native@web1', 'changed', 'one'), ended('a/native@web2', 'changed', 'two'), begun]
  expect(told(both)).toEqual([{ target: 'a/native@web2', text: 'two' }])
})
