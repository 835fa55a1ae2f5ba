import { expect, test } from 'vitest'
import { undoOf } from '../../../../src/run/undo/undo-choice.ts'
import { fleet } from '../../../support/fleet.ts'
import type { Selection, Serving } from '../../../../src/run/event.ts'
import { unknownState } from '../../../../src/plugin/state.ts'

const typed: Selection = { services: ['blog', 'shop'], hosts: [], tags: ['eu'] }

/** What is to be chosen after a deploy of two services on two hosts that put a release in place on these, of which some served another one before. */
function after(
  replaced: readonly string[],
  {
    first = [],
    pipeline = 'deploy',
    kept = [],
  }: { readonly first?: readonly string[]; readonly pipeline?: string; readonly kept?: readonly string[] } = {},
): unknown {
  const { session, placements } = fleet([], { hosts: ['web1', 'web2'], instances: ['blog/native', 'shop/docker'] })
  for (const placement of placements) {
    if (!first.includes(placement.id)) session.state.setBefore(placement, { ...unknownState, release: { id: 'old' } })
  }
  for (const id of kept) session.state.dataKept.add(id)
  const serving = placements.map(({ id }): [string, Serving] => [
    id,
    [...replaced, ...first].includes(id) ? { release: 'new', state: 'new' } : { release: 'old', state: 'unchanged' },
  ])
  const plan = { ...session.plan, pipeline }
  return undoOf({ ...session, plan, selection: typed }, Object.fromEntries(serving))
}

const all = ['blog/native@web1', 'blog/native@web2', 'shop/docker@web1', 'shop/docker@web2']

test('what was chosen is taken back when all of it was replaced', () => {
  expect(after(all)).toEqual({ can_undo: true, undo: typed })
  expect(after(all, { pipeline: 'update' })).toEqual({ can_undo: true, undo: typed })
})

test('the data goes back too when all that was replaced has a snapshot from before', () => {
  const undo = { ...typed, services: ['blog/native'] }
  const blog = all.slice(0, 2)
  expect(after(blog, { kept: blog })).toEqual({ can_undo: true, undo, undo_with_data: true })
  expect(after(all, { kept: blog })).toEqual({ can_undo: true, undo: typed })
  expect(after(['blog/native@web1', 'shop/docker@web2'], { kept: all })).toEqual({ can_undo: true })
  expect(after([], { kept: all })).toEqual({ can_undo: false })
})

test('an instance that had nothing to do, or served nothing before, is left alone', () => {
  const undo = { ...typed, services: ['blog/native'] }
  expect(after(all.slice(0, 2))).toEqual({ can_undo: true, undo })
  expect(after(all.slice(0, 2), { first: all.slice(2) })).toEqual({ can_undo: true, undo })
})

test('a host that had nothing to do is left alone', () => {
  const undo = { services: ['blog/native', 'shop/docker'], hosts: ['web2'], tags: [] }
  expect(after(['blog/native@web2', 'shop/docker@web2'])).toEqual({ can_undo: true, undo })
})

test('what no one choice names is no command', () => {
  expect(after(['blog/native@web1', 'shop/docker@web2'])).toEqual({ can_undo: true })
})

test('nothing is taken back when nothing was replaced, and by no other pipeline', () => {
  expect(after([])).toEqual({ can_undo: false })
  expect(after([], { first: all })).toEqual({ can_undo: false })
  expect(after(all, { pipeline: 'restart' })).toEqual({ can_undo: false })
})
