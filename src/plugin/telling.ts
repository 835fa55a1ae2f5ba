import type { Transfer } from './transfer.ts'

/** How a task reports while it runs. */
export interface Telling {
  /** Shows one line beside the step while it runs; for a copy of files its numbers, which are then also in the events. */
  progress(said: string | Transfer): void
  /** Reports what people have to know although the step succeeds: shown as a warning, and sent as an event. */
  warn(message: string): void
}
