import type { Transfer } from './transfer.ts'

/** How a task reports while it runs. */
export interface Telling {
  /** Shows one line beside the step while it runs; for a copy of files, or a reading of them, its numbers, which are then also in the events. */
  progress(said: string | Transfer): void
  /**
   * Says in one line what the step did. Once it has ended well, that stays on the screen, and is the `reason` in the event
   * of its end; nothing is said in a dry run.
   */
  done(message: string): void
  /** The same where there was nothing to do after all: the step then counts as one that changed nothing. */
  unchanged(message: string): void
  /** Reports what people have to know although the step succeeds: shown as a warning, and sent as an event. */
  warn(message: string): void
}
