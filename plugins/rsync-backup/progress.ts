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

/** How much was read when. */
interface Mark {
  readonly bytes: number
  readonly atMs: number
}

/** Over this many of the newest marks a rate is, as rsync's own: a longer time would not show that a disk got slower. */
const mostMarks = 5

/**
 * Passes on what `told_reading` prints of files that are read: `progress read 1200 of 9000`. The first says that it begins.
 * The bytes that a program reads beside those of files, its own and those of messages, are not worth more than all there is.
 *
 * @param now the time in milliseconds
 */
export function readingReader(
  progress: (transfer: Transfer) => void,
  now: () => number = () => performance.now(),
): (text: string) => void {
  let rest = ''
  let marks: readonly Mark[] = []
  return (text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [, read, of] = /^progress read (\d+) of (\d+)$/.exec(line) ?? []
      if (read === undefined) continue
      const total = Number(of)
      const mark = { bytes: Math.min(Number(read), total), atMs: now() }
      marks = [...marks, mark].slice(-mostMarks)
      const [since] = marks
      if (since === undefined || mark.atMs <= since.atMs) continue
      const { bytes } = mark
      const bytesPerSecond = Math.max(0, Math.round((1000 * (bytes - since.bytes)) / (mark.atMs - since.atMs)))
      const secondsLeft = bytesPerSecond === 0 ? undefined : Math.ceil((total - bytes) / bytesPerSecond)
      progress({ bytes, percent: Math.floor((100 * bytes) / total), bytesPerSecond, secondsLeft })
    }
  }
}
