import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasPrograms } from '../../support/programs.ts'
import { Maker } from './maker.ts'

const [first, second, third] = ['20261122T140311Z', '20261122T140312Z', '20261122T140313Z'] as const

describe.skipIf(!hasPrograms('rsync'))('what a run had copied that died is not copied again', () => {
  let maker: Maker
  const inode = (path: string): number => statSync(path).ino

  beforeEach(() => {
    maker = new Maker()
    writeFileSync(maker.data('one'), 'one')
  })
  afterEach(() => {
    maker.remove()
  })

  it.each(['warm', 'data'] as const)('also when it was the first one, in %s', (into) => {
    maker.hasWarm = into === 'warm'
    maker.run(maker.passText(first, maker.begin(first), into))
    const copied = inode(maker.kept(`.staging-${first}`, into, 'one'))
    // Another that got nowhere takes nothing of it away.
    expect(maker.begin(second).aborted).toBe(`.staging-${first}`)
    mkdirSync(maker.kept(`.staging-${second}`, into))
    expect(maker.make(third)).toMatchObject({ state: 'good', files: 1, newFiles: 0 })
    expect(inode(maker.kept(third, 'data/one'))).toBe(copied)
    expect(maker.hidden()).toEqual([])
  })
})
