import { expect, it } from 'vitest'
import { progressReader } from '../../../plugins/rsync-backup/progress.ts'
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
