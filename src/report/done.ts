import type { TimedEvent } from '../run/event.ts'

/** What a step says that it did on a target. */
export interface Done {
  readonly target: string
  readonly text: string
}

/** What was done on hosts after one more event: nothing on a target that is being put back. */
export function doneAfter(done: readonly Done[], event: TimedEvent): readonly Done[] {
  if (event.type === 'undo.start') return done.filter(({ target }) => target !== event.target)
  if (event.type !== 'step.end' || event.reason === undefined) return done
  const { target, host, status, reason } = event
  if (host === 'local') return done
  return status === 'changed' || status === 'ok' ? [...done, { target, text: reason }] : done
}
