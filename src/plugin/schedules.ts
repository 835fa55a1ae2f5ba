import type { Placement } from '../config/resolved.ts'
import type { Script } from '../shell/script.ts'

/** What a machine says about a schedule that it has for a placement. */
export interface ScheduleFacts {
  /** By what it is kept: `system`, `user` (systemd of that user) or `cron`. */
  readonly by: string
  /** When it runs, as that is told. */
  readonly at: string
  /** ISO 8601 UTC; nothing when nobody knows. */
  readonly next?: string
  readonly last?: {
    /** ISO 8601 UTC */
    readonly at: string
    readonly ok: boolean
    /** What became of it, in one sentence. */
    readonly note: string
  }
  readonly running: boolean
  /** Why it will not run, as somebody has stopped it by hand for instance, in one phrase. */
  readonly problem?: string
}

/** A machine that works on a placement by itself at set times. */
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
