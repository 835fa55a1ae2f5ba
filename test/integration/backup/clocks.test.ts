import { mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasPrograms } from '../../support/programs.ts'
import { first, Maker, second, third } from './maker.ts'

const ahead = '29990101T000000Z'

describe.skipIf(!hasPrograms('rsync'))('snapshots are named by clocks', () => {
  let maker: Maker

  beforeEach(() => {
    maker = new Maker()
    writeFileSync(maker.data('one'), 'one')
  })
  afterEach(() => {
    maker.remove()
  })

  it('one that is far ahead is refused, and says whose clock says what', () => {
    maker.make(first)
    const { code, stderr } = maker.attempt(maker.beginText(ahead))
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^the snapshot would be named 29990101T000000Z, but the clock of \S+, which keeps it, says \d{8}T\d{6}Z: set the clock that is wrong\n$/,
    )
    expect(maker.hidden()).toEqual([])
  })

  it('one that was far ahead once is not compared with, and not the newest', () => {
    maker.make(first)
    mkdirSync(maker.kept(ahead, 'data'), { recursive: true })
    writeFileSync(maker.kept(ahead, 'snapshot.json'), '{"state":"good","files":1000,"bytes":1000000}\n')
    expect(maker.begin(second).last).toBe(first)
    expect(maker.make(third).state).toBe('good')
    expect(readlinkSync(maker.kept('latest'))).toBe(third)
  })

  it('one that would be older than another is refused', () => {
    maker.make(second)
    const { code, stderr } = maker.attempt(maker.beginText(first))
    expect([code, stderr]).toEqual([
      1,
      `there is already a newer snapshot, ${second}, which would take precedence over one named ${first}: set the clock that is wrong, or wait until then\n`,
    ])
    expect(maker.ids()).toEqual([second])
  })

  it('the link to the newest is made whatever a run left that died over it', () => {
    maker.make(first)
    for (const id of [second, third]) symlinkSync(id, maker.kept(`.latest-${id}`))
    maker.make(third)
    expect(readlinkSync(maker.kept('latest'))).toBe(third)
    expect(maker.hidden()).toEqual([])
  })
})
