import { expect, test } from 'vitest'
import { snapshotLines, type SnapshotRow } from '../../../src/report/snapshots.ts'

const one: SnapshotRow = {
  service: 'shop',
  host: 'web1',
  id: '20261122T140311Z',
  state: 'good',
  release: null,
  before: null,
  pinned: false,
  of_another_machine: null,
  files: 97,
  bytes: 1000,
  new_bytes: 10,
  note: '',
  on: 'nas',
  folder: '/tank/web1/shop',
  rehearsed: null,
}

test('a note of a snapshot stands in whole below the table', () => {
  const noted = { ...one, id: '20261122T140312Z', note: '3 files that vanished during the copy: a, b, c' }
  const document = {
    schema: 'srv.snapshots/1',
    environment: 'production',
    snapshots: [noted, one],
    errors: [],
  } as const
  const lines = snapshotLines(document, { stream: { columns: 40 }, env: {}, now: Date.parse('2026-11-22T15:00:00Z') })
  expect(lines).toHaveLength(4)
  expect(lines[3]).toBe('20261122T140312Z of shop on web1 has 3 files that vanished during the copy: a, b, c')
})

test('a snapshot that somebody pinned is marked', () => {
  const document = {
    schema: 'srv.snapshots/1',
    environment: 'production',
    snapshots: [{ ...one, pinned: true }, one],
    errors: [],
  } as const
  const lines = snapshotLines(document, { stream: {}, env: {}, now: Date.parse('2026-11-22T15:00:00Z') })
  expect(lines.map((line) => /good(, pinned)?/.exec(line)?.[0])).toEqual([undefined, 'good, pinned', 'good'])
})
