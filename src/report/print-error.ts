import { toErrorReport } from '../error/report.ts'
import { isSrvError } from '../error/srv-error.ts'
import { errorLines } from './error.ts'
import { styleOf, wantsColour } from './style.ts'

/** Where an error that ended a command goes. */
export interface PrintErrorOptions {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly env: NodeJS.ProcessEnv
  /** With `--json` the error is also the one document on stdout. */
  readonly json: boolean
  readonly verbose: number
  /** How srv exits because of it. @default as the error says */
  readonly exitCode?: number
}

/** Prints what ended a command before a run began: for people on stderr, for programs on stdout. */
export function printError(thrown: unknown, options: PrintErrorOptions): void {
  const { stdout, stderr, env, json, verbose } = options
  const error = toErrorReport(thrown)
  const style = styleOf(wantsColour({ env, isTTY: stderr.isTTY }))
  for (const line of errorLines(error, { style, width: stderr.columns, verbose })) stderr.write(`${line}\n`)
  if (!json) return
  const exit_code = options.exitCode ?? (isSrvError(thrown) ? thrown.exitCode : 1)
  stdout.write(`${JSON.stringify({ schema: 'srv.error/1', exit_code, error })}\n`)
}
