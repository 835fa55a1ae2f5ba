import { expect, it } from 'vitest'
import { size, transferText } from '../../../src/plugin/transfer.ts'

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [45_678_123, '45.7 MB'],
  [2e15, '2000 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(size(bytes)).toBe(text)
})

it.each([
  [12, '12 s left'],
  [61, '2 min left'],
  [7200, '2 h left'],
])('%d seconds are %s', (secondsLeft, text) => {
  const transfer = { bytes: 431_000_000, percent: 34, bytesPerSecond: 45_200_000, secondsLeft }
  expect(transferText(transfer)).toBe(`431 MB, 34 %, 45.2 MB/s, ${text}`)
})
