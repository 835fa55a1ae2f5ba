import type { Host } from '../../config/resolved.ts'
import type { SrvError } from '../../error/srv-error.ts'
import { hasHooks } from '../../plan/hooks.ts'
import type { Script } from '../../shell/script.ts'
import { thrownError } from '../undo/failure.ts'
import { runAlone } from './function-job.ts'
import { placeOf, type Job } from './job.ts'
import type { Piece } from './pieces.ts'
import { failUnbegun, skip } from '../record.ts'
import { runScripts, scriptOf, type ScriptJob } from './script-job.ts'
import type { Session } from '../session.ts'
import { skipReason } from './skip-reason.ts'

/** Whether a job is plain shell text that can be sent together with its neighbours'. */
function isPlain({ step }: Job): boolean {
  return step.task.script !== undefined && step.override === undefined && !hasHooks(step.hooks)
}

/** What to do about a job of plain shell text. */
type Decision =
  | { readonly kind: 'skip'; readonly reason: string }
  | { readonly kind: 'send'; readonly script: Script }
  | { readonly kind: 'fail'; readonly error: SrvError }

function decide(session: Session, job: Job): Decision {
  try {
    const reason = skipReason(session, job)
    if (reason !== undefined) return { kind: 'skip', reason }
    const script = scriptOf(session, job)
    return script === undefined ? { kind: 'skip', reason: 'nothing to do here' } : { kind: 'send', script }
  } catch (thrown) {
    return { kind: 'fail', error: thrownError(placeOf(job), thrown) }
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
    if (session.signal.aborted) return false
    const ok = await runScripts(session, host, sent, more)
    for (const { job } of sent) session.state.expectNoOutput(job.step.task, job.target)
    return ok
  }
  for (const job of jobs) {
    if (session.signal.aborted) return false
    if (!isPlain(job)) {
      if (!(await flush([])) || !(await runAlone(session, job))) return false
      continue
    }
    const early = session.state.watchOutputs(() => decide(session, job))
    // Its text depends on the output of an earlier step: that one has to run first.
    if (early.isMissing && !(await flush([]))) return false
    const decision = early.isMissing ? decide(session, job) : early.value
    if (decision.kind === 'fail') {
      failUnbegun(session, job, decision.error)
      return false
    }
    if (decision.kind === 'send') {
      if (job.step.task.read !== undefined) session.state.expectOutput(job.step.task, job.target)
      batch.push({ job, script: decision.script, skipped: [] })
      continue
    }
    const last = batch.at(-1)
    if (last === undefined) skip(session, job, decision.reason)
    else last.skipped.push({ job, reason: decision.reason })
  }
  return flush(tail)
}
