import { raw, type Script } from '../../../src/index.ts'
import { factsIn } from '../facts.ts'

/**
 * Prints the time of a host as `clock`, in seconds since 1970: the times of its files are by this clock, and by no other.
 * That of busybox knows whole seconds only.
 */
export const clockText: Script = raw(`date '+clock %s.%N' | sed 's/[.][^0-9].*//; s/[.]$//'`)

/** Reads what `clockText` printed. */
export function clockIn(stdout: string): string | undefined {
  const said = factsIn(stdout).get('clock') ?? ''
  return /^\d+(?:\.\d+)?$/.test(said) ? said : undefined
}
