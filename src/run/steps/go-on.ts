import type { Chain } from './segments.ts'
import type { Session } from '../session.ts'

/** Whether nothing failed of some chains but steps whose failure concerns no other target: then the rest of the host goes on. */
export function goesOn({ state, signal }: Session, chains: readonly Chain[]): boolean {
  if (signal.aborted) return false
  return chains
    .filter(([job]) => job !== undefined && state.failed.has(job.target))
    .every((chain) => chain.find(({ step, target }) => state.hasFailed(step, target))?.step.task.othersGoOn === true)
}

/** What a chain does after a failure on another target: its first steps, as far as they go on then. */
export function goingOn({ state }: Session, chain: Chain): Chain {
  const end = chain.findIndex(({ step, target }) => step.task.othersGoOn !== true || state.failed.has(target))
  return end === -1 ? chain : chain.slice(0, end)
}

/**
 * What such steps did on targets on which nothing failed stays, and is not put back when the run fails. It is after an
 * interrupt, or when the host could not do what concerns all of it: a later step may have had to end what they began.
 */
export function keepDone({ state, signal, plan }: Session): void {
  if (signal.aborted || state.bugs.length > 0) return
  for (const target of state.undoTargets()) {
    const host = plan.placements.find(({ id }) => id === target)?.host.name ?? target
    if (state.failed.has(target) || state.failed.has(host)) continue
    state.keepDone(target, ({ task }) => task.othersGoOn === true)
  }
}
