import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { judgeScript, listScript } from '../../../plugins/rsync-backup/scripts/prune.ts'
import { soughtScript } from '../../../plugins/rsync-backup/scripts/sought.ts'
import { readListed, unreadableIn } from '../../../plugins/rsync-backup/snapshot.ts'
import { hasPrograms } from '../../support/programs.ts'
import { Maker } from './maker.ts'

const [first, second, third] = ['20261122T140311Z', '20261122T140312Z', '20261122T140313Z'] as const

describe.skipIf(!hasPrograms('rsync'))('a snapshot that nobody can tell to be good', () => {
  let maker: Maker
  beforeEach(() => {
    maker = new Maker()
    writeFileSync(maker.data('one'), 'one')
    maker.make(first)
    maker.make(second)
  })
  afterEach(() => {
    maker.remove()
  })

  it.each([
    ['empty', () => ''],
    ['missing', () => undefined],
    ['of a state that is none', (text: string) => text.replace('"good"', '"goot"')],
    ['of a count that is none', (text: string) => text.replace('"files":1', '"files":1x')],
    ['without a size', (text: string) => text.replace('"bytes":3', '"bytes":')],
    ['cut off', (text: string) => text.slice(0, -20)],
  ])('as its description is %s: it is listed, found, and not gone on from', (_, damaged) => {
    const file = maker.kept(second, 'snapshot.json')
    const text = damaged(readFileSync(file, 'utf8'))
    if (text === undefined) rmSync(file)
    else writeFileSync(file, text)
    expect(readListed(maker.run(listScript(maker.vault))).map(({ id, state }) => [id, state])).toEqual([
      [second, 'unreadable'],
      [first, 'good'],
    ])
    expect(unreadableIn(maker.run(soughtScript(maker.vault, {})))).toEqual([second])
    expect(unreadableIn(maker.run(soughtScript(maker.vault, { snapshot: second })))).toEqual([second])
    expect(maker.run(judgeScript(maker.vault, { last: 1, semantics: 'restic' }))).toContain(
      `keep ${second} unreadable: `,
    )
    expect(maker.begin(third).last).toBe(first)
  })

  it('is one whose description is that of another', () => {
    writeFileSync(maker.kept(second, 'snapshot.json'), readFileSync(maker.kept(first, 'snapshot.json')))
    expect(unreadableIn(maker.run(listScript(maker.vault)))).toEqual([second])
    expect(unreadableIn(maker.run(soughtScript(maker.vault, {})))).toEqual([second])
  })

  it('is told only where no good one is newer', () => {
    writeFileSync(maker.kept(first, 'snapshot.json'), '')
    expect(unreadableIn(maker.run(soughtScript(maker.vault, {})))).toEqual([])
    expect(unreadableIn(maker.run(soughtScript(maker.vault, { until: first })))).toEqual([first])
    expect(unreadableIn(maker.run(listScript(maker.vault)))).toEqual([first])
  })
})
