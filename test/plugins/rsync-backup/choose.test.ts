import { expect, it } from 'vitest'
import { choose } from '../../../plugins/rsync-backup/choose.ts'
import { readSnapshots, type Snapshot } from '../../../plugins/rsync-backup/snapshot.ts'

const described = (id: string): string =>
  JSON.stringify({
    schema: 'srv.snapshot/1',
    id,
    host: 'web1',
    service: 'shop',
    state: 'good',
    pinned: false,
    release: '',
    startedAt: '',
    files: 1,
    bytes: 1,
    newFiles: 1,
    newBytes: 1,
    checksum: 'md5',
    manifest: '',
    note: '',
  })
const all: readonly Snapshot[] = readSnapshots(
  ['29990101T000000Z', '20261122T235959Z', '20261122T140300Z', '20261121T000000Z'].map(described).join('\n'),
)
const at = (time: string): string | undefined => choose(all, { at: time }, '20261201T000000Z')?.id

it('takes the newest good one from before a time, and of a day all of it', () => {
  expect(at('2026-11-22')).toBe('20261122T235959Z')
  expect(at('2026-11-22T14:03:00Z')).toBe('20261122T140300Z')
  expect(at('2026-11-22T14:02:59.999Z')).toBe('20261121T000000Z')
  expect(at('2020-01-01')).toBeUndefined()
})

it.each(['2026-11-22 14:03', '2026-11-22T14:03:00', '3', '2026-02-31', '2026-11-22T24:00:00Z', 'yesterday', ''])(
  'takes no other form for a time: "%s"',
  (said) => {
    expect(() => at(said)).toThrow(`--at ${said} is not a time: write it as 2026-11-22 or 2026-11-22T14:03:00Z.`)
  },
)

it('takes one that is dated in the future by its name alone', () => {
  expect(choose(all, {}, '20261201T000000Z')?.id).toBe('20261122T235959Z')
  expect(at('2999-12-31')).toBe('20261122T235959Z')
  expect(choose(all, { snapshot: '29990101T000000Z' }, '20261201T000000Z')?.id).toBe('29990101T000000Z')
})
