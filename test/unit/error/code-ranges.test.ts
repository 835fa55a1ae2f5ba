import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const folder = new URL('../../../src/error/catalog/', import.meta.url)

/** The codes named by the comment of a catalogue, as in `640 to 649 and 664`. */
function namedBy(comment: string): readonly number[] {
  return [...comment.matchAll(/\b(\d{3})\b(?: to (\d{3})\b)?/g)].flatMap(([, first, last = first]) =>
    Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index),
  )
}

const catalogues = readdirSync(folder).map((name) => {
  const text = readFileSync(new URL(name, folder), 'utf8')
  const [, comment = ''] = /\/\*\*((?:[^*]|\*(?!\/))*)\*\/\nexport const /.exec(text) ?? []
  const codes = [...text.matchAll(/^ {2}'SRV-(\d{3})'/gm)].map(([, code]) => Number(code))
  return { name, named: namedBy(comment), codes }
})

it.each(catalogues)('$name holds only codes that its comment names', ({ named, codes }) => {
  expect(codes.filter((code) => !named.includes(code))).toEqual([])
})

it('names no code in two catalogues', () => {
  const all = catalogues.flatMap(({ named }) => named)
  expect(all.filter((code, index) => all.indexOf(code) !== index)).toEqual([])
})
