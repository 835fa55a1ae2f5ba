import type { Instance, Placement } from '../config/resolved.ts'
import type { Script } from '../shell/script.ts'
import type { HoldMode } from './hold.ts'
import type { ExecOptions } from './queries.ts'

/** Who holds the lease of a service during work that srv does not see. */
export interface LeaseHolder {
  /** `schedule@nas` */
  readonly actor: string
  readonly pipeline: string
}

/** Shell texts around the lease of a service on its host, for the run whose id is in `$SRV_RUN`. */
export interface LeaseTexts {
  /** Prints `taken <service>`, or `locked <age> <phase> <owner>` and fails with 75 when somebody else has it. */
  readonly take: Script
  /** Fails with 75 when somebody else has it by now; otherwise it counts as a sign of life. Without one for 45 s the lease ends. */
  readonly keep: Script
  /** The same, at the beginning of a command that may hang: `stop` or the next run ends what is left of it. It leads a process group. */
  readonly enter: Script
  /** Ends the commands of this run that began with `enter` and still run, unless somebody else has the lease by now. It fails when it cannot. */
  readonly stop: Script
  /** The same for a run whose lease has ended without a sign of life, for a timer: it needs no `$SRV_RUN`. */
  readonly stopLeft: Script
  /** The same as `keep`, for use before things are brought back: it also renews a lease that ended while nobody else wanted it. */
  readonly regain: Script
  readonly release: Script
}

/**
 * Shell texts by which a task keeps all instances of its service on this host from writing to their data for a while,
 * whatever their kinds, and whichever of them the run is about. They must not stand in a condition of the shell.
 */
export interface Quiet {
  /**
   * Records what runs, in `.srv/held/`, and freezes or stops it. A record that a run left when it died is kept, and what
   * it names is brought back too. @throws SrvError SRV-303 when an instance cannot be held
   */
  hold(how: HoldMode): Script
  /** Fails when something was brought back since, by a timer of the host for instance. */
  held(): Script
  /** Prints what the records name, for `proved` to check once it is back. */
  ran(): Script
  /** Waits until what `$ran` names proves that it serves: as after a restart, or with one good answer where it was frozen. It fails with why on standard error. */
  proved(how: HoldMode): Script
  /** Brings back exactly what the records name, and removes them; without records nothing is done. */
  resume(): Script
  /**
   * Brings the compose services of these names back before the others, which stay held: a database that dumps are loaded
   * into. `hold` holds them again.
   */
  wake(names: readonly string[]): Script
  /**
   * Has this release of the instance in place, not started, while it is held: what `resume` and `wake` bring back from then on
   * is of that one. For data that change places with a release.
   */
  become(release: string): Script
  /** The lease that a deploy takes too, for programs that run without srv, so that neither disturbs the other. */
  lease(holder: LeaseHolder): LeaseTexts
  /**
   * Prints the release of this instance, or of another one of the service, that serves, as one line of JSON: for programs that
   * run without srv, and for an instance that the run is not about. Nothing when none serves, or no plugin can tell.
   */
  serving(instance?: Instance): Script
  /** One compound command that runs another inside the compose service of that name; nothing when no instance has parts. */
  inside(name: string, words: readonly string[], options?: ExecOptions): Script | undefined
}

/** What a check is given that asks whether a service can be kept quiet. */
export interface MayHold {
  /** Why the service of a placement cannot be held on that host: `hold` would refuse there. Nothing when it can. */
  refusesHold(placement: Placement, how: HoldMode): string | undefined
}
