import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { slow } from '../../order/sequencer.ts'
import { queue, type Piece } from '../../order/queue.ts'
import { repository } from '../../support/project-folder.ts'

const lab = (name: string, seconds: number): Piece => ({ path: `test/lab/${name}.test.ts`, seconds })
const cli = (name: string, seconds: number): Piece => ({ path: `test/cli/${name}.test.ts`, seconds })

const ordered = (pieces: readonly Piece[], workers: number): readonly string[] =>
  queue(pieces, workers).map(({ path }) => path.slice(5, -8))

it('the longest files come first, half of the workers have what waits for hosts, and half what computes', () => {
  const pieces = [cli('a', 10), cli('b', 40), lab('c', 30), lab('d', 50), cli('e', 20), lab('f', 20)]
  expect(ordered(pieces, 4)).toEqual(['lab/d', 'lab/c', 'cli/b', 'cli/e', 'cli/a', 'lab/f'])
})

it('what is left of one kind goes to all workers', () => {
  expect(ordered([lab('a', 10), lab('b', 20), lab('c', 30), cli('d', 5)], 2)).toEqual([
    'lab/c',
    'cli/d',
    'lab/b',
    'lab/a',
  ])
})

it('two that need the same hosts are not given out at the same time', () => {
  const [swarm, jobs] = [lab('compose/swarm', 60), lab('compose/swarm-jobs', 50)]
  expect(ordered([swarm, jobs, lab('a', 30), lab('b', 30), lab('c', 5)], 2)).toEqual([
    'lab/compose/swarm',
    'lab/a',
    'lab/b',
    'lab/compose/swarm-jobs',
    'lab/c',
  ])
  expect(ordered([swarm, jobs], 2)).toEqual(['lab/compose/swarm', 'lab/compose/swarm-jobs'])
})

it('loses none of many files and makes none of them twice, whatever they take', () => {
  const pieces = Array.from({ length: 200 }, (_, at) => (at % 3 === 0 ? lab : cli)(String(at), (at * 37) % 50))
  expect(ordered(pieces, 3).toSorted()).toEqual(ordered(pieces, 1).toSorted())
  expect(new Set(ordered(pieces, 3)).size).toBe(200)
})

it('every file that is said to take long is there', () => {
  expect(Object.keys(slow).filter((path) => !existsSync(join(repository, path)))).toEqual([])
})
