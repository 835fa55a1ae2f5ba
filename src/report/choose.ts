import type { Writable } from 'node:stream'
import type { Terminal } from './live/screen.ts'

/** A stream that may be a terminal. */
export type ReportStream = Writable & Terminal

/** What decides how a run is shown; everything is passed in, so that tests control it. */
export interface ReportOptions {
  /** `--json` */
  readonly json?: boolean
  /** `--plain` */
  readonly plain?: boolean
  /** How many times `-v` was given: 1 shows output and commands, 3 the stack of a bug. */
  readonly verbose?: number
  /** The variables that matter: CI, GITHUB_ACTIONS, NO_COLOR, FORCE_COLOR, TERM. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: ReportStream
  readonly stderr: ReportStream
  /** Milliseconds since 1970, of the clock that gives events their times. */
  readonly now?: () => number
  /** Path of the log of a host, or of this machine when none is named; nothing when the run leaves no log. */
  readonly logOf?: (host: string | undefined) => string | undefined
  /** The word that ends a stretch of remote text on GitHub; random by default, because no host may know it. */
  readonly token?: string
}

/** The ways of showing a run. */
export type ViewName = 'json' | 'live' | 'plain'

/**
 * Which view is used. The live view needs a terminal that can be redrawn: listr2 and others print one letter a line
 * into a terminal without a known width, and CI keeps every frame. With `-v` output scrolls by, so lines are plain.
 */
export function chooseView({ json, plain, verbose = 0, env, stderr }: ReportOptions): ViewName {
  if (json === true) return 'json'
  const isCi = env['CI'] !== undefined && env['CI'] !== '' && env['CI'] !== 'false'
  const canDraw = stderr.isTTY === true && (stderr.columns ?? 0) >= 40 && env['TERM'] !== 'dumb'
  return canDraw && !isCi && plain !== true && verbose === 0 ? 'live' : 'plain'
}
