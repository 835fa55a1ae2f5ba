import type { Transfer } from './transfer.ts'

/** How a task tells what goes on while it runs. */
export interface Telling {
  /** Shows one line beside the step while it runs; of a copy of files its numbers, which events then have too. */
  progress(said: string | Transfer): void
  /** Tells what somebody has to know although the step does well: shown as a warning, and one of the events. */
  warn(message: string): void
}
