import type { SrvError } from '../error/srv-error.ts'
import type { RunStatus, Serving } from './event.ts'
import { interruptedCode } from './interrupted.ts'
import type { RunState } from './run-state.ts'

/** When several exit codes apply, the first of these is used. */
const worstFirst = [7, 6, 5, 10, 4, 8, 9, 2, 1]

/** The worst of some exit codes, by what people have to do about it. */
export function worst(codes: readonly number[]): number {
  return worstFirst.find((code) => codes.includes(code)) ?? codes.find((code) => code !== 0) ?? 0
}

/** Errors in the order in which a reader wants them: the worst first. */
export function worstErrorsFirst(errors: readonly SrvError[]): readonly SrvError[] {
  const rank = ({ exitCode }: SrvError): number => {
    const at = worstFirst.indexOf(exitCode)
    return at === -1 ? worstFirst.length : at
  }
  return errors.toSorted((left, right) => rank(left) - rank(right))
}

/** What a failed run has left behind, as an exit code: 7 something is down or unknown, 6 some serve the new release already, 5 what served before serves. */
function leftBehind(serving: readonly Serving[]): number {
  if (serving.some(({ state }) => state === 'down' || state === 'unknown')) return 7
  return serving.some(({ state }) => state === 'new') ? 6 : 5
}

/** The same of a run that changed nothing about what serves. */
function dataLeft(serving: readonly Serving[]): number {
  const left = leftBehind(serving)
  return left === 7 ? left : 10
}

/** How a run ended: its status, and the exit code of design §7. */
export interface Outcome {
  readonly status: RunStatus
  readonly exitCode: number
}

/** A run that ended before it changed anything. */
function withoutChange(codes: readonly number[]): Outcome {
  const exitCode = worst(codes)
  switch (exitCode) {
    case 4:
      return { status: 'unreachable', exitCode }
    case 8:
      return { status: 'locked', exitCode }
    case 2:
    case 9:
      return { status: 'refused', exitCode }
    default:
      return { status: 'failed', exitCode }
  }
}

/** Judges a run by what went wrong, whether anything was changed by then, and what each host says that it serves now. */
export function outcomeOf(state: RunState, serving: readonly Serving[], signal: AbortSignal): Outcome {
  const codes = [...state.errors.map(({ exitCode }) => exitCode), ...state.bugs.map(() => 1)]
  if (signal.aborted) return { status: 'cancelled', exitCode: interruptedCode(signal) }
  if (codes.length === 0) {
    const isUnchanged = state.counts.changed === 0 && !state.wouldChange
    return { status: isUnchanged ? 'unchanged' : 'ok', exitCode: 0 }
  }
  // What was done for others stays.
  const isPart = state.counts.changed > 0 && [...state.apart.values()].includes(true)
  // A refusal during preparation that was undone again has left no visible change.
  const isRefusal =
    !isPart &&
    state.touched.size === 0 &&
    codes.every((code) => code === 9 || (code === 2 && state.counts.changed === 0))
  if (!state.changedHosts || isRefusal) return withoutChange(codes)
  // A failed copy or restore has its own code, unless something is down because of it.
  const isData = state.touched.size === 0 && (codes.includes(10) || (isPart && codes.every((code) => code === 9)))
  // A bug may have kept the run from asking: then it is unknown what serves.
  const isUnknown = state.bugs.length > 0 && serving.length === 0
  const left = isUnknown ? 7 : isData ? dataLeft(serving) : leftBehind(serving)
  return { status: 'failed', exitCode: worst([left, ...codes.filter((code) => code === 7)]) }
}
