import { mkdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasPrograms } from '../../support/programs.ts'
import { first, Maker, second, third } from './maker.ts'

describe.skipIf(!hasPrograms('rsync'))('a snapshot is suspect', () => {
  let maker: Maker
  const dump = (name: string, bytes: number): void => {
    writeFileSync(maker.at('dumps', name), 'x'.repeat(bytes))
  }

  beforeEach(() => {
    maker = new Maker()
    mkdirSync(maker.at('dumps'))
  })
  afterEach(() => {
    maker.remove()
  })

  it('when one of its dumps has lost half, however much else there is', () => {
    for (const name of ['one', 'two']) {
      writeFileSync(maker.data(name), '')
      truncateSync(maker.data(name), 10_000_000)
    }
    dump('db.sql', 8000)
    dump('shop.sql', 9000)
    expect(maker.make(first)).toMatchObject({ state: 'good', files: 4, bytes: 20_017_000 })
    dump('db.sql', 100)
    const note = `less than half of the dump db.sql of ${first}`
    expect(maker.make(second)).toMatchObject({ state: 'suspect', note, files: 4, bytes: 20_009_100 })
    expect(readlinkSync(maker.kept('latest'))).toBe(first)
    // A dump that the config no longer has is none that shrank.
    rmSync(maker.at('dumps/db.sql'))
    expect(maker.make(third)).toMatchObject({ state: 'good', files: 3 })
  })

  it('and says so whatever a name is', () => {
    writeFileSync(maker.data('one'), 'one')
    const name = 'a"b \\ c.sql'
    dump(name, 8000)
    maker.make(first)
    dump(name, 100)
    const note = `less than half of the dump ab  c.sql of ${first}`
    expect(maker.make(second)).toMatchObject({ state: 'suspect', note })
  })

  it('when something is not mounted any more in which there were files, until that is accepted', () => {
    for (const name of ['one', 'two', 'three']) writeFileSync(maker.data(name), name)
    for (const name of ['big', 'empty', 'odd "%\\, x']) mkdirSync(maker.data(name))
    for (const name of ['big/file', 'odd "%\\, x/file']) writeFileSync(maker.data(name), '')
    maker.mounts = 'big empty gone odd%040%042%045%134%054%040x'
    expect(maker.make(first)).toMatchObject({ state: 'good', note: '' })
    rmSync(maker.data('big/file'))
    maker.mounts = 'bigger'
    const note = `nothing mounted any more at data/big, data/odd %, x, as there was for ${first}`
    expect(maker.make(second)).toMatchObject({ state: 'suspect', note })
    expect(readlinkSync(maker.kept('latest'))).toBe(first)
    maker.allowShrunk = true
    expect(maker.make(third)).toMatchObject({ state: 'good', note: '' })
    maker.allowShrunk = false
    expect(maker.make('20261122T140314Z')).toMatchObject({ state: 'good', note: '' })
  })

  it('when its files have lost half, however large its dumps are', () => {
    for (const name of ['one', 'two', 'three']) writeFileSync(maker.data(name), name)
    dump('db.sql', 1_000_000)
    maker.make(first)
    for (const name of ['two', 'three']) rmSync(maker.data(name))
    const note = `less than half of ${first}: 1 file, 3 B instead of 3 files, 11 B`
    expect(maker.make(second)).toMatchObject({ state: 'suspect', note })
  })

  it('when half of its files are gone, although nearly all of its bytes are there', () => {
    for (const name of ['two', 'three']) writeFileSync(maker.data(name), '')
    writeFileSync(maker.data('one'), 'x'.repeat(1000))
    maker.make(first)
    for (const name of ['two', 'three']) rmSync(maker.data(name))
    const note = `less than half of ${first}: 1 file, 1 kB instead of 3 files, 1 kB`
    expect(maker.make(second)).toMatchObject({ state: 'suspect', note })
  })

  it('and says how much there is and was in units for people', () => {
    for (const [name, bytes] of [
      ['one', 5300],
      ['two', 994_300],
    ] as const) {
      writeFileSync(maker.data(name), '')
      truncateSync(maker.data(name), bytes)
    }
    maker.make(first)
    rmSync(maker.data('two'))
    const note = `less than half of ${first}: 1 file, 5.3 kB instead of 2 files, 1 MB`
    expect(maker.make(second)).toMatchObject({ state: 'suspect', note })
  })

  it('when there is no file in it, the first one too, unless the config says so', () => {
    mkdirSync(maker.data('folder'))
    const note = 'no files, and allowEmpty is not set'
    expect(maker.make(first)).toMatchObject({ state: 'suspect', note })
    maker.allowEmpty = true
    expect(maker.make(second)).toMatchObject({ state: 'good', note: '' })
    maker.allowEmpty = false
    dump('db.sql', 10)
    expect(maker.make(third)).toMatchObject({ state: 'good', files: 1 })
  })
})
