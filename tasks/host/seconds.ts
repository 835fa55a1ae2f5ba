/** Milliseconds as the seconds that `sleep` takes on GNU and busybox: `0.25`. */
export function inSeconds(milliseconds: number): string {
  return String(milliseconds / 1000)
}

/** Milliseconds as whole seconds, rounded up, for tools that take no fractions. */
export function inWholeSeconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000)
}
