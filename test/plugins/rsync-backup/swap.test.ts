import { execFileSync, spawnSync } from 'node:child_process'
import {
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { newerScript } from '../../../plugins/rsync-backup/scripts/newer.ts'
import { reachScript, swapBackScript, swapScript } from '../../../plugins/rsync-backup/scripts/swap.ts'
import { lines, raw } from '../../../src/index.ts'
import { render } from '../../../src/shell/script.ts'

/** Mounts are made in a namespace of the test's own. */
const canMount = spawnSync('unshare', ['-m', 'true']).status === 0

let service: string
const at = (...parts: readonly string[]): string => join(service, ...parts)

function write(...parts: readonly string[]): void {
  mkdirSync(at(...parts.slice(0, -1)), { recursive: true })
  writeFileSync(at(...parts), parts.join('/'))
}

beforeEach(() => {
  service = mkdtempSync(join(tmpdir(), 'srv-swap-'))
})
afterEach(() => {
  rmSync(service, { recursive: true, force: true })
})

/** What a restore left that was cut off between its two renames, when somebody made the folder again that was away. */
function cutOff(path: string): void {
  write('.restore-r1', 'data', path, 'new')
  write('data.before-r1', path, 'old')
  write('data', path, 'made meanwhile')
}

it.each(['', 'uploads'])('puts data back also where something was made in their place: "%s"', (path) => {
  cutOff(path)
  const text = lines(
    raw('set -eu'),
    swapBackScript({ service, data: at('data') }, 'r1', path === '' ? undefined : path),
  )
  const run = (): void => {
    execFileSync('/bin/sh', ['-s'], { input: render(text, () => '') })
  }
  run()
  run()
  expect(readdirSync(service).sort()).toEqual(['data', 'data.before-r1.made'])
  expect(readFileSync(at('data', path, 'old'), 'utf8')).toBe(['data.before-r1', path, 'old'].join('/'))
  expect(readdirSync(at('data.before-r1.made'))).toEqual(['made meanwhile'])
})

it('takes what SQLite wrote beside a database with it, and brings it back', () => {
  const run = (script: typeof swapScript): void => {
    const text = lines(raw('set -eu'), script({ service, data: at('data') }, 'r1', 'db/app'))
    execFileSync('/bin/sh', ['-s'], { input: render(text, () => '') })
  }
  write('.restore-r1', 'data', 'db', 'app')
  for (const name of ['app', 'app-wal', 'app-shm', 'app-notes', 'other-wal']) write('data', 'db', name)
  for (const folder of ['data', '.restore-r1/data']) writeFileSync(at(folder, 'db/app'), `SQLite format 3\0${folder}`)
  run(swapScript)
  expect(readdirSync(at('data/db')).sort()).toEqual(['app', 'app-notes', 'other-wal'])
  expect(readdirSync(at('data.before-r1/db')).sort()).toEqual(['app', 'app-shm', 'app-wal'])
  write('data', 'db', 'app-journal')
  run(swapBackScript)
  expect(readdirSync(at('data/db')).sort()).toEqual(['app', 'app-notes', 'app-shm', 'app-wal', 'other-wal'])
  expect(readFileSync(at('data/db/app'), 'utf8')).toBe('SQLite format 3\0data')
  expect(readdirSync(service)).toEqual(['data'])
})

it('leaves a file beside another that is no database where it is', () => {
  write('.restore-r1', 'data', 'notes')
  for (const name of ['notes', 'notes-journal']) write('data', name)
  const text = lines(raw('set -eu'), swapScript({ service, data: at('data') }, 'r1', 'notes'))
  execFileSync('/bin/sh', ['-s'], { input: render(text, () => '') })
  expect(readdirSync(at('data')).sort()).toEqual(['notes', 'notes-journal'])
})

/** What the text says that is asked before anything is brought; nothing when it agrees. */
function refusal(path?: string): string {
  const text = reachScript({ service, data: at('data') }, 'r1', path)
  const { status, stderr } = spawnSync('/bin/sh', ['-s'], { input: render(text, () => ''), encoding: 'utf8' })
  return status === 0 ? '' : stderr
}
const byHand = 'so it cannot be replaced by a rename: restore to another folder with --to, and put it in place by hand'

it('agrees to data that are a folder, or not there yet', () => {
  expect([refusal(), refusal('uploads/one')]).toEqual(['', ''])
  write('data', 'uploads', 'one')
  expect([refusal(), refusal('uploads/one'), refusal('none/of')]).toEqual(['', '', ''])
})

it('refuses data behind a link, and on another disk each path in them', () => {
  mkdirSync(at('real'))
  symlinkSync('real', at('data'))
  expect([refusal(), refusal('one')]).toEqual([`${at('data')} is a link, ${byHand}\n`, ''])
  rmSync(at('data'))
  symlinkSync('/dev/shm', at('data'))
  expect(refusal('one')).toEqual(`${at('data')} is not on the disk of ${service}, ${byHand}\n`)
})

it.skipIf(!canMount)('refuses data that are a mount point, also of the same disk', () => {
  write('data', 'uploads', 'one')
  const agreed = render(reachScript({ service, data: at('data') }, 'r1'), () => '')
  const script = (mount: string): string => `${mount}\n${agreed}`
  for (const mount of ['mount -t tmpfs none "$0"', 'mount --bind "$0" "$0"']) {
    const { stderr } = spawnSync('unshare', ['-m', 'sh', '-ec', script(mount), at('data')], { encoding: 'utf8' })
    expect(stderr).toBe(`${at('data')} is a mount point, ${byHand}\n`)
  }
})

it.skipIf(!canMount)('refuses data with a mount point inside, also of the same disk, and a path above it alone', () => {
  const odd = `a \\040b\n\tc`
  write('data', 'uploads', odd, 'one')
  write('data', 'uploads2', 'one')
  write('data', 'other', 'one')
  const said = (mount: string, path?: string): string => {
    const agreed = render(reachScript({ service, data: at('data') }, 'r1', path), () => '')
    const args = ['-m', 'sh', '-ec', `${mount}\n${agreed}`, at('data', 'uploads', odd)]
    return spawnSync('unshare', args, { encoding: 'utf8' }).stderr
  }
  const inside = (folder: string): string =>
    `${at('data', 'uploads', odd)} is a mount point inside ${folder}, ${byHand}\n`
  for (const mount of ['mount -t tmpfs none "$0"', 'mount --bind "$0" "$0"']) {
    expect(said(mount)).toBe(inside(at('data')))
    expect(said(mount, 'uploads')).toBe(inside(at('data/uploads')))
    // Its name only begins like that one.
    expect([said(mount, 'uploads2'), said(mount, 'other'), said(mount, 'uploads/new')]).toEqual(['', '', ''])
  }
})

it('finds newer data also behind a link', () => {
  write('real', 'one')
  symlinkSync('real', at('data'))
  const status = (seconds: number): number | null => {
    const text = newerScript({ data: at('data') }, seconds)
    return spawnSync('/bin/sh', ['-s'], { input: render(lines(raw('set -eu'), text), () => '') }).status
  }
  utimesSync(at('real'), 1000, 1000)
  utimesSync(at('real', 'one'), 3000, 3000)
  expect([status(2000), status(4000)]).toEqual([3, 0])
  utimesSync(at('real'), 3000, 3000)
  utimesSync(at('real', 'one'), 1000, 1000)
  expect([status(2000), status(4000)]).toEqual([4, 0])
})

it('names a file that is newer before the folders above it, and else the first folder', () => {
  write('data/a/b', 'file')
  write('data/c', 'other')
  symlinkSync('a', at('data/d'))
  const said = (): unknown => {
    const text = lines(raw('set -eu'), newerScript({ data: at('data') }, 2000))
    const { status, stdout } = spawnSync('/bin/sh', ['-s'], { input: render(text, () => ''), encoding: 'utf8' })
    return [status, stdout]
  }
  const all = ['data', 'data/a', 'data/a/b', 'data/a/b/file', 'data/c', 'data/c/other']
  for (const one of all) utimesSync(at(one), 1000, 1000)
  lutimesSync(at('data/d'), 1000, 1000)
  expect(said()).toEqual([0, ''])
  for (const one of ['data', 'data/a/b']) utimesSync(at(one), 3000, 3000)
  expect(said()).toEqual([4, `${at('data')}\n`])
  utimesSync(at('data/a/b/file'), 3000, 3000)
  expect(said()).toEqual([3, `${at('data/a/b/file')}\n`])
  utimesSync(at('data/a/b/file'), 1000, 1000)
  lutimesSync(at('data/d'), 3000, 3000)
  expect(said()).toEqual([3, `${at('data/d')}\n`])
})

it('finds what is newer within a second, where touch knows parts of one, and else a little more', () => {
  write('data', 'one')
  utimesSync(at('data'), 1000, 1000)
  utimesSync(at('data', 'one'), 3000.5, 3000.5)
  const newer = (seconds: number, tools = ''): string => {
    const text = lines(raw(`set -eu\n${tools}`), newerScript({ data: at('data') }, seconds))
    return spawnSync('/bin/sh', ['-s'], { input: render(text, () => ''), encoding: 'utf8' }).stdout
  }
  const found = `${at('data', 'one')}\n`
  expect([newer(3000.499), newer(3000.501)]).toEqual([found, ''])
  const whole = `touch() { case $2 in *.*) return 1 ;; esac; command touch "$@"; }`
  expect([newer(3000.501, whole), newer(3001.001, whole)]).toEqual([found, ''])
  const none = lines(raw('mktemp() { return 1; }'), newerScript({ data: at('data') }, 2000))
  expect(spawnSync('/bin/sh', ['-s'], { input: render(none, () => '') }).status).toBe(1)
})
