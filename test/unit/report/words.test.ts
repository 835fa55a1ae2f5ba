import { expect, test } from 'vitest'
import { age, duration, list, plural } from '../../../src/report/words.ts'

test.each([
  [0, '0 ms'],
  [45.4, '45 ms'],
  [100, '0.1 s'],
  [1234, '1.2 s'],
  [9949, '9.9 s'],
  [9951, '10 s'],
  [59_499, '59 s'],
  [59_600, '1 min'],
  [96_000, '1 min 36 s'],
  [3_599_600, '1 h'],
  [7_500_000, '2 h 5 min'],
])('%d ms last %s', (ms, words) => {
  expect(duration(ms)).toBe(words)
})

test.each([
  [999, 'now'],
  [40_000, '40 s'],
  [119_000, '1 min'],
  [3 * 3_600_000, '3 h'],
  [24 * 3_600_000, '1 day'],
  [5.9 * 24 * 3_600_000, '5 days'],
])('%d ms ago is %s', (ms, words) => {
  expect(age(ms)).toBe(words)
})

test('counts and names', () => {
  expect([plural(1, 'host'), plural(0, 'host'), plural(2, 'address', 'addresses')]).toEqual([
    '1 host',
    '0 hosts',
    '2 addresses',
  ])
  expect([list(['a', 'b']), list(['a', 'b', 'c', 'd'], 2)]).toEqual(['a, b', 'a, b and 2 more'])
})
