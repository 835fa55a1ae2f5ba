import { expect, test } from 'vitest'
import { freshMark, greeting } from '../../../src/transport/greeting.ts'

const mark = 'srv_0123'
const feed = (pieces: readonly string[]) => {
  const beginning = greeting(mark)
  const passed = pieces.map((piece) => beginning.push(Buffer.from(piece)).toString())
  return { passed, isOver: beginning.isOver(), noise: beginning.noise() }
}

test('a mark is a new one each time', () => {
  expect(freshMark()).toMatch(/^srv_[0-9a-f]{24}$/)
  expect(freshMark()).not.toBe(freshMark())
})

test('what comes before the mark is noise, what comes after it is output', () => {
  expect(feed(['Welcome!\nhi', 'srv_0', '123', '\nout', 'put\n'])).toEqual({
    passed: ['', '', '', 'out', 'put\n'],
    isOver: true,
    noise: 'Welcome!\nhi',
  })
})

test('a mark counts once: the output may have it again', () => {
  expect(feed([`${mark}\n${mark}\n`, `${mark}\n`]).passed).toEqual([`${mark}\n`, `${mark}\n`])
})

test('without the mark all is noise, of which the newest is kept', () => {
  const { passed, isOver, noise } = feed(['a'.repeat(70_000), 'This account is not available.\n'])
  expect({ passed, isOver, bytes: noise.length, tail: noise.slice(-12) }).toEqual({
    passed: ['', ''],
    isOver: false,
    bytes: 65_536,
    tail: ' available.\n',
  })
})
