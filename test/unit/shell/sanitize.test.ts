import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineSplitter, sanitize, sanitizeLine } from '../../../src/shell/sanitize.ts'

test.each([
  ['colour', '\u001b[1;31mred\u001b[0m', 'red'],
  ['cursor moves and erasing', 'a\u001b[2K\u001b[1Gb\u001b[?25lc', 'abc'],
  ['window title ended by BEL', '\u001b]0;owned\u0007text', 'text'],
  ['clipboard write ended by ST', '\u001b]52;c;ZXZpbA==\u001b\\text', 'text'],
  ['a string that never ends stops at the line', '\u001b]0;owned\nnext', '\nnext'],
  ['device control string', '\u001bPq#0;2\u001b\\text', 'text'],
  ['C1 forms of the same', '\u009b31mred\u009d0;t\u009ctext', 'redtext'],
  ['reset, charset and keypad escapes', '\u001bc\u001b(B\u001b=text', 'text'],
  ['bell, backspace, null, delete', 'a\u0007\u0008\u0000\u007fb', 'ab'],
  ['direction marks', 'a\u202eb\u2066c', 'abc'],
  ['tab and line feed stay', 'a\tb\nc', 'a\tb\nc'],
  ['letters of any script stay', 'naïve 日本 🚀', 'naïve 日本 🚀'],
  ['an escape cut off at the end', 'text\u001b[3', 'text'],
])('%s', (_, dirty, clean) => {
  expect(sanitize(dirty)).toBe(clean)
})

test('nothing is left that a terminal obeys, whatever comes', () => {
  const piece = fc.constantFrom('\u001b', '[', ']', '0', ';', 'm', '\u0007', '\u009b', '\\', '\r', 'x', '\u0090', '(')
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      expect(sanitize(pieces.join(''))).not.toMatch(/[^\P{Cc}\n\t]/u)
    }),
  )
})

test('a line is cut at 2,000 characters and never inside a character', () => {
  expect(sanitizeLine('x'.repeat(2000))).toBe('x'.repeat(2000))
  expect(sanitizeLine('x'.repeat(2001))).toBe(`${'x'.repeat(1999)}…`)
  expect(sanitizeLine(`${'x'.repeat(1998)}🚀yyy`)).toBe(`${'x'.repeat(1998)}…`)
  expect(sanitizeLine(`${'\u001b[1m'.repeat(10_000)}x`)).toBe('…')
})

function split(pieces: readonly string[]): string[] {
  const lines: string[] = []
  const splitter = new LineSplitter((line) => lines.push(line))
  for (const piece of pieces) splitter.feed(piece)
  splitter.flush()
  return lines
}

test('lines come whole, wherever the pieces were cut', () => {
  expect(split(['one\ntw', 'o\r', '\nthree\n\nfi', 've'])).toEqual(['one', 'two', 'three', '', 'five'])
})

test('progress bars become lines, and lines of mere cursor moves are dropped', () => {
  expect(split(['10%\r50%\r100%\r\n', '\u001b[2K\n', 'done\n'])).toEqual(['10%', '50%', '100%', 'done'])
})

test('an escape sequence that is cut in two by the pieces is still removed', () => {
  expect(split(['a\u001b[3', '1mb\u001b[0', 'm\n'])).toEqual(['ab'])
})

test('a line without end keeps the memory bounded and is given out cut', () => {
  expect(split(Array.from({ length: 100 }, () => 'x'.repeat(1000)))).toEqual([`${'x'.repeat(1999)}…`])
})
