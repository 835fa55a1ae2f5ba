import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { choose, chooseLeft, limitOf, type Wanted } from '../../../plugins/rsync-backup/choose.ts'
import { factsIn } from '../../../plugins/rsync-backup/facts.ts'
import { soughtScript, type Sought } from '../../../plugins/rsync-backup/scripts/sought.ts'
import { readSnapshots, type Snapshot } from '../../../plugins/rsync-backup/snapshot.ts'
import { defaultMaxOutputBytes } from '../../../src/transport/output.ts'
import { kinds, runScript } from '../tasks/shell.ts'

/** Snapshots of every hour of some months, of which a list is longer than what is kept of an answer. */
const count = 3000
const idOf = (hour: number): string => new Date(Date.UTC(2026, 0, 1, hour)).toISOString().replaceAll(/[-:]|\.\d+/g, '')

const text = (id: string, more: object = {}): string =>
  `${JSON.stringify({
    schema: 'srv.snapshot/1',
    id,
    host: 'web1',
    service: 'shop',
    state: 'good',
    pinned: false,
    release: '20261122T140311Z-1f3a9c2',
    startedAt: '2026-11-22T14:03:11.000Z',
    files: 1,
    bytes: 1,
    newFiles: 1,
    newBytes: 1,
    checksum: 'xxh128',
    manifest: 'a'.repeat(64),
    note: 'no owners',
    before: '',
    ...more,
  })}\n`

let base: string
let size = 0
function write(id: string, described: string): void {
  mkdirSync(join(base, id))
  writeFileSync(join(base, id, 'snapshot.json'), described)
  size += described.length
}
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'srv-sought-'))
  for (let hour = 0; hour < count; hour++) {
    const state = hour === count - 1 ? 'suspect' : 'good'
    const release = { 7: 'r.1', 8: 'rx1', 9: 'r.1', 10: 'r.1x' }[hour] ?? '20261122T140311Z-1f3a9c2'
    write(idOf(hour), text(idOf(hour), { state, release, before: { 7: 'r.2', 8: 'r.2', 10: 'r.3' }[hour] ?? '' }))
  }
  // What a power cut left, and what a clock that was wrong has dated.
  write(idOf(count), text(idOf(count)).slice(0, -9))
  write(idOf(count + 1), '')
  write('29990101T000000Z', text('29990101T000000Z'))
  expect(size).toBeGreaterThan(defaultMaxOutputBytes)
})
afterAll(() => {
  rmSync(base, { recursive: true, force: true })
})

describe.each(kinds())('among more snapshots than an answer has room for, on $name', (kind) => {
  async function found(
    sought: Sought,
    chosen: (all: readonly Snapshot[], latest?: string) => Snapshot | undefined,
  ): Promise<string | undefined> {
    const script = soughtScript({ on: 'nas', folder: base, base }, sought)
    const { code, stdout, stderr } = await runScript(script, kind)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.length).toBeLessThan(100_000)
    return chosen(readSnapshots(stdout), factsIn(stdout).get('latest'))?.id
  }
  const wanted = (one: Wanted): Promise<string | undefined> =>
    found({ snapshot: one.snapshot, until: limitOf(one) }, (all, latest) => choose(all, one, latest))

  it('the newest good one is found, and one by its name, its time or its deploy', async () => {
    expect(await wanted({})).toBe(idOf(count - 2))
    expect(await wanted({ at: '2026-01-02T05:30:00Z' })).toBe(idOf(29))
    expect(await wanted({ at: '2999-12-31' })).toBe(idOf(count - 2))
    expect(await wanted({ at: '2025-01-01' })).toBeUndefined()
    for (const id of [idOf(0), idOf(count - 1), '29990101T000000Z']) expect(await wanted({ snapshot: id })).toBe(id)
    for (const id of ['2026', `../web1/${idOf(0)}`, '']) expect(await wanted({ snapshot: id })).toBeUndefined()
    const left = (release: string, serving?: string): Promise<string | undefined> =>
      found({ left: { release, serving } }, (all, latest) => chooseLeft(all, { release, serving }, latest))
    expect([await left('r.1'), await left('none')]).toEqual([idOf(7), undefined])
    // What an older release left when what serves was deployed, but never what a newer one did.
    expect([await left('r.2', 'r.3'), await left('r.0', 'r.3')]).toEqual([idOf(10), undefined])
  })

  it('one that is dated in the future can be told from none', async () => {
    const all: Snapshot[] = []
    await found({}, (some) => void all.push(...some))
    expect(all[0]?.id).toBe('29990101T000000Z')
  })
})
