import type { TimedEvent } from '../run/event.ts'

/** One way of showing a run. Events come one after the other; a view has no influence on the run. */
export interface View {
  handle(event: TimedEvent): void
  /** Resolves when everything is drawn or written, and the terminal is as it was. */
  finish(): Promise<void>
}
