import { isSrvError, srvError, type Where } from './srv-error.ts'

/** An error as events and documents carry it: plain data, already masked. */
export interface ErrorReport {
  readonly code: string
  readonly message: string
  readonly hint: string
  readonly where: Where
  /** The last lines of output that explain it. */
  readonly output: readonly string[]
  /** Stack trace of a bug; never there for an error of the user, a host or an app. */
  readonly stack?: string
}

/** The stack of an error and of what caused it, in the order in which a reader wants them. */
function stackOf(error: Error): string {
  const own = error.stack ?? `${error.name}: ${error.message}`
  return error.cause instanceof Error ? `${own}\nCaused by: ${stackOf(error.cause)}` : own
}

function problemOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error)
  // The catalogue's sentence continues after it.
  return text.replace(/[.\s]+$/, '')
}

/**
 * Any thrown value as plain data. What the error already knows about its place wins over `where`; a value that is no
 * SrvError is a bug, and becomes SRV-900 with its stack. Hints are commands to copy: `environment` is put where they
 * leave it open.
 */
export function toErrorReport(error: unknown, where: Where = {}, environment?: string): ErrorReport {
  if (isSrvError(error)) {
    const { code, message, output } = error
    const hint = environment === undefined ? error.hint : error.hint.replaceAll('<environment>', environment)
    return { code, message, hint, where: { ...where, ...error.where }, output }
  }
  const { code, message, hint } = srvError('SRV-900', { problem: problemOf(error) })
  const report = { code, message, hint, where, output: [] }
  return error instanceof Error ? { ...report, stack: stackOf(error) } : report
}
