import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keepSchema } from '../../../plugins/rsync-backup/retention/policy.ts'
import { judgeScript, listScript, pruneScript, unfinishedScript } from '../../../plugins/rsync-backup/scripts/prune.ts'
import { lines, raw, render } from '../../../src/shell/script.ts'
import { kinds, runScript, type Kind } from '../../integration/tasks/shell.ts'

let base: string

/** A snapshot as its keeper describes it, with what a judgement reads of it. */
function snapshot(
  id: string,
  said: Readonly<Record<'release' | 'before', string>>,
  state = 'good',
  pinned = false,
): void {
  mkdirSync(join(base, id))
  const text = JSON.stringify({ id, state, pinned, release: said.release, note: '', before: said.before })
  writeFileSync(join(base, id, 'snapshot.json'), `${text}\n`)
}

async function judged(kind: Kind): Promise<string> {
  const vault = { on: 'nas', folder: base, base }
  const { code, stdout, stderr } = await runScript(judgeScript(vault, keepSchema.parse({ last: 1 })), kind)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'srv-prune-'))
})
afterEach(() => {
  rmSync(base, { recursive: true, force: true })
})

it.each(kinds())(
  'keeps what a rollback with data goes back to, also when a deploy after it failed: $name',
  async (kind) => {
    snapshot('20200101T000000Z', { release: 'r0', before: 'r1' })
    snapshot('20200102T000000Z', { release: 'r1', before: 'r2' })
    snapshot('20200103T000000Z', { release: 'r2', before: '' })
    snapshot('20200104T000000Z', { release: 'r2', before: 'r3' })
    snapshot('20200105T000000Z', { release: 'r2', before: 'r3' }, 'suspect')
    snapshot('20200106T000000Z', { release: 'r2', before: '' })
    expect(await judged(kind)).toBe(
      [
        'keep 20200106T000000Z last, the last good one',
        'remove 20200105T000000Z',
        'keep 20200104T000000Z rollback --with-data goes back to it',
        'remove 20200103T000000Z',
        'keep 20200102T000000Z rollback --with-data goes back to it',
        'remove 20200101T000000Z',
        '',
      ].join('\n'),
    )
  },
)

it.each(kinds())('keeps one of them when the newest deploy serves: $name', async (kind) => {
  snapshot('20200102T000000Z', { release: 'r1', before: 'r2' })
  snapshot('20200104T000000Z', { release: 'r2', before: 'r3' })
  snapshot('20200106T000000Z', { release: 'r3', before: '' })
  expect(await judged(kind)).toBe(
    [
      'keep 20200106T000000Z last, the last good one',
      'keep 20200104T000000Z rollback --with-data goes back to it',
      'remove 20200102T000000Z',
      '',
    ].join('\n'),
  )
})

it.each(kinds())(
  'says of one that somebody pinned that it is pinned, whatever it was made for: $name',
  async (kind) => {
    snapshot('20200102T000000Z', { release: 'r1', before: '' }, 'good', true)
    snapshot('20200104T000000Z', { release: 'r2', before: 'r3' }, 'good', true)
    snapshot('20200106T000000Z', { release: 'r3', before: '' })
    expect(await judged(kind)).toBe(
      [
        'keep 20200106T000000Z last, the last good one',
        'keep 20200104T000000Z pinned',
        'keep 20200102T000000Z pinned',
        '',
      ].join('\n'),
    )
  },
)

it.each(kinds())('judges the others when a power cut left one without its description: $name', async (kind) => {
  for (const day of ['1', '2', '3', '4', '5']) snapshot(`2020010${day}T000000Z`, { release: 'r1', before: '' })
  writeFileSync(join(base, '20200102T000000Z/snapshot.json'), '')
  writeFileSync(join(base, '20200104T000000Z/snapshot.json'), Buffer.alloc(64))
  rmSync(join(base, '20200103T000000Z/snapshot.json'))
  expect(await judged(kind)).toBe(
    [
      'keep 20200105T000000Z last, the last good one',
      'keep 20200104T000000Z unreadable: its snapshot.json says nothing',
      'keep 20200103T000000Z unreadable: its snapshot.json says nothing',
      'keep 20200102T000000Z unreadable: its snapshot.json says nothing',
      'remove 20200101T000000Z',
      '',
    ].join('\n'),
  )
})

it('leaves the modes of what stays, when its user is not root', () => {
  const [gone, kept] = ['20200102T000000Z', '20200104T000000Z'] as const
  for (const id of [gone, kept]) snapshot(id, { release: 'r1', before: '' })
  const [locked, file, same] = [join(base, gone, 'locked'), join(base, gone, 'locked/file'), join(base, kept, 'file')]
  mkdirSync(locked)
  writeFileSync(file, 'shared')
  chmodSync(file, 0o655)
  linkSync(file, same)
  chmodSync(locked, 0o500)
  const other = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  if (other.uid !== undefined)
    for (const one of [base, join(base, gone), join(base, kept), locked, file]) chownSync(one, other.uid, other.gid)
  const script = pruneScript({ on: 'nas', folder: base, base }, keepSchema.parse({ last: 1 }))
  const input = render(lines(raw('set -eu'), script), () => '')
  const { status, stderr } = spawnSync('sh', ['-s'], { input, encoding: 'utf8', ...other })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(readdirSync(base).sort()).toEqual(['.lock', kept])
  expect((statSync(same).mode & 0o777).toString(8)).toBe('655')
})

it('finds nothing to remove before the first backup, and makes no folder', () => {
  const vault = { on: 'nas', folder: base, base: join(base, 'web1/shop') }
  for (const script of [pruneScript(vault, keepSchema.parse({ last: 1 })), unfinishedScript(vault)]) {
    const input = render(lines(raw('set -eu'), script), () => '')
    expect(spawnSync('sh', ['-s'], { input, encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '', stderr: '' })
  }
  expect(readdirSync(base)).toEqual([])
})

it('does not take a disk that is not mounted for a place without snapshots', () => {
  const vault = { on: 'nas', folder: base, base: join(base, 'web1/shop'), mountpoint: base }
  const keep = keepSchema.parse({ last: 1 })
  for (const script of [
    judgeScript(vault, keep),
    pruneScript(vault, keep),
    unfinishedScript(vault),
    listScript(vault),
  ]) {
    const input = render(lines(raw('set -eu'), script), () => '')
    const ended = spawnSync('sh', ['-s'], { input, encoding: 'utf8' })
    expect(ended).toMatchObject({ status: 1, stdout: '', stderr: `${base} is not mounted\n` })
  }
})
