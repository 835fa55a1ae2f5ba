import { expect, test } from 'vitest'
import { fitLines } from '../../../../src/report/live/fit.ts'
import type { Line } from '../../../../src/report/live/line.ts'
import type { State } from '../../../../src/report/mark.ts'

function line(name: string, state: State, level: 0 | 1 = 0): Line {
  return { level, state, name, note: '', count: '', time: '' }
}

const lines = [
  line('a', 'changed'),
  line('b', 'skipped'),
  line('c', 'ok'),
  line('d', 'running'),
  line('d1', 'changed', 1),
  line('d2', 'failed', 1),
  line('d3', 'running', 1),
  line('d4', 'waiting', 1),
  line('e', 'waiting'),
  line('f', 'waiting'),
  line('g', 'waiting'),
]

/** The lines in short: names, and the notes of those that stand for others. */
function fitted(height: number): string[] {
  return fitLines(lines, height).map(({ name, note }) => name || note)
}

test.each([
  [11, ['a', 'b', 'c', 'd', 'd1', 'd2', 'd3', 'd4', 'e', 'f', 'g']],
  [10, ['a', 'b', 'c', 'd', 'd1', 'd2', 'd3', 'd4', 'e', '2 more steps']],
  [9, ['a', 'b', 'c', 'd', 'd1', 'd2', 'd3', 'd4', '3 more steps']],
  [8, ['2 steps done', 'c', 'd', 'd1', 'd2', 'd3', 'd4', '3 more steps']],
  [7, ['3 steps done', 'd', 'd1', 'd2', 'd3', 'd4', '3 more steps']],
  [6, ['3 steps done', 'd', 'd1', 'd2', 'd3', '3 more steps']],
  [5, ['3 steps done', 'd', 'd2', 'd3', '3 more steps']],
  [4, ['2 more lines above', 'd2', 'd3', '3 more steps']],
])('in %d lines', (height, shown) => {
  expect(fitted(height)).toEqual(shown)
})
