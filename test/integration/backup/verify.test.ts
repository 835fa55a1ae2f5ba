import { chmodSync, chownSync, linkSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { notIntact } from '../../../plugins/rsync-backup/scripts/checked.ts'
import { notThere } from '../../../plugins/rsync-backup/scripts/reading.ts'
import { verifyScript, type Level } from '../../../plugins/rsync-backup/scripts/verify.ts'
import { withoutProgress } from '../../../plugins/rsync-backup/tasks/context.ts'
import { readTold } from '../../../plugins/rsync-backup/scripts/read-told.ts'
import { lines, raw } from '../../../src/index.ts'
import { hasPrograms } from '../../support/programs.ts'
import { first, Maker, second } from './maker.ts'
import { isRoot } from './servers.ts'

const time = 1_700_000_000

describe.skipIf(!hasPrograms('rsync'))('a snapshot that is compared with its manifest', () => {
  let maker: Maker
  const inIt = (name: string): string => maker.kept(first, 'data', name)

  function verify(level: Level, id: string = first) {
    const { code, stdout, stderr } = maker.attempt(verifyScript(maker.vault, id, maker.options, level))
    const said = stdout.split('\n').filter((line) => line !== '')
    return {
      code,
      said,
      ...(code === 1 || code === notThere ? { problem: withoutProgress(stderr).join('\n').replace(/\n$/, '') } : {}),
    }
  }

  function snapshot(files: number, others: readonly string[] = []): void {
    const numbered = Array.from({ length: files }, (_, index) => `file ${String(index + 1)}`)
    for (const name of [...numbered, ...others]) {
      writeFileSync(maker.data(name), 'as it was')
      utimesSync(maker.data(name), time, time)
    }
    // A name that goes in the same second would change no time of the folder.
    utimesSync(maker.data(), time, time)
    maker.make(first)
  }
  /** Another byte, of which size and time say nothing. */
  function flip(name: string): void {
    writeFileSync(inIt(name), 'As it was')
    utimesSync(inIt(name), time, time)
  }

  beforeEach(() => {
    maker = new Maker()
  })
  afterEach(() => {
    maker.remove()
  })

  it.skipIf(!isRoot)('tells an owner that is another one', () => {
    snapshot(2)
    chownSync(inIt('file 1'), 54_321, 54_322)
    for (const level of ['quick', 'full'] as const) {
      expect(verify(level)).toEqual({ code: notIntact, said: ['differs in owner: file 1'] })
    }
  })

  it.skipIf(!isRoot)('tells a group alone that is another one', () => {
    snapshot(2)
    const { uid } = statSync(inIt('file 1'))
    chownSync(inIt('file 1'), uid, 54_322)
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

  it('says how much of the content was read by now, and of how much', () => {
    maker.offered = 'md5'
    const size = 64 * 1024 * 1024
    writeFileSync(maker.data('big'), Buffer.alloc(size, 1))
    // Each name is read, and takes no room.
    for (let name = 1; name < 32; name++) linkSync(maker.data('big'), maker.data(`big ${String(name)}`))
    const { bytes } = maker.make(first)
    expect(bytes).toBe(32 * size)
    for (const [level, of] of [
      ['full', 32],
      ['sample', 20],
    ] as const) {
      const { code, stderr } = maker.attempt(verifyScript(maker.vault, first, maker.options, level))
      const told = stderr.split('\n').filter((line) => line !== '')
      const read = told.map((line) =>
        Number(new RegExp(`^progress read (\\d+) of ${String(of * size)}$`).exec(line)?.[1]),
      )
      expect([code, read[0]]).toEqual([0, 0])
      expect(read.length).toBeGreaterThan(1)
      expect(read).toEqual(read.toSorted((one, other) => one - other))
      expect(read.at(-1)).toBeLessThanOrEqual((of + 1) * size)
    }
    expect(maker.attempt(verifyScript(maker.vault, first, maker.options, 'quick')).stderr).toBe('')
  })

  it('says nothing more of a program that ends before anybody watches it', () => {
    const often = raw('for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do told_reading true; done')
    expect(maker.attempt(lines(readTold, often))).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('by a sample: reads all of few files', () => {
    snapshot(20)
    expect(verify('sample')).toEqual({ code: 0, said: ['sampled 20 of 20'] })
    flip('file 7')
    expect(verify('sample')).toEqual({ code: notIntact, said: ['sampled 20 of 20', 'differs in content: file 7'] })
  })

  it('by a sample: tells each difference once', () => {
    snapshot(2)
    chmodSync(inIt('.'), 0o700)
    chmodSync(inIt('file 1'), 0o600)
    flip('file 1')
    const { code, said } = verify('sample')
    const differences = ['differs in content mode: file 1', 'differs in mode: ./']
    expect([code, said.toSorted()]).toEqual([notIntact, [...differences, 'sampled 2 of 2']])
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
    const said = maker.at('said')
    maker.beforeRsync(
      `"$rsync" "$@" >${said}\ncase $* in *--files-from*) grep -v 'file 2' ${said} ;; *) cat ${said} ;; esac; exit`,
    )
    expect(verify('sample')).toEqual({
      code: notIntact,
      said: ['sampled 3 of 3', 'the content of only 2 of 3 files was read'],
    })
  })

  it.each([
    ['rsync', 'exit 127', (base: string) => `rsync could not list ${base}/${first}/data`],
    ['rsync', 'exit 12', (base: string) => `rsync could not list ${base}/${first}/data`],
    ['mktemp', 'exit 1', () => 'no temporary folder can be made'],
    ['sha256sum', 'exit 127', () => `the manifest of ${first} cannot be read`],
    ['awk', 'exit 2', () => 'awk failed: '],
  ])('is not said to differ where %s does not work', (name, text, problem) => {
    snapshot(2)
    writeFileSync(maker.at('tools', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    expect(verify('full')).toEqual({ code: 1, said: [], problem: problem(maker.vault.base) })
    rmSync(maker.at('tools', name))
    expect(verify('full', second)).toMatchObject({
      code: notThere,
      problem: `there is no snapshot ${second} in ${maker.vault.base}`,
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
