import { catalog, type Code, type Details } from './catalog.ts'

/** Where something went wrong: every part is optional, because some errors have no host or no task. */
export interface Where {
  readonly host?: string
  readonly instance?: string
  readonly plugin?: string
  readonly task?: string
  readonly hook?: string
}

const brand = Symbol.for('srvkit.error')

/**
 * The one error class of srv. Its text comes from the catalogue, so that each code has one message and one hint.
 *
 * It is recognised by a `Symbol.for` brand and never by `instanceof`: a plugin may have loaded its own copy of srvkit.
 */
export class SrvError extends Error {
  override readonly name = 'SrvError'
  readonly code: Code
  /** One command or change that the reader can make next. */
  readonly hint: string
  /** Exit status of a run that fails with this error: see the table in `docs/errors.md`. */
  readonly exitCode: number
  readonly where: Where
  /** The last lines of output that belong to the failure, already masked; shown below the message. */
  readonly output: readonly string[]

  constructor(
    code: Code,
    message: string,
    hint: string,
    exitCode: number,
    where: Where,
    output: readonly string[],
    cause: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause })
    Object.defineProperty(this, brand, { value: true })
    this.code = code
    this.hint = hint
    this.exitCode = exitCode
    this.where = where
    this.output = output
  }
}

/** What surrounds an error: its place, its cause, and the output that explains it. */
export interface Circumstances {
  readonly where?: Where
  readonly cause?: unknown
  readonly output?: readonly string[]
}

/** Builds the catalogue's error for a code; `details` fill its message and hint. It returns the error, so that `throw` stays visible at the call. */
export function srvError<C extends Code>(code: C, details: Details<C>, circumstances: Circumstances = {}): SrvError {
  const { message, hint, exitCode } = catalog.describe(code, details)
  return new SrvError(
    code,
    message,
    hint,
    exitCode,
    circumstances.where ?? {},
    circumstances.output ?? [],
    circumstances.cause,
  )
}

/** Tells an error of srv from any other, also when it was made by another copy of this package. */
export function isSrvError(error: unknown): error is SrvError {
  return typeof error === 'object' && error !== null && brand in error
}

/** The same error with details about its place added; what the error already knew wins. */
export function located(error: SrvError, where: Where): SrvError {
  return new SrvError(
    error.code,
    error.message,
    error.hint,
    error.exitCode,
    { ...where, ...error.where },
    error.output,
    error.cause,
  )
}
