import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quote } from '../../../src/shell/quote.ts'
import { createMasker } from '../../../src/shell/mask.ts'

function maskerOf(...values: readonly string[]): (text: string) => string {
  const masker = createMasker()
  for (const value of values) masker.add(value)
  return (text) => masker.mask(text)
}

test('a value is masked in each form in which it turns up', () => {
  const value = `p4ss/w'ord"+?`
  const base64 = Buffer.from(value).toString('base64')
  const text = [value, base64, encodeURIComponent(value), quote(value), JSON.stringify({ value })].join(' ')
  expect(maskerOf(value)(text)).toBe(`*** *** *** '***' {"value":"***"}`)
})

test('a value of several lines is masked line by line, since output comes in lines', () => {
  const mask = maskerOf('-----BEGIN KEY-----\n  abcdefgh\nijkl\n-----END KEY-----\n')
  expect(['-----BEGIN KEY-----', 'line abcdefgh.', 'ijkl'].map(mask)).toEqual(['***', 'line ***.', '***'])
})

test('a value that contains another is masked whole, whichever came first', () => {
  expect(maskerOf('secret', 'secret-and-more')('secret-and-more secret')).toBe('*** ***')
  expect(maskerOf('secret-and-more', 'secret')('secret-and-more secret')).toBe('*** ***')
})

test('a short value is left alone: it would blank every log', () => {
  expect(maskerOf('abc', '')('abc abc')).toBe('abc abc')
})

test('no value of any kind is left in any text', () => {
  const value = fc
    .string({ unit: 'binary', minLength: 4, maxLength: 30 })
    .filter((text) => !text.includes('\n') && text.trim() === text && !text.includes('***'))
  fc.assert(
    fc.property(value, fc.string(), fc.string(), (secret, before, after) => {
      expect(maskerOf(secret)(`${before}${secret}${after}`)).not.toContain(secret)
    }),
  )
})
