import type { ErrorReport } from '../error/report.ts'
import type { StreamName } from '../transport/transport.ts'

export type { ErrorReport } from '../error/report.ts'

/** How a step ended on one target. `lost` means that the outcome is unknown. */
export type StepStatus = 'changed' | 'ok' | 'skipped' | 'failed' | 'timeout' | 'lost' | 'cancelled'

/** How a run ended. */
export type RunStatus = 'ok' | 'unchanged' | 'failed' | 'refused' | 'unreachable' | 'locked' | 'cancelled'

/** What serves of one instance on one host after a run, as the host itself said. */
export interface Serving {
  /** Release id, or `null` when nothing serves. */
  readonly release: string | null
  /** Whether this run put it there, an earlier one did, nothing serves, or nobody could be asked. */
  readonly state: 'new' | 'old' | 'unchanged' | 'down' | 'unknown'
  /** Where it answers, when its health check is an HTTP one. */
  readonly url?: string
}

/** Which part of an environment a command line chose: nothing named means all of it. */
export interface Selection {
  /** `service` or `service/instance` */
  readonly services: readonly string[]
  /** Names of hosts; `!name` leaves one out. */
  readonly hosts: readonly string[]
  readonly tags: readonly string[]
}

/** What a command line said beside that, by the names of its options; `true` is an option without a value. */
export type TypedOptions = Readonly<Record<string, string | true>>

/** One step of the plan, as the views need it. */
export interface StepInfo {
  /** Unique in the run: `2`, `2.1`. */
  readonly id: string
  /** `plugin:task`, a stock or local task, or `before:…`. */
  readonly task: string
  readonly title: string
  /** The pipeline phase or named group that it belongs to. */
  readonly group: string
  /** Targets in order: placement ids `blog/native@web1`, host names, or `local`. */
  readonly targets: readonly string[]
}

/** Which step on which target an event is about. `target` is one of the step's targets, `host` the machine it lives on. */
export interface At {
  readonly step: string
  readonly task: string
  readonly target: string
  readonly host: string
}

/** What a step says while it runs: a line for people and, of a copy of files, its numbers. */
export interface Progress {
  readonly text: string
  /** Copied so far. */
  readonly bytes?: number
  /** Share of everything that is known so far, from 0 to 100. */
  readonly percent?: number
  readonly bytes_per_second?: number
  /** Not there until it is known how much there is. */
  readonly seconds_left?: number
}

/**
 * Everything that happens in a run, in one union: the views, the JSON lines and the journal are made of nothing else.
 * `t` is added by the emitter: ISO 8601 UTC with milliseconds.
 */
export type RunEvent =
  | { readonly type: 'version'; readonly schema: 'srv.events/1'; readonly srv: string; readonly run: string }
  | {
      readonly type: 'run.start'
      readonly pipeline: string
      readonly environment: string
      readonly dry_run: boolean
      /** What was chosen, in the words of the command line: a command to do next has to choose the same. */
      readonly selection: Selection
      readonly hosts: readonly string[]
      readonly steps: readonly StepInfo[]
    }
  | { readonly type: 'host.connect'; readonly host: string }
  | { readonly type: 'host.ready'; readonly host: string; readonly ms: number }
  | { readonly type: 'host.unreachable'; readonly host: string; readonly error: ErrorReport }
  | { readonly type: 'check.start'; readonly host: string; readonly checks: number }
  | {
      readonly type: 'check.end'
      readonly host: string
      readonly check: string
      readonly ok: boolean
      readonly found?: string
      readonly problem?: string
      readonly fix?: string
    }
  | ({ readonly type: 'step.start' } & At)
  | ({ readonly type: 'step.output'; readonly stream: StreamName; readonly line: string } & At)
  | ({ readonly type: 'step.progress' } & Progress & At)
  /** In a dry run: what the step would do, one line of plain words and the commands behind it. */
  | ({ readonly type: 'step.would'; readonly what: string; readonly commands: readonly string[] } & At)
  | ({
      readonly type: 'step.end'
      readonly status: StepStatus
      readonly ms: number
      /** Why a step was skipped, or, in its own words, what it did. */
      readonly reason?: string
      readonly error?: ErrorReport
    } & At)
  | { readonly type: 'undo.start'; readonly target: string; readonly host: string; readonly tasks: readonly string[] }
  | {
      readonly type: 'undo.end'
      readonly target: string
      readonly host: string
      readonly ok: boolean
      readonly ms: number
      readonly error?: ErrorReport
    }
  | { readonly type: 'warning'; readonly message: string; readonly host?: string }
  | {
      readonly type: 'run.end'
      readonly status: RunStatus
      readonly exit_code: number
      readonly ms: number
      readonly serving: Readonly<Record<string, Serving>>
      readonly counts: Readonly<Record<StepStatus, number>>
      /** The worst error, and then the others. */
      readonly errors: readonly ErrorReport[]
      /** After failures that kept no other instance from its part: on which it was done, and on which it failed. */
      readonly apart?: { readonly done: readonly string[]; readonly failed: readonly string[] }
      /** Whether a rollback can bring back what served before this run. */
      readonly can_undo?: boolean
      /** What that rollback has to choose, so that it touches nothing that this run has not replaced; not there when one command cannot. */
      readonly undo?: Selection
      /** Whether that rollback finds a snapshot of the data from before this run everywhere: `rollback --with-data`. */
      readonly undo_with_data?: true
      /** The flags of its tasks that were typed, and `force` and `config`: at the end, when the values of secrets are known. */
      readonly options?: TypedOptions
    }

/** An event with its time. */
export type TimedEvent = RunEvent & { readonly t: string }

/** Takes events as they happen. It must not throw and not block: a slow view never slows a run. */
export type EventSink = (event: TimedEvent) => void

/** An event as one line of JSON, without the line feed and its time first: what `--json` prints and the journal keeps. */
export function eventLine({ t, ...rest }: TimedEvent): string {
  return JSON.stringify({ t, ...rest })
}
