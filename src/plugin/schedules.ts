import type { Placement } from '../config/resolved.ts'
import type { Script } from '../shell/script.ts'

/** What a machine says about a schedule that it has for a placement. */
export interface ScheduleFacts {
  /** What runs it: `system`, `user` (systemd of that user) or `cron`. */
  readonly by: string
  /** When it runs, in words for people. */
  readonly at: string
  /** ISO 8601 UTC; `undefined` when unknown. */
  readonly next?: string
  readonly last?: {
    /** ISO 8601 UTC */
    readonly at: string
    readonly ok: boolean
    /** How it ended, in one sentence. */
    readonly note: string
  }
  readonly running: boolean
  /** Why it will not run, in one phrase: somebody may have stopped it by hand. */
  readonly problem?: string
}

/** A machine that has a schedule for a placement. */
interface SchedulePlace {
  /** Name of a host, or `local` for the operator's machine. */
  readonly on: string
  readonly folder: string
  /** Whether the config asks for it. @default true */
  readonly isWanted?: boolean
  /** Only looks; prints what `read` understands, and nothing when no schedule is installed. */
  readonly probe: Script
  /** Runs what is scheduled now and prints what it says; it fails when that does. */
  readonly start: Script
}

/** What works without the operator's machine, for `srv schedule`. */
export interface Schedules {
  readonly places: (placement: Placement, projectRoot: string) => readonly SchedulePlace[]
  readonly read: (stdout: string) => ScheduleFacts | undefined
}
