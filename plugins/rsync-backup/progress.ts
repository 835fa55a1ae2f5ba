import type { Transfer } from '../../src/index.ts'

const powers = new Map([
  ['kB/s', 1],
  ['MB/s', 2],
  ['GB/s', 3],
])

/**
 * Reads a line of `rsync --info=progress2 --no-human-readable`: `1200000  34%   45.20MB/s    0:00:12`. Its rate has a
 * unit all the same, of powers of 1024. Its time is not read: after a finished file it is the elapsed time, within one
 * the remaining time (progress.c, rprint_progress).
 */
function readProgress(line: string, isListed: boolean): Transfer | undefined {
  const found = /^progress\s+(\d+)\s+(\d+)%\s+([\d.]+)([kMG]B\/s)\s+\d+:\d\d:\d\d/.exec(line)
  if (found === null) return undefined
  const [, bytes, percent, rate, unit = ''] = found
  const done = Number(percent) / 100
  const bytesPerSecond = Math.round(Number(rate) * 1024 ** (powers.get(unit) ?? 0))
  const isKnown = isListed && done > 0 && bytesPerSecond > 0
  return {
    bytes: Number(bytes),
    percent: Number(percent),
    bytesPerSecond,
    secondsLeft: isKnown ? Math.ceil((Number(bytes) * (1 / done - 1)) / bytesPerSecond) : undefined,
  }
}

/**
 * Passes on what rsync prints about its progress; everything else that it prints is not for people. After a finished file,
 * `ir-chk` says that it still finds files, `to-chk` that it knows all.
 */
export function progressReader(progress: (transfer: Transfer) => void): (text: string) => void {
  let rest = ''
  let isListed = true
  return (text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (/ (to|ir)-chk=/.test(line)) isListed = line.includes(' to-chk=')
      const transfer = readProgress(line, isListed)
      if (transfer !== undefined) progress(transfer)
    }
  }
}
