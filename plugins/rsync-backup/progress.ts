import type { Transfer } from '../../src/index.ts'

const powers = new Map([
  ['kB/s', 1],
  ['MB/s', 2],
  ['GB/s', 3],
])

/**
 * Reads a line of `rsync --info=progress2 --no-human-readable`: `1200000  34%   45.20MB/s    0:00:12`. Its rate has a
 * unit all the same, of powers of 1024 (progress.c, rprint_progress).
 */
export function readProgress(line: string): Transfer | undefined {
  const found = /^progress\s+(\d+)\s+(\d+)%\s+([\d.]+)([kMG]B\/s)\s+(\d+):(\d\d):(\d\d)/.exec(line)
  if (found === null) return undefined
  const [, bytes, percent, rate, unit = '', hours, minutes, seconds] = found
  return {
    bytes: Number(bytes),
    percent: Number(percent),
    bytesPerSecond: Math.round(Number(rate) * 1024 ** (powers.get(unit) ?? 0)),
    secondsLeft: Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds),
  }
}

/** Hands on what rsync says about its progress; all else that it prints is not for people. */
export function progressReader(progress: (transfer: Transfer) => void): (text: string) => void {
  let rest = ''
  return (text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const transfer = readProgress(line)
      if (transfer !== undefined) progress(transfer)
    }
  }
}
