import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { meaning, meaningBack } from '../../../plugins/rsync-backup/scripts/meaning.ts'
import { listScript, unfinishedScript } from '../../../plugins/rsync-backup/scripts/prune.ts'
import { onItself, sendScript } from '../../../plugins/rsync-backup/scripts/restore.ts'
import { hasPrograms, mayMount } from '../../support/programs.ts'
import { first, Maker, second, third } from './maker.ts'

describe.skipIf(!mayMount || !hasPrograms('rsync'))('where the disk of the snapshots gets full', () => {
  let maker: Maker

  /** The good one is what it was, and the next one is made. */
  function expectHarmless(): void {
    expect(maker.ids()).toEqual([first])
    expect(readlinkSync(maker.kept('latest'))).toBe(first)
    maker.verify(first)
    expect(maker.make(third).state).toBe('good')
    expect(maker.ids()).toEqual([first, third])
    expect(maker.hidden()).toEqual([])
  }

  beforeEach(() => {
    maker = new Maker({ keep: { last: 5 } })
    mkdirSync(maker.at('tank'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=5m', 'tmpfs', maker.at('tank')])
    writeFileSync(maker.data('one'), 'one')
    maker.make(first)
  })
  afterEach(() => {
    execFileSync('umount', ['-l', maker.at('tank')])
    maker.remove()
  })

  it('in the copy: it is told as that, and nothing good goes', () => {
    writeFileSync(maker.data('large'), randomBytes(8_000_000))
    const { code, stderr } = maker.attempt(maker.passText(second, maker.begin(second), 'data'))
    expect(code).not.toBe(0)
    expect(meaning(code ?? 0, stderr)).toBe('there is no space left where the snapshots are kept')
    // Somebody makes room.
    rmSync(maker.data('large'))
    rmSync(maker.kept(`.staging-${second}`), { recursive: true })
    expectHarmless()
  })

  it('while it is compared: it is told as that, and is no snapshot of what was before', () => {
    writeFileSync(maker.data('two'), 'two')
    const begun = maker.begin(second)
    execFileSync('sh', ['-c', 'cat /dev/zero >"$0" 2>/dev/null || :', maker.at('tank/filler')])
    const { code, stderr } = maker.attempt(maker.passText(second, begun, 'data'))
    expect(code).not.toBe(0)
    expect(meaning(code ?? 0, stderr)).toBe('there is no space left where the snapshots are kept')
    rmSync(maker.at('tank/filler'))
    expectHarmless()
    expect(readFileSync(maker.kept(third, 'data/two'), 'utf8')).toBe('two')
  })

  it('in a restore: it is told as that', () => {
    writeFileSync(maker.data('large'), randomBytes(3_000_000))
    maker.make(second)
    const what = { kind: 'data', folder: maker.at('tank/back'), shell: onItself } as const
    const { code, stderr } = maker.attempt(sendScript(maker.vault, second, maker.options, what))
    expect(code).not.toBe(0)
    expect(meaningBack(code ?? 0, stderr)).toBe('there is no room left where it is brought to')
  })

  it('once all is copied: it is told as that, and nothing good goes', () => {
    writeFileSync(maker.data('two'), 'two')
    const begun = maker.begin(second)
    maker.run(maker.passText(second, begun, 'data'))
    execFileSync('sh', ['-c', 'cat /dev/zero >"$0" 2>/dev/null || :', maker.at('tank/filler')])
    const { code, stderr } = maker.attempt(maker.sealText(second, begun))
    expect(code).not.toBe(0)
    expect(meaning(code ?? 0, stderr)).toBe('there is no space left where the snapshots are kept')
    rmSync(maker.at('tank/filler'))
    expectHarmless()
    expect(readFileSync(maker.kept(third, 'data/two'), 'utf8')).toBe('two')
  })

  describe('in the very first copy', () => {
    const whole = randomBytes(3_000_000)
    const cut = randomBytes(4_000_000)
    const copied = (...parts: readonly string[]): string => maker.kept(`.staging-${second}`, 'data', ...parts)

    beforeEach(() => {
      rmSync(maker.vault.base, { recursive: true })
      writeFileSync(maker.data('large'), whole)
      writeFileSync(maker.data('larger'), cut)
      const { code, stderr } = maker.attempt(maker.passText(second, maker.begin(second), 'data'))
      expect(meaning(code ?? 0, stderr)).toBe('there is no space left where the snapshots are kept')
      // Of one file a part is there under its name.
      expect(statSync(copied('larger')).size).toBeLessThan(cut.length)
      expect([maker.ids(), maker.hidden(), existsSync(maker.kept('latest'))]).toEqual([
        [],
        [`.staging-${second}`],
        false,
      ])
      expect(maker.run(listScript(maker.vault))).toBe('')
    })

    it('what is whole is not copied again once there is room, and what is not is', () => {
      execFileSync('mount', ['-o', 'remount,size=40m', maker.at('tank')])
      const { ino } = statSync(copied('large'))
      expect(maker.begin(third)).toMatchObject({ last: undefined, aborted: `.staging-${second}` })
      rmSync(maker.kept(`.staging-${third}`), { recursive: true })
      expect(maker.make(third)).toMatchObject({ state: 'good', files: 3, bytes: 7_000_003, newFiles: 2 })
      expect(statSync(maker.kept(third, 'data/large')).ino).toBe(ino)
      expect(readFileSync(maker.kept(third, 'data/large')).equals(whole)).toBe(true)
      expect(readFileSync(maker.kept(third, 'data/larger')).equals(cut)).toBe(true)
      maker.verify(third)
      expect(maker.hidden()).toEqual([])
    })

    it('it is removed when somebody asks for that, and there is room for a smaller one', () => {
      rmSync(maker.data('larger'))
      expect(maker.run(unfinishedScript(maker.vault))).toBe(`.staging-${second}\n`)
      expect(maker.hidden()).toEqual([])
      expect(maker.run(unfinishedScript(maker.vault))).toBe('')
      expect(maker.make(third)).toMatchObject({ state: 'good', files: 2, newFiles: 2 })
    })
  })
})
