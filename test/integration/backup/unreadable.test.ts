import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { judgeScript, listScript, pinScript } from '../../../plugins/rsync-backup/scripts/prune.ts'
import { notIntact } from '../../../plugins/rsync-backup/scripts/checked.ts'
import { soughtScript } from '../../../plugins/rsync-backup/scripts/sought.ts'
import { verifyScript } from '../../../plugins/rsync-backup/scripts/verify.ts'
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
  const lostIn = (stdout: string): readonly string[] => unreadableIn(stdout).map(({ id }) => id)
  const listed = (): readonly unknown[] =>
    readListed(maker.run(listScript(maker.vault))).map(({ id, state, note }) => [id, state, note])
  const judged = (): string => maker.run(judgeScript(maker.vault, { last: 1, semantics: 'restic' }))

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
    expect(lostIn(maker.run(soughtScript(maker.vault, {})))).toEqual([second])
    expect(lostIn(maker.run(soughtScript(maker.vault, { snapshot: second })))).toEqual([second])
    expect(maker.run(judgeScript(maker.vault, { last: 1, semantics: 'restic' }))).toContain(
      `keep ${second} unreadable: `,
    )
    expect(maker.begin(third).last).toBe(first)
  })

  it('is one whose description is that of another', () => {
    writeFileSync(maker.kept(second, 'snapshot.json'), readFileSync(maker.kept(first, 'snapshot.json')))
    expect(lostIn(maker.run(listScript(maker.vault)))).toEqual([second])
    expect(lostIn(maker.run(soughtScript(maker.vault, {})))).toEqual([second])
  })

  it.each([
    ['when it began', (text: string) => text.replace('"startedAt":"2026', '"startedAt":"2027')],
    ['its release', (text: string) => text.replace('"release":""', '"release":"0"')],
    ['whether it is pinned', (text: string) => text.replace('"pinned":false', '"pinned":falsf')],
    [
      'its note, to what is no text',
      (text: string) => Buffer.from(text.replace('"note":""', '"note":"\xff"'), 'latin1'),
    ],
  ])('is one whose description says something else by now: %s', (_, change) => {
    const file = maker.kept(second, 'snapshot.json')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, change(text))
    const note = 'a snapshot.json that was changed after it was written'
    const good = [first, 'good', '']
    expect(listed()).toEqual([[second, 'unreadable', note], good])
    for (const sought of [{}, { snapshot: second }]) {
      expect(unreadableIn(maker.run(soughtScript(maker.vault, sought)))).toMatchObject([
        { id: second, isChanged: true },
      ])
    }
    expect(judged()).toContain(`keep ${second} unreadable: its snapshot.json was changed after it was written`)
    expect(maker.begin(third).last).toBe(first)
    const quick = verifyScript(maker.vault, second, maker.options, 'quick', { hasDescription: true })
    const said = 'differs in what it says: ../snapshot.json was changed after it was written\n'
    expect(maker.attempt(quick)).toMatchObject({ code: notIntact, stdout: said })
    // As before there was a sum.
    rmSync(maker.kept(second, 'snapshot.sum'))
    writeFileSync(file, text.replace('"note":""', '"note":"of old"'))
    expect(listed()).toEqual([[second, 'good', 'of old'], good])
    maker.run(quick)
  })

  it('is none that was pinned, and let go again', () => {
    const file = maker.kept(second, 'snapshot.json')
    const text = readFileSync(file, 'utf8')
    for (const isPinned of [true, false]) {
      maker.run(pinScript(maker.vault, second, isPinned))
      expect(maker.described(second).pinned).toBe(isPinned)
      expect(listed()).toEqual([
        [second, 'good', ''],
        [first, 'good', ''],
      ])
      maker.run(verifyScript(maker.vault, second, maker.options, 'quick', { hasDescription: true }))
    }
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  it('is told only where no good one is newer', () => {
    writeFileSync(maker.kept(first, 'snapshot.json'), '')
    expect(lostIn(maker.run(soughtScript(maker.vault, {})))).toEqual([])
    expect(lostIn(maker.run(soughtScript(maker.vault, { until: first })))).toEqual([first])
    expect(lostIn(maker.run(listScript(maker.vault)))).toEqual([first])
  })
})
