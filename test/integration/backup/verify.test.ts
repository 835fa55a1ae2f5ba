import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { optionsSchema, settingsSchema } from '../../../plugins/rsync-backup/options.ts'
import { beginScript, readBegun } from '../../../plugins/rsync-backup/scripts/begin.ts'
import { passScript } from '../../../plugins/rsync-backup/scripts/copy.ts'
import type { Pass } from '../../../plugins/rsync-backup/scripts/pass.ts'
import { sealScript } from '../../../plugins/rsync-backup/scripts/seal.ts'
import { notIntact } from '../../../plugins/rsync-backup/scripts/checked.ts'
import { notThere } from '../../../plugins/rsync-backup/scripts/reading.ts'
import { verifyScript, type Level } from '../../../plugins/rsync-backup/scripts/verify.ts'
import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { render } from '../../../src/shell/script.ts'
import { hasPrograms } from '../../support/programs.ts'
import { isRoot } from './servers.ts'

const id = '20261122T140311Z'
const time = 1_700_000_000

describe.skipIf(!hasPrograms('rsync'))('a snapshot that is compared with its manifest', () => {
  let folder: string
  const vault = () => ({ on: 'web1', folder: join(folder, 'tank'), base: join(folder, 'tank/web1/shop') })
  const options = optionsSchema.parse({ to: '/tank', acls: false, xattrs: false })
  const inIt = (name: string): string => join(vault().base, id, 'data', name)

  function run(script: Script) {
    const input = render(script, () => '')
    const { status, stdout, stderr } = spawnSync('sh', ['-s'], { input, encoding: 'utf8' })
    const said = stdout.split('\n').filter((line) => line !== '')
    return {
      code: status,
      said,
      ...(status === 1 || status === notThere ? { problem: stderr.replace(/\n$/, '') } : {}),
    }
  }
  const verify = (level: Level) => run(verifyScript(vault(), id, options, level))

  function snapshot(files: number, others: readonly string[] = []): void {
    const from = join(folder, 'data')
    mkdirSync(from)
    const numbered = Array.from({ length: files }, (_, index) => `file ${String(index + 1)}`)
    for (const name of [...numbered, ...others]) {
      writeFileSync(join(from, name), 'as it was')
      utimesSync(join(from, name), time, time)
    }
    // A name that goes in the same second would change no time of the folder.
    utimesSync(from, time, time)
    const strict = (script: Script): string => {
      const { code, said } = run(lines(raw('set -eu'), script))
      expect(code).toBe(0)
      return said.join('\n')
    }
    const begun = readBegun(strict(beginScript(vault(), id, 10, 'xxh128')))
    const settings = settingsSchema.parse({})
    const pass: Pass = { vault: vault(), id, begun, options, settings, from, into: 'data', hasWarm: false }
    strict(passScript(pass))
    const allowed = { allowShrunk: false, allowEmpty: false }
    const said = { host: 'web1', service: 'shop', release: 'null', releaseId: '', before: '' }
    strict(sealScript({ ...pass, ...said, ...allowed, startedAt: '2026-11-22T14:03:11.000Z' }))
  }
  /** Another byte, of which size and time say nothing. */
  function flip(name: string): void {
    writeFileSync(inIt(name), 'As it was')
    utimesSync(inIt(name), time, time)
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'srv-verify-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it.skipIf(!isRoot)('tells an owner that is another one', () => {
    snapshot(2)
    chownSync(inIt('file 1'), 54_321, 54_322)
    for (const level of ['quick', 'full'] as const) {
      expect(verify(level)).toEqual({ code: notIntact, said: ['differs in owner: file 1'] })
    }
  })

  it('quickly: finds what is missing and a mode, and no other byte', () => {
    snapshot(2)
    flip('file 1')
    expect(verify('quick')).toEqual({ code: 0, said: [] })
    expect(verify('full')).toEqual({ code: notIntact, said: ['differs in content: file 1'] })
    chmodSync(inIt('file 1'), 0o600)
    expect(verify('quick')).toEqual({ code: notIntact, said: ['differs in mode: file 1'] })
    rmSync(inIt('file 2'))
    expect(verify('quick').said.toSorted()).toEqual([
      'differs in mode: file 1',
      'differs in time: ./',
      'missing file 2',
    ])
  })

  it('by a sample: reads all of few files', () => {
    snapshot(20)
    expect(verify('sample')).toEqual({ code: 0, said: ['sampled 20 of 20'] })
    flip('file 7')
    expect(verify('sample')).toEqual({ code: notIntact, said: ['sampled 20 of 20', 'differs in content: file 7'] })
  })

  it('by a sample: reads what is named like a comment of rsync, or an option', () => {
    const names = ['#one', ';two', ' three', '-four', '--five']
    snapshot(0, names)
    expect(verify('sample')).toEqual({ code: 0, said: ['sampled 5 of 5'] })
    for (const name of names) flip(name)
    const { code, said } = verify('sample')
    expect([code, said.toSorted()]).toEqual([
      notIntact,
      [...names.map((name) => `differs in content: ${name}`), 'sampled 5 of 5'].toSorted(),
    ])
  })

  it('by a sample: says when less was read than it asked for', () => {
    snapshot(3)
    const rsync = execFileSync('sh', ['-c', 'command -v rsync'], { encoding: 'utf8' }).trim()
    const tools = join(folder, 'tools')
    mkdirSync(tools)
    const deaf = `#!/bin/sh\n${rsync} "$@" >"$0.said"\ncase $* in *--files-from*) grep -v 'file 2' "$0.said" ;; *) cat "$0.said" ;; esac\n`
    writeFileSync(join(tools, 'rsync'), deaf, { mode: 0o755 })
    const script = lines(sh`PATH=${tools}:"$PATH"`, verifyScript(vault(), id, options, 'sample'))
    expect(run(script)).toEqual({
      code: notIntact,
      said: ['sampled 3 of 3', 'the content of only 2 of 3 files was read'],
    })
  })

  it.each([
    ['rsync', 'exit 127', (base: string) => `rsync could not list ${base}/${id}/data`],
    ['rsync', 'exit 12', (base: string) => `rsync could not list ${base}/${id}/data`],
    ['mktemp', 'exit 1', () => 'no temporary folder can be made'],
    ['sha256sum', 'exit 127', () => `the manifest of ${id} cannot be read`],
    ['awk', 'exit 2', () => 'awk failed: '],
  ])('is not said to differ where %s does not work', (name, text, problem) => {
    snapshot(2)
    const tools = join(folder, 'tools')
    mkdirSync(tools)
    writeFileSync(join(tools, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    const script = lines(sh`PATH=${tools}:"$PATH"`, verifyScript(vault(), id, options, 'full'))
    expect(run(script)).toEqual({ code: 1, said: [], problem: problem(vault().base) })
    expect(run(lines(verifyScript(vault(), '20261122T140312Z', options, 'full')))).toMatchObject({
      code: notThere,
      problem: `there is no snapshot 20261122T140312Z in ${vault().base}`,
    })
  })

  it('by a sample: reads twenty of some, and the twentieth part of many', () => {
    snapshot(401)
    for (let file = 1; file <= 401; file++) flip(`file ${String(file)}`)
    const { code, said } = verify('sample')
    expect([code, said[0], said.length]).toEqual([notIntact, 'sampled 21 of 401', 22])
    expect(new Set(said).size).toBe(22)
  })
})
