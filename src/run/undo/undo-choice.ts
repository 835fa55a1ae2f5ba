import type { Placement } from '../../config/resolved.ts'
import type { Selection, Serving } from '../event.ts'
import type { Session } from '../session.ts'

/** What a run replaced, as far as a rollback is concerned. */
export interface Undo {
  /** Whether something else served before what this run put in place, so that a rollback has somewhere to go. */
  readonly can_undo: boolean
  /** What a rollback has to choose to take back that and nothing else; nothing when no one choice is just that. */
  readonly undo?: Selection
  /** Whether that rollback can bring back the data of before too. */
  readonly undo_with_data?: true
}

/** The instances and hosts of some placements, when no other placement of the plan is chosen by their names. */
function chosenBy(replaced: readonly Placement[], { plan, selection }: Session): Selection | undefined {
  if (replaced.length === plan.placements.length) return selection
  const ids = new Set(replaced.map(({ instance }) => instance.id))
  const hosts = new Set(replaced.map(({ host }) => host.name))
  const chosen = plan.placements.filter(({ instance, host }) => ids.has(instance.id) && hosts.has(host.name))
  if (chosen.length !== replaced.length) return undefined
  return {
    services: [...ids],
    ...(hosts.size === plan.hosts.length
      ? { hosts: selection.hosts, tags: selection.tags }
      : { hosts: [...hosts], tags: [] }),
  }
}

/**
 * What a rollback after a run is to choose. One of everything that was chosen would take back more than the run did: where
 * it had nothing to do, an earlier deploy is undone instead.
 */
export function undoOf(session: Session, serving: Readonly<Record<string, Serving>>): Undo {
  const { plan, state } = session
  if (plan.pipeline !== 'deploy' && plan.pipeline !== 'update') return { can_undo: false }
  const replaced = plan.placements.filter((placement) => {
    const before = state.before(placement).release?.id
    return before !== undefined && serving[placement.id]?.state === 'new'
  })
  if (replaced.length === 0) return { can_undo: false }
  const undo = chosenBy(replaced, session)
  const hasData = replaced.every(({ id }) => state.dataKept.has(id))
  return undo === undefined ? { can_undo: true } : { can_undo: true, undo, ...(hasData && { undo_with_data: true }) }
}
