/** How far a copy of files is, or a reading of them, for those who watch and for programs. */
export interface Transfer {
  /** Copied or read so far. */
  readonly bytes: number
  /** Share of everything that is known so far, from 0 to 100. */
  readonly percent: number
  readonly bytesPerSecond: number
  /** At the rate so far; `undefined` while the total is unknown. */
  readonly secondsLeft: number | undefined
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** `431 MB`: three digits are enough for people. */
export function size(bytes: number): string {
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  return `${String(Number((bytes / 1000 ** power).toPrecision(3)))} ${units[power] ?? 'B'}`
}

/** `5 s`, `3 min`, `2 h`: rounded up, as the rest of a copy is never certain. */
function left(seconds: number): string {
  if (seconds < 60) return `${String(Math.ceil(seconds))} s`
  return seconds < 5400 ? `${String(Math.ceil(seconds / 60))} min` : `${String(Math.ceil(seconds / 3600))} h`
}

/** `431 MB, 34 %, 45.2 MB/s, 12 s left`; without the remaining time while that is unknown. */
export function transferText({ bytes, percent, bytesPerSecond, secondsLeft }: Transfer): string {
  const text = `${size(bytes)}, ${String(percent)} %, ${size(bytesPerSecond)}/s`
  return secondsLeft === undefined ? text : `${text}, ${left(secondsLeft)} left`
}
