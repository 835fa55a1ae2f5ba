import { isSrvError, located, srvError, type SrvError } from '../../error/srv-error.ts'
import type { PlanStep } from '../../plan/plan.ts'
import { sanitizeLine } from '../../shell/sanitize.ts'
import type { End } from '../../transport/transport.ts'
import type { StepStatus } from '../event.ts'

/** How many last lines of output an error carries. */
const keptLines = 20

/** Where a step was when it failed. */
export interface Place {
  readonly step: PlanStep
  /** Placement id, host name, or `local`. */
  readonly target: string
  /** Host name, or `local`. */
  readonly host: string
}

/** The place of an error, for its report. */
export function placeDetails({ step, target, host }: Place): SrvError['where'] {
  return {
    host,
    task: step.taskId,
    ...(target === host ? {} : { instance: target.replace(/@.*$/, '') }),
    ...(step.plugin === undefined ? {} : { plugin: step.plugin }),
  }
}

/** The last lines that a person wants to see: what was said on standard error, or else on standard output. */
export function lastLines(stdout: string, stderr: string): readonly string[] {
  const text = stderr.trim() === '' ? stdout : stderr
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-keptLines)
    .map((line) => sanitizeLine(line).trimEnd())
    .filter((line) => line !== '')
}

/** How programs report a full disk; the printf of dash only says that it could not write. */
export function isDiskFull(stderr: string): boolean {
  return /No space left on device|Disk quota exceeded|write error[.] Out of diskspace$|^\S*sh: \d+: (printf|echo): (printf|echo): I\/O error$/m.test(
    stderr,
  )
}

/** The error of a command that did not end with exit code 0. */
export function commandError(
  place: Place,
  end: End,
  said: { readonly stdout: string; readonly stderr: string },
  reason?: string | SrvError,
): SrvError {
  if (isSrvError(reason)) return located(reason, placeDetails(place))
  const step = { task: place.step.taskId, target: place.target }
  const output = lastLines(said.stdout, said.stderr)
  // What the message already says is not repeated below it.
  const circumstances = { where: placeDetails(place), output: output[0]?.trim() === reason ? output.slice(1) : output }
  switch (end.kind) {
    case 'exit':
      if (reason === undefined && isDiskFull(said.stderr)) {
        return srvError('SRV-515', { ...step, host: place.host }, circumstances)
      }
      return srvError('SRV-501', { ...step, code: end.code, reason }, circumstances)
    case 'signal':
      return srvError('SRV-506', { ...step, signal: end.signal }, circumstances)
    case 'timeout':
      return srvError('SRV-502', { ...step, timeoutMs: end.timeoutMs, stopped: end.stopped }, circumstances)
    case 'lost':
      return srvError('SRV-503', { ...step, reason: end.reason }, circumstances)
    case 'cancelled':
      return srvError('SRV-504', step, circumstances)
  }
}

/** The error of a function that threw: an error of srv keeps its code and learns its place, any other becomes its cause. */
export function thrownError(place: Place, thrown: unknown): SrvError {
  if (isSrvError(thrown)) return located(thrown, placeDetails(place))
  const problem = thrown instanceof Error ? thrown.message : String(thrown)
  return srvError(
    'SRV-505',
    { task: place.step.taskId, target: place.target, problem },
    { where: placeDetails(place), cause: thrown },
  )
}

/** The errors of a function that threw: an AggregateError of errors of srv is all of them. */
export function thrownErrors(place: Place, thrown: unknown): readonly [SrvError, ...SrvError[]] {
  if (!(thrown instanceof AggregateError)) return [thrownError(place, thrown)]
  const all: readonly unknown[] = thrown.errors
  const [first, ...others] = all.filter((one) => isSrvError(one)).map((one) => thrownError(place, one))
  return first === undefined || others.length + 1 < all.length ? [thrownError(place, thrown)] : [first, ...others]
}

/** The status of a step that ended with an error. */
export function statusOf(error: SrvError): Extract<StepStatus, 'failed' | 'timeout' | 'lost' | 'cancelled'> {
  switch (error.code) {
    case 'SRV-502':
      return 'timeout'
    case 'SRV-503':
      return 'lost'
    case 'SRV-504':
      return 'cancelled'
    default:
      return 'failed'
  }
}
