import type { Placement } from '../config/resolved.ts'
import type { Script } from '../shell/script.ts'

/** Which part of a log to show. */
export interface LogOptions {
  /** Keep printing what is written from now on. */
  readonly follow: boolean
  readonly lines: number
  /** A time as journalctl takes it: `2026-11-22 14:00`, `-1h`. A log without times has no answer to it. */
  readonly since?: string
}

/** What a command inside an instance is given. */
export interface ExecOptions {
  /** Whether it reads the standard input of the text around it; otherwise its input is empty. */
  readonly input?: boolean
}

/** Shell text for the commands that ask an instance something, where the stock answer does not fit its kind. */
export interface Queries<S> {
  readonly kinds: readonly ('native' | 'docker')[]
  /** `srv logs`: prints the newest lines, and keeps printing with `follow`. `since` is a time as journalctl reads it. */
  readonly logs?: (placement: Placement, settings: S, options: LogOptions) => Script
  /** `srv ps`: prints a table of what runs. */
  readonly ps?: (placement: Placement, settings: S) => Script
  /** `srv exec <environment> <instance> --in <name>`: runs a command inside it. Tasks get it as `inside`. */
  readonly exec?: (
    placement: Placement,
    settings: S,
    inside: string,
    words: readonly string[],
    options?: ExecOptions,
  ) => Script
}
