import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keepSchema } from '../../../plugins/rsync-backup/retention/policy.ts'
import { judgeScript } from '../../../plugins/rsync-backup/scripts/prune.ts'
import { kinds, runScript, type Kind } from '../../integration/tasks/shell.ts'

let base: string

/** A snapshot as its keeper describes it, with what a judgement reads of it. */
function snapshot(id: string, said: Readonly<Record<'release' | 'before', string>>, state = 'good'): void {
  mkdirSync(join(base, id))
  const text = JSON.stringify({ id, state, pinned: false, release: said.release, note: '', before: said.before })
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
        'keep 20200104T000000Z pinned',
        'remove 20200103T000000Z',
        'keep 20200102T000000Z pinned',
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
      'keep 20200104T000000Z pinned',
      'remove 20200102T000000Z',
      '',
    ].join('\n'),
  )
})
