import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
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

  it('takes checksums that both machines know', () => {
    expect(begin('xxh128').algorithm).toBe('xxh128')
    expect(begin('md5').algorithm).toBe('md5')
  })
})
