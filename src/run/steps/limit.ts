import { isSrvError, srvError, type SrvError } from '../../error/srv-error.ts'
import type { End } from '../../transport/transport.ts'
import { placeDetails } from '../undo/failure.ts'
import { placeOf, type Job } from './job.ts'
import type { Session } from '../session.ts'

/** Milliseconds that a function gets to end after it was told to: more than a transport needs to end a command for certain. */
const overdueMs = 20_000

/** The interrupt of a run, and the time limit of the step that is under way, in one signal. */
export interface Limit {
  readonly signal: AbortSignal
  /** Begins to count for a step; nothing when it has no limit. */
  start(timeoutMs: number | undefined, onExpired?: () => void): void
  /** The step has ended: time does not count any more. */
  clear(): void
  /** How a command really ended: one that was stopped because its time was up was not interrupted. */
  endOf(end: End): End
  isExpired(): boolean
  /** Lets go of the signal of the run. */
  close(): void
}

/** A limit under which no step has begun yet. */
export function createLimit(interrupt: AbortSignal): Limit {
  const controller = new AbortController()
  const onAbort = (): void => {
    controller.abort(interrupt.reason)
  }
  if (interrupt.aborted) onAbort()
  interrupt.addEventListener('abort', onAbort, { once: true })
  let timer: NodeJS.Timeout | undefined
  let expiredMs: number | undefined
  const clear = (): void => {
    clearTimeout(timer)
  }
  return {
    signal: controller.signal,
    start(timeoutMs, onExpired) {
      if (timeoutMs === undefined) return
      timer = setTimeout(() => {
        expiredMs = timeoutMs
        controller.abort('timeout')
        onExpired?.()
      }, timeoutMs)
    },
    clear,
    endOf(end) {
      if (end.kind !== 'cancelled' || expiredMs === undefined) return end
      return { kind: 'timeout', stopped: end.stopped, timeoutMs: expiredMs }
    },
    isExpired: () => expiredMs !== undefined,
    close() {
      clear()
      interrupt.removeEventListener('abort', onAbort)
    },
  }
}

function timeoutError(job: Job, timeoutMs: number, stopped: boolean): SrvError {
  const { step, target } = job
  return srvError('SRV-502', { task: step.taskId, target, timeoutMs, stopped }, { where: placeDetails(placeOf(job)) })
}

/** Runs the function of a job within its time limit: when time is up its signal fires, and its commands are ended. */
export async function withinLimit<R>(session: Session, job: Job, work: (limited: Session) => Promise<R>): Promise<R> {
  const { timeoutMs } = job.step.task
  if (timeoutMs === undefined) return work(session)
  const limit = createLimit(session.signal)
  let timer: NodeJS.Timeout | undefined
  const overdue = new Promise<never>((_resolve, reject) => {
    limit.start(timeoutMs, () => {
      timer = setTimeout(() => {
        reject(timeoutError(job, timeoutMs, false))
      }, overdueMs)
    })
  })
  try {
    return await Promise.race([work({ ...session, signal: limit.signal }), overdue])
  } catch (thrown) {
    const isOverdue = isSrvError(thrown) && thrown.code === 'SRV-502'
    throw limit.isExpired() && !isOverdue ? timeoutError(job, timeoutMs, true) : thrown
  } finally {
    clearTimeout(timer)
    limit.close()
  }
}
