import type { Placement } from '../config/resolved.ts'
import type { Script } from '../shell/script.ts'

/** How an instance is kept from writing to its data: `pause` freezes its processes, `stop` stops them. */
export type HoldMode = 'pause' | 'stop'

/**
 * How instances of a kind are kept from writing to their data for a while. Core owns the record of what ran, a file with
 * a line for each thing; a part of a plugin says what the things are. Every text runs under `set -eu` in a subshell of
 * its own, and may be run again after it was cut off.
 */
export interface Hold<S> {
  readonly kinds: readonly ('native' | 'docker')[]
  /** Why it cannot be held in that way; nothing when it can. Asked before anything is touched. */
  readonly refuse?: (placement: Placement, settings: S, how: HoldMode) => string | undefined
  /** Prints what of it is running now, one thing per line; nothing when nothing is. */
  readonly running: (placement: Placement, settings: S) => Script
  /** Freezes or stops what the file `$held` names, some of which may already be frozen or stopped. */
  readonly hold: (placement: Placement, settings: S, how: HoldMode) => Script
  /** Brings back what the file `$held` names, frozen or stopped, and nothing else; what already runs is left alone. */
  readonly resume: (placement: Placement, settings: S) => Script
  /**
   * Waits until what was brought back stays up, and fails with why. The variable `$ran` has what the record named, one thing
   * per line. The health check of the config runs after it. @default nothing is watched
   */
  readonly proves?: (placement: Placement, settings: S, how: HoldMode) => Script
  /**
   * Has this release of it in place, not started, for `resume` to bring back in the stead of what the record names: it stands
   * behind a `hold` that stopped everything. It does no harm when that is already so. @default nothing: `resume` starts what
   * is in place
   */
  readonly become?: (placement: Placement, settings: S, release: string) => Script
  /** Brings back only the parts with these names out of what the file `$held` names, and waits until they are healthy. */
  readonly wake?: (placement: Placement, settings: S, names: readonly string[]) => Script
}
