import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readOldData } from '../../../plugins/rsync-backup/old-data.ts'
import { oldDataScript, removeOldDataScript } from '../../../plugins/rsync-backup/scripts/old-data.ts'
import { lines, raw } from '../../../src/index.ts'
import { render } from '../../../src/shell/script.ts'
import { kinds, runScript, type Ran } from '../tasks/shell.ts'

/** Mounts are made in a namespace of the test's own. */
const canMount = spawnSync('unshare', ['-m', 'true']).status === 0
const day = 24 * 60 * 60 * 1000
const run = '20200101T000000Z-00aa'

describe.each(kinds())('what restores have left, on $name', (kind) => {
  let service: string
  const at = (...parts: readonly string[]): string => join(service, ...parts)
  const paths = (): { readonly service: string; readonly state: string } => ({ service, state: at('.srv') })
  function write(...parts: readonly string[]): void {
    mkdirSync(at(...parts.slice(0, -1)), { recursive: true })
    writeFileSync(at(...parts), parts.join('/'))
  }
  const remove = (name: string): Promise<Ran> => runScript(removeOldDataScript(paths(), name), kind)
  /** What is in the folder, with the place of every file. */
  const everything = (): string => execFileSync('find', [service, '-printf', '%P %y %l\n'], { encoding: 'utf8' })

  beforeEach(() => {
    service = mkdtempSync(join(tmpdir(), "srv-old 'data-"))
    write('data', 'file')
  })
  afterEach(() => {
    rmSync(service, { recursive: true, force: true })
  })

  it('is found by exactly the names that restores give', async () => {
    for (const name of [`data.before-${run}`, `dumps.before-${run}`, `.trash-dumps.before-${run}`]) write(name, 'file')
    symlinkSync('data', at(`data.before-${run}.made`))
    const others = ['data.before-mine', `data.before-${run}.bak`, `data.before-${run}-end`, `data.before-${run} b`]
    for (const name of [...others, `dumps.before-${run}.made`, `old.before-${run}`, `.trash-${run}`])
      write(name, 'file')
    symlinkSync('data', at('data.before-20200101T000001Z-00aa'))
    writeFileSync(at('data.before-20200101T000002Z-00aa'), '')
    const { code, stdout } = await runScript(oldDataScript(paths()), kind)
    const found = readOldData(stdout, service).map(({ path, isCutOff }) => [path, isCutOff])
    expect([code, found.toSorted()]).toEqual([
      0,
      [
        [at(`.trash-dumps.before-${run}`), true],
        [at(`data.before-${run}`), false],
        [at(`data.before-${run}.made`), false],
        [at(`dumps.before-${run}`), false],
      ],
    ])
  })

  it('is as old as its place in the folder, whatever the clock of the machine that ran srv said', async () => {
    write(`data.before-${run}`, 'file')
    write('data.before-29990101T000000Z-00aa', 'file')
    const ages = async (clock: string): Promise<readonly number[]> => {
      const later = raw(`date() { command date -d "${clock}" "$@"; }`)
      const { stdout } = await runScript(lines(later, oldDataScript(paths())), kind)
      return readOldData(stdout, service).map(({ ageMs }) => Math.floor(ageMs / day))
    }
    const inDays = (days: number): string => `@$(($(command date +%s) + ${String(days * 24 * 60 * 60 + 60)}))`
    expect(await ages(inDays(0))).toEqual([0, 0])
    expect(await ages(inDays(8))).toEqual([8, 0])
  })

  it('goes with whatever is in it, and what links lead to stays', async () => {
    write(`data.before-${run}`, 'folder', 'file')
    mkdirSync(at(`data.before-${run}`, 'closed', 'inner'), { recursive: true, mode: 0o500 })
    symlinkSync(at('data'), at(`data.before-${run}`, 'link'))
    symlinkSync(at('data'), at(`data.before-${run}.made`))
    for (const name of [`data.before-${run}`, `data.before-${run}.made`]) {
      expect(await remove(name)).toEqual({ code: 0, stdout: '', stderr: '' })
    }
    expect(everything()).toBe(' d \ndata d \ndata/file f \n')
  })

  it('stays while a restore is open', async () => {
    write(`data.before-${run}`, 'file')
    write('.srv', 'restore', 'open')
    const before = everything()
    expect(await remove(`data.before-${run}`)).toMatchObject({
      code: 1,
      stderr: 'run .srv/restore/open is restoring data there\n',
    })
    expect(everything()).toBe(before)
  })

  it.skipIf(!canMount)('stays where something is mounted, also of the same disk', () => {
    write(`data.before-${run}`, 'uploads', 'file')
    const text = render(removeOldDataScript(paths(), `data.before-${run}`), () => '')
    const before = everything()
    for (const point of [at(`data.before-${run}`), at(`data.before-${run}`, 'uploads')]) {
      for (const mount of ['mount -t tmpfs none "$0"', 'mount --bind "$1" "$0"']) {
        const args = ['-m', ...kind.shell.slice(0, -1), '-ec', `${mount}\nexport PATH="$2"\n${text}`]
        const { status, stderr } = spawnSync('unshare', [...args, point, at('data'), kind.path], { encoding: 'utf8' })
        expect([status, stderr]).toEqual([1, `${point} is a mount point\n`])
        expect(everything()).toBe(before)
      }
    }
  })

  it('that was removed in part is removed by the next one, at any age', async () => {
    write(`data.before-${run}`, 'one')
    write(`data.before-${run}`, 'two')
    const dies = raw(
      `rm() { case $* in *.trash-*) command rm -f "$gone/one"; kill -9 $$ ;; *) command rm "$@" ;; esac; }`,
    )
    await runScript(lines(dies, removeOldDataScript(paths(), `data.before-${run}`)), kind)
    expect(readdirSync(at(`.trash-data.before-${run}`))).toEqual(['two'])
    expect(existsSync(at(`data.before-${run}`))).toBe(false)
    const { stdout } = await runScript(oldDataScript(paths()), kind)
    expect(readOldData(stdout, service)).toMatchObject([{ name: `.trash-data.before-${run}`, isCutOff: true }])
    expect(await remove(`.trash-data.before-${run}`)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(everything()).toBe(' d \ndata d \ndata/file f \n')
  })
})
