import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasPrograms } from '../../support/programs.ts'
import { first, fourth, Maker, second, third } from './maker.ts'

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

  it('also when another one broke after its dumps, and had nothing of the files', () => {
    mkdirSync(maker.at('dumps'))
    writeFileSync(maker.at('dumps/d.dump'), 'dumped')
    maker.run(maker.passText(first, maker.begin(first), 'data'))
    const copied = inode(maker.kept(`.staging-${first}`, 'data/one'))
    const begun = maker.begin(second)
    expect(begun.aborted).toBe(`.staging-${first}`)
    maker.run(maker.passText(second, begun, 'dumps'))
    expect(maker.begin(third).aborted).toBe(`.staging-${second} .staging-${first}`)
    expect(maker.make(fourth)).toMatchObject({ state: 'good', files: 2 })
    expect(inode(maker.kept(fourth, 'data/one'))).toBe(copied)
    expect(maker.hidden()).toEqual([])
  })

  it('of many attempts those that have the most', () => {
    const ids = Array.from({ length: 10 }, (_, at) => `2026111${String(at)}T140311Z`)
    const [much = '', little = '', ...others] = ids
    const attempt = (id: string, bytes: number): void => {
      mkdirSync(maker.kept(`.staging-${id}`, 'data'), { recursive: true })
      writeFileSync(maker.kept(`.staging-${id}`, 'data/one'), 'x'.repeat(bytes))
    }
    attempt(much, 90_000)
    attempt(little, 1)
    for (const id of others) attempt(id, 50_000)
    const begun = maker.begin('20261122T140311Z')
    const left = [much, ...others].toSorted().toReversed()
    expect(begun.aborted).toBe(left.map((id) => `.staging-${id}`).join(' '))
    // rsync refuses more folders than twenty.
    maker.hasWarm = true
    for (const id of left) mkdirSync(maker.kept(`.staging-${id}`, 'warm'))
    maker.run(maker.passText('20261122T140311Z', begun, 'warm'))
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
    // Both stay until there is something better, as does its own first copy.
    const begun = maker.begin(fourth)
    expect(maker.hidden().toSorted()).toEqual([second, third, fourth].map((id) => `.staging-${id}`))
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
