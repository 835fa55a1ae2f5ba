import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quote } from '../../../src/shell/quote.ts'
import { createMasker } from '../../../src/shell/mask.ts'
import { LineSplitter, sanitizeLine } from '../../../src/shell/sanitize.ts'

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

/** The one line that a stream with this text becomes. */
function lineOf(text: string): string {
  const lines: string[] = []
  const splitter = new LineSplitter((line) => lines.push(line))
  splitter.feed(text)
  splitter.flush()
  return lines.join('\n')
}

test('what is left of a value where a long line was cut is masked too', () => {
  const mask = maskerOf('correct-horse-battery')
  const cut = (before: number): string => mask(lineOf(`${'x'.repeat(before)}correct-horse-battery${'y'.repeat(3000)}`))
  expect(cut(1990)).toBe(`${'x'.repeat(1990)}***…`)
  expect(cut(1978)).toBe(`${'x'.repeat(1978)}***…`)
  expect(cut(1977)).toBe(`${'x'.repeat(1977)}***y…`)
  // Fewer letters than are masked of a whole value tell nothing.
  expect(cut(1996)).toBe(`${'x'.repeat(1996)}cor…`)
  // The cut of the raw text, behind many codes that are taken away.
  const codes = '\u001b[1m'.repeat(1998)
  expect(mask(lineOf(`${codes}xxcorrect-horse-battery`))).toBe('xx***…')
  expect(mask('the host said correct-hor…. Nothing was changed.')).toBe('the host said ***…. Nothing was changed.')
})

test('wherever a long line is cut, no more than three letters of a value are left', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', "'", '"', '+', '/'), minLength: 4, maxLength: 12 })
  fc.assert(
    fc.property(letters, fc.integer({ min: 1980, max: 2000 }), (secret, before) => {
      const line = sanitizeLine(`${'-'.repeat(before)}${secret}${'-'.repeat(10_000)}`)
      expect(maskerOf(secret)(line)).not.toContain(`-${secret.slice(0, 4)}`)
    }),
  )
})
