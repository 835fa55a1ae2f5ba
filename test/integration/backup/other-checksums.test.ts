import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { optionsSchema, settingsSchema } from '../../../plugins/rsync-backup/options.ts'
import { beginScript, readBegun } from '../../../plugins/rsync-backup/scripts/begin.ts'
import { passScript } from '../../../plugins/rsync-backup/scripts/copy.ts'
import { sealScript } from '../../../plugins/rsync-backup/scripts/seal.ts'
import { verifyScript } from '../../../plugins/rsync-backup/scripts/verify.ts'
import { lines, raw, type Script } from '../../../src/index.ts'
import { render } from '../../../src/shell/script.ts'
import { hasPrograms } from '../../support/programs.ts'

describe.skipIf(!hasPrograms('rsync'))('a snapshot that is copied twice, since its service is held', () => {
  let folder: string
  const vault = () => ({ on: 'web1', folder: join(folder, 'tank'), base: join(folder, 'tank/web1/shop') })
  const options = optionsSchema.parse({ to: '/tank', acls: false, xattrs: false })

  function run(script: Script): string {
    const input = render(lines(raw('set -eu'), script), () => '')
    const { status, stdout, stderr } = spawnSync('sh', ['-s'], { input, encoding: 'utf8' })
    expect(status, `${stdout}${stderr}`).toBe(0)
    return stdout
  }
  /** The checksums in the manifest of a snapshot that is verified in whole. */
  function backUp(second: number, offered: string): readonly string[] {
    const id = `20261122T14031${String(second)}Z`
    const begun = readBegun(run(beginScript(vault(), id, 10, offered)))
    const settings = settingsSchema.parse({})
    const pass = { vault: vault(), id, begun, options, settings, from: join(folder, 'data'), hasWarm: true } as const
    run(passScript({ ...pass, into: 'warm', hasWarm: false }))
    run(passScript({ ...pass, into: 'data' }))
    const said = {
      host: 'web1',
      service: 'shop',
      release: 'null',
      releaseId: '',
      before: '',
      allowShrunk: false,
      allowEmpty: false,
    }
    run(sealScript({ ...pass, ...said, startedAt: '2026-11-22T14:03:11.000Z' }))
    run(verifyScript(vault(), id, options, 'full'))
    const manifest = readFileSync(join(vault().base, id, 'manifest'), 'utf8')
    return [...manifest.matchAll(/^f (\S+) /gm)].map(([, sum = '']) => sum)
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'srv-sums-'))
    mkdirSync(join(folder, 'data'))
    for (const name of ['a', 'b']) writeFileSync(join(folder, 'data', name), name)
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it('knows the checksums of what did not change, also with others than before', () => {
    const first = backUp(1, 'xxh128')
    const md5 = ['0cc175b9c0f1b6a831c399e269772661', '92eb5ffee6ae2fec3ad71c777531578f']
    expect(first).not.toEqual(md5)
    expect(backUp(2, 'md5')).toEqual(md5)
    expect(backUp(3, 'md5')).toEqual(md5)
    expect(backUp(4, 'xxh128')).toEqual(first)
  })

  it('knows them after a run that failed', () => {
    const first = backUp(1, 'xxh128')
    run(beginScript(vault(), '20261122T140312Z', 10, 'xxh128'))
    expect(backUp(3, 'xxh128')).toEqual(first)
    expect(backUp(4, 'xxh128')).toEqual(first)
  })
})
