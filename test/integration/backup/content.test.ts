import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { afterEach, expect, describe, it } from 'vitest'
import { hasPrograms } from '../../support/programs.ts'
import { Maker } from './maker.ts'

const ids = [1, 2, 3, 4, 5, 6, 7].map((second) => `20261122T14031${String(second)}Z`)

describe.skipIf(!hasPrograms('rsync'))('content that changed behind the same size and times', () => {
  let maker: Maker | undefined
  const setUp = (options: Readonly<Record<string, unknown>>): Maker => (maker = new Maker(options))

  /** Other content of the same size, and with the times that the file had. */
  function swap(path: string, content: string): void {
    const { atime, mtime } = statSync(path)
    writeFileSync(path, content)
    utimesSync(path, atime, mtime)
  }
  function begins(made: Maker): void {
    writeFileSync(made.data('one'), 'before')
    utimesSync(made.data('one'), 1_700_000_000, 1_700_000_000)
  }
  const contents = (made: Maker, id = ''): string => readFileSync(made.kept(id, 'data/one'), 'utf8')

  afterEach(() => {
    maker?.remove()
  })

  it.each([
    ['all snapshots stay', {}],
    ['the last one stays alone', { keep: { last: 1 } }],
    ['they are many, and two stay', { keep: { last: 2 } }],
  ])('is found by each third snapshot when %s', (_title, options) => {
    const made = setUp({ checksumEvery: 3, ...options })
    begins(made)
    const found = ids.map((id, at) => {
      made.make(id)
      // After the first and the fourth, which both compare everything.
      if (at === 0) swap(made.data('one'), 'behind')
      if (at === 3) swap(made.data('one'), 'second')
      return contents(made, id)
    })
    expect(found).toEqual(['before', 'before', 'before', 'behind', 'behind', 'behind', 'second'])
  })

  it('is looked for while the service still runs, by an rsync that may be silent for as long as it reads', () => {
    const made = setUp({ checksumEvery: 1 })
    made.hasWarm = true
    begins(made)
    const [first = '', second = ''] = ids
    made.make(first)
    swap(made.data('one'), 'behind')
    made.beforeRsync(`[ "$1" = -n ] || echo "$@" >>${made.at('asked')}`)
    made.make(second)
    expect(contents(made, second)).toBe('behind')
    made.verify(second)
    const asked = readFileSync(made.at('asked'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('--delete'))
    expect(asked.map((line) => /--checksum(?= )|--timeout=\d+/g.exec(line)?.[0])).toEqual([
      '--checksum',
      '--timeout=300',
    ])
    expect(asked.map((line) => line.split(' ').at(-1))).toEqual([
      made.kept(first, 'data/'),
      made.kept(`.staging-${second}/warm/`),
    ])
  })

  it('is seen at once when it was written in the same second', () => {
    const made = setUp({})
    const [first = '', second = ''] = ids
    for (const [id, content, time] of [
      [first, 'before', 1_700_000_000.25],
      [second, 'behind', 1_700_000_000.75],
    ] as const) {
      writeFileSync(made.data('one'), content)
      utimesSync(made.data('one'), time, time)
      made.make(id)
    }
    expect(contents(made, second)).toBe('behind')
  })

  it('is looked for again after one that is suspect', () => {
    const made = setUp({ checksumEvery: 2 })
    begins(made)
    for (const name of ['two', 'three', 'four']) writeFileSync(made.data(name), name)
    const [first = '', second = '', third = '', fourth = ''] = ids
    made.make(first)
    made.make(second)
    for (const name of ['two', 'three', 'four']) rmSync(made.data(name))
    expect(made.make(third).state).toBe('suspect')
    expect(made.begin(fourth).checksum).toBe(true)
  })
})
