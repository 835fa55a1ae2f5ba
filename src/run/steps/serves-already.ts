import type { Placement } from '../../config/resolved.ts'
import type { Session } from '../session.ts'

/** Whether the release that was chosen for a placement already serves, and nobody asked to deploy it all the same. */
export function servesAlready({ force, state }: Pick<Session, 'force' | 'state'>, placement: Placement): boolean {
  return !force && state.isUnchanged(placement)
}
