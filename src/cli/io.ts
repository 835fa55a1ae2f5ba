import type { OpenWork } from '../run/steps/open-work.ts'

/** The world outside, as a command sees it: handed in, so that tests need no process of their own. */
export interface Io {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly stdin: NodeJS.ReadStream
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** What was typed after `srv`. */
  readonly argv: readonly string[]
  /** Fires at the first interrupt; its reason is the name of the signal. */
  readonly signal: AbortSignal
  /** Does what Ctrl-C does, where the terminal hands it on as a character. */
  readonly interrupt: () => void
  readonly openWork: OpenWork
}
