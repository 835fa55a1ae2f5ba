import type { ShowOptions } from '../report/status.ts'
import type { GlobalOptions } from './global-options.ts'
import type { Io } from './io.ts'

/** The data of a command: it says which document it is, and so what it has. */
export interface Document {
  readonly schema: `srv.${string}/${number}`
}

/** Prints what a command found: for programs the document on one line, for people lines made of it. */
export function printDocument<D extends Document>(
  { stdout, env }: Pick<Io, 'stdout' | 'env'>,
  { json }: Pick<GlobalOptions, 'json'>,
  document: D,
  linesOf: (document: D, options: ShowOptions) => readonly string[],
): void {
  const lines = json === true ? [JSON.stringify(document)] : linesOf(document, { stream: stdout, env, now: Date.now() })
  for (const line of lines) stdout.write(`${line}\n`)
}
