import type { Host, Placement } from '../../config/resolved.ts'
import type { PlanStep } from '../../plan/plan.ts'
import type { At } from '../event.ts'
import type { Place } from '../undo/failure.ts'

/** One step on one of its targets: what contexts, events and errors are made for. */
export interface Job {
  readonly step: PlanStep
  /** Placement id, host name, or `local`. */
  readonly target: string
  /** Host name, or `local`. */
  readonly hostName: string
  readonly host?: Host
  readonly placement?: Placement
  /** The step runs again to bring back what served before: there is no next release for it. */
  readonly bringsBack?: true
}

/** A step that acts once, on the operator's machine. */
export function onceJob(step: PlanStep): Job {
  return { step, target: 'local', hostName: 'local' }
}

/** A step on a host as a whole. */
export function hostJob(step: PlanStep, host: Host): Job {
  return { step, target: host.name, hostName: host.name, host }
}

/** A step on one instance of a host. */
export function instanceJob(step: PlanStep, placement: Placement): Job {
  return { step, target: placement.id, hostName: placement.host.name, host: placement.host, placement }
}

/** How an event says what it is about. */
export function at({ step, target, hostName }: Job): At {
  return { step: step.id, task: step.taskId, target, host: hostName }
}

/** How an error says where it happened. */
export function placeOf({ step, target, hostName }: Job): Place {
  return { step, target, host: hostName }
}
