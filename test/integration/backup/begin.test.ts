import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { beginScript, readBegun, type Begun } from '../../../plugins/rsync-backup/scripts/begin.ts'
import { lines, raw } from '../../../src/index.ts'
import { render } from '../../../src/shell/script.ts'
import { hasPrograms } from '../../support/programs.ts'

describe.skipIf(!hasPrograms('rsync'))('the beginning of a snapshot', () => {
  let folder: string
  const id = '20261122T140311Z'
  const at = (...parts: readonly string[]): string => join(folder, 'web1/shop', ...parts)

  function begin(offered: string): Begun {
    const vault = { on: 'web1', folder, base: at() }
    const input = render(lines(raw('set -eu'), beginScript(vault, id, 10, offered)), () => '')
    const { status, stdout, stderr } = spawnSync('sh', ['-s'], { input, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
    return readBegun(stdout)
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'srv-begin-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it('compares with what a run left that failed in the same second, and never goes on with it', () => {
    expect(begin('xxh128').aborted).toBeUndefined()
    for (const text of ['first', 'second']) {
      mkdirSync(at(`.staging-${id}/data`))
      writeFileSync(at(`.staging-${id}/data/copied`), text)
      expect(begin('xxh128').aborted).toBe(`.staging-${id}.before`)
      expect(readdirSync(at()).sort()).toEqual(['.lock', `.staging-${id}`, `.staging-${id}.before`])
      expect(readFileSync(at(`.staging-${id}.before/data/copied`), 'utf8')).toBe(text)
      expect(readdirSync(at(`.staging-${id}`))).toEqual([])
      rmSync(at(`.staging-${id}.before`), { recursive: true })
    }
  })

  it.each([
    ['rsync', `there is no rsync on ${hostname()}`],
    ['flock', `there is no flock on ${hostname()}`],
    ['sha256sum', `there is no sha256sum on ${hostname()}`],
    ['mv', `the mv of ${hostname()} has no -T, as those of GNU and busybox have`],
  ])('says before anything is copied that the keeper has no %s that it needs', (name, problem) => {
    const tools = join(folder, 'tools')
    mkdirSync(tools)
    for (const bin of ['/bin', '/usr/bin']) execFileSync('sh', ['-c', 'ln -sf "$0"/* "$1"', bin, tools])
    rmSync(join(tools, name))
    const plain = '#!/bin/sh\ncase $1 in -*T*) exit 1 ;; esac\nexec /bin/mv "$@"\n'
    if (name === 'mv') writeFileSync(join(tools, name), plain, { mode: 0o755 })
    const vault = { on: 'web1', folder, base: at() }
    const input = render(lines(raw('set -eu'), beginScript(vault, id, 10, 'xxh128')), () => '')
    const { status, stderr } = spawnSync('/bin/sh', ['-s'], { input, encoding: 'utf8', env: { PATH: tools } })
    expect([status, stderr]).toEqual([1, `${problem}\n`])
  })

  it('takes checksums that both machines know', () => {
    expect(begin('xxh128').algorithm).toBe('xxh128')
    expect(begin('md5').algorithm).toBe('md5')
  })
})
