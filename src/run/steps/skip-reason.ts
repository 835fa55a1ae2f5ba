import { contextOf } from './context.ts'
import type { Job } from './job.ts'
import { servesAlready } from './serves-already.ts'
import type { Session } from '../session.ts'
import { realCommands } from './target.ts'

/** Why a job has nothing to do, from what is known before it. */
export function skipReason(session: Session, job: Job): string | undefined {
  const { step, placement } = job
  const next = placement === undefined ? undefined : session.state.next(placement)
  const isUnchanged = placement !== undefined && servesAlready(session, placement)
  if (next !== undefined && isUnchanged && step.task.evenIfUnchanged !== true) {
    return `${session.state.before(placement).release?.id ?? next.release.id} already serves`
  }
  return step.task.skip?.(contextOf(session, job, realCommands))
}
