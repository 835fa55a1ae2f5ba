import { expect, test } from 'vitest'
import { displayWidth, pad, truncate, wrap } from '../../../src/report/width.ts'

test.each([
  ['plain', 5],
  ['naïve', 5],
  ['nai\u0308ve', 5],
  ['日本', 4],
  ['한글', 4],
  ['🚀', 2],
  ['✔ done …', 8],
  ['', 0],
])('%s takes %d columns', (text, width) => {
  expect(displayWidth(text)).toBe(width)
})

test('a text is cut to its columns, and never through a character', () => {
  expect(truncate('release', 7)).toBe('release')
  expect(truncate('release', 6)).toBe('relea…')
  expect(truncate('日本語', 4)).toBe('日…')
  expect(truncate('a b c', 3)).toBe('a…')
  expect(truncate('abc', 0)).toBe('')
})

test('a text is filled up to its columns', () => {
  expect(pad('日本', 6)).toBe('日本  ')
  expect(pad('longer', 3)).toBe('longer')
})

test('lines break at spaces; what has none stays whole to be copied', () => {
  expect(wrap('one two three\nhttps://example.org/long four', 9)).toEqual([
    'one two',
    'three',
    'https://example.org/long',
    'four',
  ])
})
