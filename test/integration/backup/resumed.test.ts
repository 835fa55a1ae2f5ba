import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasPrograms } from '../../support/programs.ts'
import { Maker } from './maker.ts'

const [first, second, third, fourth] = [
  '20261122T140311Z',
  '20261122T140312Z',
  '20261122T140313Z',
  '20261122T140314Z',
] as const

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

  it.each([0o500, 0])('and goes in the end, also folders of mode %i that are not of root', (mode) => {
    maker.hasWarm = true
    mkdirSync(maker.data('closed/inner'), { recursive: true })
    writeFileSync(maker.data('closed/inner/two'), 'two')
    chmodSync(maker.data('one'), 0o644)
    maker.actAsNobody()
    maker.make(first)
    const before = statSync(maker.kept(first, 'data/one'))
    const close = (id: string, into: string): void => {
      for (const folder of ['inner', '.']) chmodSync(maker.kept(id, into, 'closed', folder), mode)
    }
    for (const id of [second, third]) {
      const begun = maker.begin(id)
      maker.run(maker.passText(id, begun, 'warm'))
      maker.run(maker.passText(id, begun, 'data'))
      close(`.staging-${id}`, 'data')
      close(`.staging-${id}`, 'warm')
    }
    // The older one of the two goes at the beginning, the other one when there is something better, as does its own first copy.
    const begun = maker.begin(fourth)
    expect(maker.hidden().toSorted()).toEqual([`.staging-${third}`, `.staging-${fourth}`])
    maker.run(maker.passText(fourth, begun, 'warm'))
    maker.run(maker.passText(fourth, begun, 'data'))
    close(`.staging-${fourth}`, 'warm')
    maker.run(maker.sealText(fourth, begun))
    expect(maker.hidden()).toEqual([])
    expect(maker.described(fourth)).toMatchObject({ state: 'good', files: 2, newFiles: 0 })
    const after = statSync(maker.kept(first, 'data/one'))
    expect([after.ino, after.mode]).toEqual([before.ino, before.mode])
  })
})
