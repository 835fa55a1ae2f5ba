import { expect, it } from 'vitest'
import { progressReader, readingReader } from '../../../plugins/rsync-backup/progress.ts'
import type { Transfer } from '../../../src/index.ts'

it('reads what rsync says, however it is cut, and nothing else', () => {
  const said: Transfer[] = []
  const read = progressReader((transfer) => said.push(transfer))
  read('rsync: warning\nprogress       12345678  80%   45.20MB/s    0:00:01 (xfr#5, ir-chk=10')
  read('00/2345)\nprogress       45678123  34%   45.20MB/s    0:00:01 (xfr#5, ')
  read('to-chk=1/9)\nprogress 99 100% 512.00kB/s 1:02:03\nprogress')
  read(' nothing\n')
  expect(said).toEqual([
    { bytes: 12_345_678, percent: 80, bytesPerSecond: 47_395_635, secondsLeft: undefined },
    { bytes: 45_678_123, percent: 34, bytesPerSecond: 47_395_635, secondsLeft: 2 },
    { bytes: 99, percent: 100, bytesPerSecond: 524_288, secondsLeft: 0 },
  ])
})

it('reads how much was read of all there is, at the rate of the last seconds', () => {
  const said: Transfer[] = []
  let now = 0
  const read = readingReader(
    (transfer) => said.push(transfer),
    () => now,
  )
  const at = (ms: number, text: string): void => {
    now = ms
    read(text)
  }
  at(0, 'sampled 20 of 400\nprogress read 0 of 10')
  at(0, '00\n')
  at(1000, 'progress read 400 of 1000\nprogress ')
  expect(said.splice(0)).toEqual([{ bytes: 400, percent: 40, bytesPerSecond: 400, secondsLeft: 2 }])
  at(1500, 'read 400 of 1000\n')
  for (const ms of [2000, 3000, 4000, 5000]) at(ms, 'progress read 400 of 1000\n')
  expect(said.splice(0).at(-1)).toEqual({ bytes: 400, percent: 40, bytesPerSecond: 0, secondsLeft: undefined })
  // What a program reads beside the files.
  at(6000, 'progress read 1010 of 1000\n')
  expect(said.splice(0)).toEqual([{ bytes: 1000, percent: 100, bytesPerSecond: 150, secondsLeft: 0 }])
})
