import { execFileSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { onItself, sendScript } from '../../../plugins/rsync-backup/scripts/restore.ts'
import { hasPrograms, isRequired, mayMount } from '../../support/programs.ts'
import { Maker } from './maker.ts'

const [monday, tuesday, wednesday] = ['20261123T030000Z', '20261124T030000Z', '20261125T030000Z'] as const
/** The second in which Monday's snapshot begins. */
const then = Date.UTC(2026, 10, 23, 3) / 1000
const hasLoops = isRequired || existsSync('/dev/loop-control')

describe.skipIf(!mayMount || !hasLoops || !hasPrograms('rsync', 'mkfs.ext4'))(
  'snapshots on a file system that keeps whole seconds',
  () => {
    let maker: Maker
    const inode = (id: string, name: string): number => statSync(maker.kept(id, 'data', name)).ino
    const content = (id: string, name = 'one'): string => readFileSync(maker.kept(id, 'data', name), 'utf8')
    function write(name: string, text: string, time: number): void {
      writeFileSync(maker.data(name), text)
      utimesSync(maker.data(name), time, time)
    }
    /** It is good, what its manifest says, and has the content of now. */
    function expectRight(id: string): void {
      maker.verify(id)
      expect(maker.differences(id, '0')).toBe('')
    }

    beforeEach(() => {
      maker = new Maker({ checksumEvery: 100 })
      mkdirSync(maker.at('tank'))
      writeFileSync(maker.at('image'), '')
      truncateSync(maker.at('image'), 32_000_000)
      // With inodes of 128 bytes there is no room for more than seconds.
      execFileSync('mkfs.ext4', ['-q', '-I', '128', maker.at('image')], { stdio: 'pipe' })
      execFileSync('mount', ['-o', 'loop', maker.at('image'), maker.at('tank')])
      write('old', 'old', then - 86_400)
    })
    afterEach(() => {
      execFileSync('umount', ['-l', maker.at('tank')])
      maker.remove()
    })

    it('have what was written again in the second in which it was copied, and link what was not', () => {
      expect(maker.begin(monday).window).toBe('0')
      write('one', 'first', then + 0.25)
      write('same', 'same', then + 0.25)
      expect(maker.make(monday)).toMatchObject({ state: 'good', newFiles: 3 })
      write('one', 'again', then + 0.75)
      expect(maker.make(tuesday)).toMatchObject({ state: 'good', files: 3, newFiles: 2 })
      expect([content(monday), content(tuesday)]).toEqual(['first', 'again'])
      expect(inode(tuesday, 'old')).toBe(inode(monday, 'old'))
      expectRight(tuesday)
      // By now none of them was written lately.
      expect(maker.make(wednesday)).toMatchObject({ state: 'good', files: 3, newFiles: 0 })
      for (const name of ['old', 'one', 'same']) expect(inode(wednesday, name)).toBe(inode(tuesday, name))
      expectRight(wednesday)
      maker.verify(monday)
      expect(maker.hidden()).toEqual([])
    })

    it.each([
      ['through a gate', (made: Maker) => (made.isGated = true)],
      ['by a keeper that is not root', (made: Maker) => made.actAsNobody()],
    ])('have it also %s', (_, happens) => {
      write('one', 'first', then + 0.25)
      happens(maker)
      maker.make(monday)
      write('one', 'again', then + 0.75)
      expect(maker.make(tuesday)).toMatchObject({ state: 'good', newFiles: 1 })
      expect([content(monday), content(tuesday)]).toEqual(['first', 'again'])
      maker.verify(tuesday)
    })

    it('have it under each of its names', () => {
      write('one', 'first', then + 0.25)
      linkSync(maker.data('one'), maker.data('also one'))
      maker.make(monday)
      write('one', 'again', then + 0.75)
      maker.make(tuesday)
      expect([content(tuesday), content(tuesday, 'also one')]).toEqual(['again', 'again'])
      expect(inode(tuesday, 'also one')).toBe(inode(tuesday, 'one'))
      expectRight(tuesday)
      expect(content(monday)).toBe('first')
    })

    it('have what was written between the two copies of a service that is held', () => {
      maker.hasWarm = true
      maker.make(monday)
      const begun = maker.begin(tuesday)
      const during = then + 86_400
      write('one', 'first', during + 0.25)
      maker.run(maker.passText(tuesday, begun, 'warm'))
      write('one', 'again', during + 0.75)
      maker.run(maker.passText(tuesday, begun, 'data'))
      maker.run(maker.sealText(tuesday, begun))
      expect(content(tuesday)).toBe('again')
      expect(inode(tuesday, 'old')).toBe(inode(monday, 'old'))
      expectRight(tuesday)
    })

    it('have it after a run that died, and call nothing rotten', () => {
      write('one', 'zeroth', then + 0.125)
      maker.make(monday)
      write('one', 'first.', then + 0.25)
      write('two', 'first', then + 86_400.25)
      maker.run(maker.passText(tuesday, maker.begin(tuesday), 'data'))
      expect(readFileSync(maker.kept(`.staging-${tuesday}`, 'data/one'), 'utf8')).toBe('first.')
      write('two', 'again', then + 86_400.75)
      expect(maker.make(wednesday)).toMatchObject({ state: 'good', note: '' })
      expect([content(wednesday), content(wednesday, 'two')]).toEqual(['first.', 'again'])
      expectRight(wednesday)
      expect(maker.hidden()).toEqual([])
    })

    it('link what is dated far ahead, every night', () => {
      write('ahead', 'ahead', Date.UTC(2035, 0) / 1000)
      maker.make(monday)
      expect(maker.make(tuesday).newFiles).toBe(0)
      expect(inode(tuesday, 'ahead')).toBe(inode(monday, 'ahead'))
    })

    it('give back what they have', () => {
      write('one', 'one', then + 0.25)
      maker.make(monday)
      const sending = { kind: 'data', folder: maker.at('back'), shell: onItself, isChecked: true } as const
      maker.run(sendScript(maker.vault, monday, maker.options, sending))
      expect(readFileSync(maker.at('back/one'), 'utf8')).toBe('one')
      expect(statSync(maker.at('back/one')).mtimeMs).toBe(then * 1000)
    })
  },
)
