import { mkdirSync, readFileSync, readlinkSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readBegun } from '../../../plugins/rsync-backup/scripts/begin.ts'
import { verifyScript } from '../../../plugins/rsync-backup/scripts/verify.ts'
import { hasPrograms } from '../../support/programs.ts'
import { first, fourth, Maker, second, third } from './maker.ts'

describe.skipIf(!hasPrograms('rsync'))(
  'a byte that rots on the disk of the snapshots never becomes what is true',
  () => {
    let maker: Maker
    /** Other content of the same size, as a disk does it: times stay. */
    function rot(path: string): void {
      const { atime, mtime } = statSync(path)
      writeFileSync(path, 'b\0d')
      utimesSync(path, atime, mtime)
    }
    const content = (id: string): string => readFileSync(maker.kept(id, 'data/one'), 'utf8')
    const differences = (id: string): string =>
      maker.attempt(verifyScript(maker.vault, id, maker.options, 'full')).stdout
    /** Copies, and dies before there is a snapshot. */
    function dies(id: string): void {
      const begun = maker.begin(id)
      if (maker.hasWarm) maker.run(maker.passText(id, begun, 'warm'))
      maker.run(maker.passText(id, begun, 'data'))
    }

    beforeEach(() => {
      maker = new Maker()
      writeFileSync(maker.data('one'), 'one')
      utimesSync(maker.data('one'), 1_700_000_000.5, 1_700_000_000.5)
      maker.make(first)
    })
    afterEach(() => {
      maker.remove()
    })

    it.each([false, true])('after a run that died with new files; it is copied twice: %s', (hasWarm) => {
      maker.hasWarm = hasWarm
      writeFileSync(maker.data('two'), 'two')
      dies(second)
      rot(maker.kept(first, 'data/one'))
      const note = expect.stringMatching(
        /^1 file whose content changed on the disk of the snapshots .* written: one[.] Check/,
      )
      expect(maker.make(third)).toMatchObject({ state: 'suspect', note })
      expect(readlinkSync(maker.kept('latest'))).toBe(first)
      expect(differences(third)).toBe('differs in content: one\n')
      expect(maker.make(fourth)).toMatchObject({ state: 'good', note: '', newFiles: 2 })
      expect([content(fourth), differences(fourth)]).toEqual(['one', ''])
    })

    it('after a run that died without any: it is not read, and is found later', () => {
      dies(second)
      rot(maker.kept(first, 'data/one'))
      expect(maker.make(third)).toMatchObject({ state: 'good', newFiles: 0 })
      expect(differences(third)).toBe('differs in content: one\n')
    })

    it('when rsync was replaced: content is compared with that of the host, also of dumps', () => {
      mkdirSync(maker.at('dumps'))
      writeFileSync(maker.at('dumps/db'), 'sql')
      maker.make(second)
      rot(maker.kept(second, 'data/one'))
      rot(maker.kept(second, 'dumps/db'))
      maker.offered = 'md5'
      expect(maker.make(third)).toMatchObject({ state: 'good', checksum: 'md5', newFiles: 2 })
      expect([content(third), differences(third)]).toEqual(['one', ''])
      expect(readFileSync(maker.kept(third, 'dumps/db'), 'utf8')).toBe('sql')
      expect(maker.begin(fourth).checksum).toBe(false)
    })

    it('and what a dead run copied of a file that was written again in the same second is no rot', () => {
      writeFileSync(maker.data('one'), 'new')
      utimesSync(maker.data('one'), 1_700_000_000.75, 1_700_000_000.75)
      dies(second)
      expect(maker.make(third)).toMatchObject({ state: 'good', newFiles: 0 })
      expect([content(third), differences(third)]).toEqual(['new', ''])
    })

    it.each([
      ['another checksum in its manifest', false],
      ['another checksum in its manifest', true],
      ['no manifest', false],
    ])('when the last snapshot has %s; it is copied twice: %s', (damage, hasWarm) => {
      maker.hasWarm = hasWarm
      mkdirSync(maker.at('dumps'))
      for (const name of ['db', 'other']) writeFileSync(maker.at('dumps', name), 'sql')
      maker.make(second)
      const manifest = maker.kept(second, 'manifest')
      if (damage === 'no manifest') rmSync(manifest)
      else writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/^f [0-9a-f]{4}/gm, 'f 0000'))
      rot(maker.kept(second, 'data/one'))
      const note = `checksums of its own alone, all content having been compared with that of the host: the manifest of ${second} was changed after it was written. Check that disk, and verify older snapshots`
      expect(maker.make(third)).toMatchObject({ state: 'good', note, files: 3, newFiles: 1 })
      expect([content(third), differences(third)]).toEqual(['one', ''])
      expect(maker.make(fourth)).toMatchObject({ state: 'good', note: '', newFiles: 0 })
      expect(differences(fourth)).toBe('')
    })

    it('of an unchanged snapshot nothing is read', () => {
      const begun = readBegun(maker.run(maker.beginText(second)))
      expect(begun).toMatchObject({ checksum: false, unchecked: '1', last: first })
    })
  },
)
