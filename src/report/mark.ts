import type { StepStatus } from '../run/event.ts'
import type { Format } from './style.ts'

/** Every state that a line shows by its sign. */
export type State = 'waiting' | 'running' | 'warning' | StepStatus

/** A sign and its colour. */
export interface Mark {
  readonly sign: string
  readonly format: Format
}

/** The sign of each state: told apart by shape too, for those who see no colour. */
export const marks: Readonly<Record<State, Mark>> = {
  waiting: { sign: '·', format: 'dim' },
  running: { sign: '▸', format: 'cyan' },
  warning: { sign: '!', format: 'yellow' },
  changed: { sign: '✔', format: 'green' },
  ok: { sign: '✔', format: 'green' },
  skipped: { sign: '–', format: 'dim' },
  failed: { sign: '✖', format: 'red' },
  timeout: { sign: '✖', format: 'red' },
  lost: { sign: '?', format: 'red' },
  cancelled: { sign: '■', format: 'yellow' },
}

/** Whether a status means that the step did not do what it was there for. */
export function isBad(state: State): boolean {
  return state === 'failed' || state === 'timeout' || state === 'lost' || state === 'cancelled'
}
