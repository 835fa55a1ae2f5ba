import { errorIn } from './error-in.ts'
import { isSrvError, located, srvError, type SrvError } from '../error/srv-error.ts'
import type { BoundHook } from '../plan/plan.ts'
import { statusOf } from './undo/failure.ts'
import { at, type Job } from './steps/job.ts'
import type { Session } from './session.ts'

/** A step has begun: from now on it may have changed something, and may have to be undone. */
export function begin(session: Session, job: Job): void {
  session.emit({ type: 'step.start', ...at(job) })
  setChanging(session, job)
}

/** The task of a step itself begins: the hooks before it have run, and may have stopped it. */
export function setChanging(session: Session, job: Job): void {
  const { step, target, placement, host } = job
  session.state.setBegun(step, target)
  if (step.task.changes !== false && host !== undefined) session.state.changedHosts = true
  if (step.task.activates === true && placement !== undefined) session.state.touched.add(placement.id)
  if (step.task.undo !== undefined) session.state.pushUndo({ step, target })
}

/** How an instance came through a step whose failure concerns no other. */
function setApart({ state }: Session, { step, target, placement }: Job, ok: boolean): void {
  if (step.task.othersGoOn === true && placement !== undefined) {
    state.apart.set(target, ok && state.apart.get(target) !== false)
  }
}

/** A step ended well, and what it returned is there for later ones. */
export function succeed(session: Session, job: Job, ms: number, result: unknown): void {
  const { step, target } = job
  const status = step.task.changes === false || session.state.isIdle(step, target) ? 'ok' : 'changed'
  session.state.setOutput(job.step.task, job.target, result)
  session.state.counts[status]++
  setApart(session, job, true)
  const reason = session.state.doneBy(job.step, job.target)
  session.emit({ type: 'step.end', ...at(job), status, ms, ...(reason === undefined ? {} : { reason }) })
}

/** A step had nothing to do. */
export function skip(session: Session, job: Job, reason: string): void {
  session.state.counts.skipped++
  session.emit({ type: 'step.end', ...at(job), status: 'skipped', ms: 0, reason })
}

/** A step failed: the run will fail with this error, or with a worse one. */
export function fail(session: Session, job: Job, ms: number, error: SrvError): void {
  const status = statusOf(error)
  session.state.counts[status]++
  session.state.setFailed(job.step, job.target)
  session.state.errors.push(error)
  setApart(session, job, false)
  session.emit({ type: 'step.end', ...at(job), status, ms, error: errorIn(session, error) })
}

/** A step failed before anything of it was sent. */
export function failUnbegun(session: Session, job: Job, error: SrvError): void {
  session.emit({ type: 'step.start', ...at(job) })
  fail(session, job, 0, error)
}

/** The error of a hook that threw. */
export function hookError(job: Job, hook: BoundHook, thrown: unknown): SrvError {
  const { id, plugin } = hook
  const where = { host: job.hostName, task: job.step.taskId, hook: id, ...(plugin === undefined ? {} : { plugin }) }
  // Lost, interrupted and never-ended steps keep their error: it says how certain the state of the host is.
  const stays = (error: SrvError): boolean => statusOf(error) !== 'failed' || /^SRV-(403|901)$/.test(error.code)
  if (isSrvError(thrown) && stays(thrown)) return located(thrown, where)
  const problem = thrown instanceof Error ? thrown.message : String(thrown)
  const output = isSrvError(thrown) ? thrown.output : []
  const details = { task: job.step.taskId, target: job.target, hook: id, problem }
  return srvError('SRV-508', details, { where, output, cause: thrown })
}
