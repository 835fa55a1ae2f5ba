import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { freeScript, takesScript } from '../../../plugins/rsync-backup/scripts/room.ts'
import { noRoom, noRoomFor } from '../../../plugins/rsync-backup/tasks/room.ts'
import { optionsSchema } from '../../../plugins/rsync-backup/options.ts'
import type { ExecResult, Script } from '../../../src/index.ts'
import { testPlacement } from '../../../src/testing.ts'
import { render } from '../../../src/shell/script.ts'

const id = '20261122T140311Z'
let base: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'srv-room-'))
  for (const name of ['data', 'dumps']) mkdirSync(join(base, id, name), { recursive: true })
})
afterEach(() => {
  rmSync(base, { recursive: true, force: true })
})

const run = (script: Script): string =>
  execFileSync('/bin/sh', ['-s'], { input: render(script, () => ''), encoding: 'utf8' })
const takes = (path?: string): number => Number(/^takes (\d+)$/m.exec(run(takesScript({ base }, id, path)))?.[1])

it('counts a file with several names once, and of a sparse one what is in it', () => {
  const empty = takes()
  writeFileSync(join(base, id, 'data/one'), 'x'.repeat(1 << 20))
  linkSync(join(base, id, 'data/one'), join(base, id, 'data/two'))
  truncateSync(join(base, id, 'data/one'), 1 << 30)
  const one = takes() - empty
  expect(one).toBeGreaterThanOrEqual(1024)
  expect(one).toBeLessThan(1100)
  writeFileSync(join(base, id, 'dumps/db'), 'x'.repeat(1 << 20))
  expect(takes() - empty).toBeGreaterThanOrEqual(2048)
  expect(takes('two') - one).toBeLessThan(8)
})

it('refuses what has no room, and asks what it takes only where its sizes have none', async () => {
  const ask = (kib: number) => () => Promise.resolve(`takes ${String(kib)}\n`)
  const never = (): Promise<string> => Promise.reject(new Error('asked'))
  expect(await noRoom('free 100\nmd5\n', 102_399, never)).toBeUndefined()
  expect(await noRoom('free 100\nmd5\n', 102_400, ask(99))).toBeUndefined()
  const problem = 'there is room for 100 KiB, and 100 KiB are needed'
  expect(await noRoom('free 100\nmd5\n', 102_400, ask(100))).toBe(problem)
  expect(await noRoom('free 100\nmd5\n', undefined, ask(100))).toBe(problem)
  expect(await noRoom('', 102_400, never)).toBeUndefined()
  expect(await noRoom(run(freeScript(base)), 1, never)).toBeUndefined()
})

it('knows that a million small files take more than the sum of their sizes', async () => {
  const keeper = testPlacement({ service: 'shop', host: { name: 'nas', root: '/srv' } })
  const asked: string[] = []
  const probe = (): Promise<ExecResult> => {
    asked.push('takes')
    return Promise.resolve({ end: { kind: 'exit', code: 0 }, stdout: 'takes 4000000\n', stderr: '', durationMs: 1 })
  }
  const place = {
    ...keeper,
    options: optionsSchema.parse({ to: '/tank' }),
    projectRoot: '/',
    probe,
    run: probe,
    watch: probe,
    at: () => expect.fail('it is the keeper itself'),
  }
  const vault = { on: 'nas', folder: '/tank', base: '/tank/nas/shop' }
  const room = (files: number) => noRoomFor(place, vault, { id, bytes: 1_000_000, files }, 'free 3000000\n')
  expect([await room(1), asked]).toEqual([undefined, []])
  expect([await room(1_000_000), asked]).toEqual([
    'there is room for 3000000 KiB, and 4000000 KiB are needed',
    ['takes'],
  ])
})
