import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasPrograms } from '../../support/programs.ts'
import { Maker } from './maker.ts'

describe.skipIf(!hasPrograms('rsync'))('a snapshot that is copied twice, since its service is held', () => {
  let maker: Maker
  const nameOf = (second: number): string => `20261122T14031${String(second)}Z`

  /** The checksums in the manifest of a snapshot that is verified in whole. */
  function backUp(second: number, offered: string): readonly string[] {
    const id = nameOf(second)
    maker.offered = offered
    maker.make(id)
    maker.verify(id)
    return [...readFileSync(maker.kept(id, 'manifest'), 'utf8').matchAll(/^f (\S+) /gm)].map(([, sum = '']) => sum)
  }

  beforeEach(() => {
    maker = new Maker()
    maker.hasWarm = true
    for (const name of ['a', 'b']) writeFileSync(maker.data(name), name)
  })
  afterEach(() => {
    maker.remove()
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
    maker.begin(nameOf(2))
    expect(backUp(3, 'xxh128')).toEqual(first)
    expect(backUp(4, 'xxh128')).toEqual(first)
  })
})
