import { expect, test } from 'vitest'
import { asksForHelp, cutWords, verbosityOf } from '../../../src/cli/own-words.ts'

const words = (text: string): readonly string[] => text.split(' ')

test('a command line is cut at the first of its --', () => {
  expect(cutWords(words('exec production -- a -- b'))).toEqual({
    own: ['exec', 'production'],
    behind: ['--', 'a', '--', 'b'],
  })
  expect(cutWords(words('status production'))).toEqual({ own: ['status', 'production'], behind: [] })
})

test.each([
  ['deploy production', 0],
  ['deploy production -v', 1],
  ['deploy -vv production -v', 3],
  ['--verbose deploy --verbose production --verbose', 3],
  ['exec production -v -- curl -vvv --verbose', 1],
  ['deploy production --verbosity', 0],
])('%s is as loud as %d', (text, count) => {
  expect(verbosityOf(words(text))).toBe(count)
})

test('the help of another program is not that of srv', () => {
  expect(asksForHelp(words('exec production -- ls --help'))).toBe(false)
  expect(asksForHelp(words('exec production -h -- ls'))).toBe(true)
})
