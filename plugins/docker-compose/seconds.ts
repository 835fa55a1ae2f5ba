/** Whole seconds for shell arithmetic, never fewer than asked for. */
export function inSeconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000)
}
