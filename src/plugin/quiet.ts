import type { Placement } from '../config/resolved.ts'
import type { Script } from '../shell/script.ts'
import type { HoldMode } from './hold.ts'
import type { ExecOptions } from './queries.ts'

/**
 * Shell texts by which a task keeps all instances of its service on this host from writing to their data for a while,
 * whatever kinds they are of, and whichever the run is about. They have to stand where the shell does not test them.
 */
export interface Quiet {
  /**
   * Records what runs, in `.srv/held/`, and freezes or ends it. A record that a run left when it died is kept, and what
   * it names is brought back too. @throws SrvError SRV-303 when an instance cannot be held
   */
  hold(how: HoldMode): Script
  /** Fails when something was brought back since, by a timer of the host for instance. */
  held(): Script
  /** Brings back exactly what the records name, and removes them; without records nothing is done. */
  resume(): Script
  /**
   * Brings the compose services of these names back before the others, which stay held: a database that dumps are loaded
   * into. `hold` holds them again.
   */
  wake(names: readonly string[]): Script
  /** One compound command that runs another inside the compose service of that name; nothing when no instance has parts. */
  inside(name: string, words: readonly string[], options?: ExecOptions): Script | undefined
}

/** What a check is given that asks whether a service can be kept quiet. */
export interface MayHold {
  /** Why the service of a placement cannot be held on that host: `hold` would refuse there. Nothing when it can. */
  refusesHold(placement: Placement, how: HoldMode): string | undefined
}
