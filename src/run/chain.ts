import type { Host } from '../config/resolved.ts'
import { isSrvError } from '../error/srv-error.ts'
import { hasHooks } from '../plan/hooks.ts'
import type { Script } from '../shell/script.ts'
import { runAlone } from './function-job.ts'
import type { Job } from './job.ts'
import type { Piece } from './pieces.ts'
import { fail, skip } from './record.ts'
import { runScripts, scriptOf, type ScriptJob } from './script-job.ts'
import type { Session } from './session.ts'
import { skipReason } from './skip-reason.ts'

/** Whether a job is plain shell text that can be sent together with its neighbours'. */
function isPlain({ step }: Job): boolean {
  return step.task.script !== undefined && step.override === undefined && !hasHooks(step.hooks)
}

/** The job's text; a task that throws while it makes it has failed. */
function prepared(session: Session, job: Job): { readonly script: Script | undefined } | undefined {
  try {
    return { script: scriptOf(session, job) }
  } catch (thrown) {
    if (!isSrvError(thrown)) throw thrown
    fail(session, job, 0, thrown)
    return undefined
  }
}

/**
 * Runs jobs of one target one after another, neighbours that are plain shell text as one command, and stops at the
 * first that fails. `tail` is sent along with the last command, or alone when that one cannot take it.
 */
export async function runChain(
  session: Session,
  host: Host,
  jobs: readonly Job[],
  tail: readonly Piece[] = [],
): Promise<boolean> {
  let batch: ScriptJob[] = []
  const flush = async (more: readonly Piece[]): Promise<boolean> => {
    const sent = batch
    batch = []
    if (sent.length + more.length === 0) return true
    return runScripts(session, host, sent, more)
  }
  for (const job of jobs) {
    if (session.signal.aborted) return false
    if (isPlain(job)) {
      const reason = skipReason(session, job)
      const text = reason === undefined ? prepared(session, job) : undefined
      if (reason === undefined && text === undefined) return false
      if (text?.script === undefined) skip(session, job, reason ?? 'nothing to do here')
      else batch.push({ job, script: text.script })
    } else if (!(await flush([])) || !(await runAlone(session, job))) return false
  }
  return flush(tail)
}
