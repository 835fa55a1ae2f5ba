import type { Host, Placement } from '../../config/resolved.ts'
import { stepsOf } from '../../plan/flatten.ts'
import type { PlanStep } from '../../plan/plan.ts'
import { keepDone } from '../steps/go-on.ts'
import { hostJob, instanceJob, type Job } from '../steps/job.ts'
import { putBack } from './put-back.ts'
import type { Session } from '../session.ts'
import { together } from '../together.ts'

/**
 * The steps that bring the previous release of an instance back when they run again: those that began, and the health check
 * after a step that stopped the app, even when the run failed before it: otherwise an app that is slow to start would be
 * reported as down.
 */
function againOnInstance({ plan, state }: Session, placement: Placement): readonly Job[] {
  if (!state.touched.has(placement.id)) return []
  const steps = stepsOf(plan.root).filter(({ placements }) => placements.some(({ id }) => id === placement.id))
  const hasBegun = (step: PlanStep): boolean => state.hasBegun(step, placement.id)
  const first = steps.findIndex((step) => step.task.activates === true && hasBegun(step))
  // An optional step is only done again when it was done before.
  const isProof = ({ task }: PlanStep, index: number): boolean =>
    task.changes === false && task.skip === undefined && first >= 0 && index > first
  return steps
    .filter((step, index) => step.task.reapply === true && (hasBegun(step) || isProof(step, index)))
    .map((step) => instanceJob(step, placement))
}

/** The steps that began on a target, changed what serves there, and bring the previous release back when they run again. */
function againOn(session: Session, host: Host | undefined, placement: Placement | undefined): readonly Job[] {
  if (placement !== undefined) return againOnInstance(session, placement)
  if (host === undefined) return []
  return stepsOf(session.plan.root)
    .filter((step) => step.task.reapply === true && session.state.hasBegun(step, host.name))
    .map((step) => hostJob(step, host))
}

/** Puts back targets of one host one after another, the one that was begun last first. */
export async function putBackTargets(
  session: Session,
  host: Host | undefined,
  targets: readonly string[],
): Promise<void> {
  for (const target of targets.toReversed()) {
    session.state.wasPutBack.add(target)
    const placement = session.plan.placements.find(({ id }) => id === target)
    await putBack(session, {
      target,
      again: againOn(session, host, placement),
      ...(host === undefined ? {} : { host }),
      ...(placement === undefined ? {} : { placement }),
    })
  }
}

/** Targets that a run has touched or prepared but that are not in use, on a host, or on the operator's machine when no host is given. */
function openTargets(session: Session, host: Host | undefined): readonly string[] {
  const { plan, state } = session
  const own =
    host === undefined
      ? ['local']
      : [host.name, ...plan.placements.filter((one) => one.host.name === host.name).map(({ id }) => id)]
  const open = new Set([...state.undoTargets(), ...state.failed])
  return [...open].filter((one) => own.includes(one) && !state.activated.has(one) && !state.wasPutBack.has(one))
}

/**
 * Puts back what is left of a host of a rolling group that failed. An instance whose own steps failed goes back alone;
 * when something else failed, such as a hook or a step about the whole host, so does every instance touched on it.
 */
export async function putBackHost(session: Session, host: Host): Promise<void> {
  const { plan, state } = session
  const ids = plan.placements.filter((one) => one.host.name === host.name).map(({ id }) => id)
  if (!ids.some((id) => state.failed.has(id))) {
    for (const id of ids.filter((one) => state.touched.has(one))) {
      state.activated.delete(id)
      state.failed.add(id)
    }
  }
  const failed = openTargets(session, host).filter((target) => state.failed.has(target))
  await putBackTargets(session, host, failed)
}

/** Undoes what was prepared and never put to use, on every target, and last on the operator's machine. */
export async function cleanUp(session: Session): Promise<void> {
  keepDone(session)
  await together(session.plan.hosts.map((host) => putBackTargets(session, host, openTargets(session, host))))
  await putBackTargets(session, undefined, openTargets(session, undefined))
}
