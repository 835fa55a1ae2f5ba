import fc from 'fast-check'
import { expect, test } from 'vitest'
import { collectOutput } from '../../../src/transport/output.ts'

test('characters that are split between chunks arrive whole', () => {
  const output = collectOutput(1000)
  const bytes = Buffer.from('a€b')
  expect([output.push(bytes.subarray(0, 2)), output.push(bytes.subarray(2)), output.end()]).toEqual(['a', '€b', ''])
  expect(output.text()).toBe('a€b')
})

test('beyond the limit the newest bytes are kept', () => {
  const output = collectOutput(10)
  output.push(Buffer.from('0123456789abcdef'))
  expect(output.text()).toBe('6789abcdef')
})

test('what is kept never begins inside a character', () => {
  const output = collectOutput(5)
  output.push(Buffer.from('€€€'))
  expect(output.text()).toBe('€')
})

test('any text in any pieces is told whole and kept whole', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 7 }), (text, size) => {
      const bytes = Buffer.from(text)
      const output = collectOutput(1_000_000)
      let told = ''
      for (let start = 0; start < bytes.length; start += size) told += output.push(bytes.subarray(start, start + size))
      told += output.end()
      const whole = bytes.toString()
      expect([told, output.text()]).toEqual([whole, whole])
    }),
    { numRuns: 50 },
  )
})
