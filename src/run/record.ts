import { toErrorReport } from '../error/report.ts'
import { srvError, type SrvError } from '../error/srv-error.ts'
import { statusOf } from './failure.ts'
import { at, type Job } from './job.ts'
import type { Session } from './session.ts'

/** A step has begun: from now on it may have changed something, and may have to be undone. */
export function begin(session: Session, job: Job): void {
  const { step, target, placement, host } = job
  session.emit({ type: 'step.start', ...at(job) })
  session.state.setBegun(step, target)
  if (step.task.changes !== false && host !== undefined) session.state.changedHosts = true
  if (step.task.activates === true && placement !== undefined) session.state.touched.add(placement.id)
  if (step.task.undo !== undefined) session.state.pushUndo({ step, target })
}

/** A step ended well, and what it returned is there for later ones. */
export function succeed(session: Session, job: Job, ms: number, result: unknown): void {
  const status = job.step.task.changes === false ? 'ok' : 'changed'
  session.state.setOutput(job.step.task, job.target, result)
  session.state.counts[status]++
  session.emit({ type: 'step.end', ...at(job), status, ms })
}

/** A step had nothing to do. */
export function skip(session: Session, job: Job, reason: string): void {
  session.state.counts.skipped++
  session.emit({ type: 'step.end', ...at(job), status: 'skipped', ms: 0, reason })
}

/** A step ended badly: the run will fail with this error, or with a worse one. */
export function fail(session: Session, job: Job, ms: number, error: SrvError): void {
  const status = statusOf(error)
  session.state.counts[status]++
  session.state.errors.push(error)
  session.emit({ type: 'step.end', ...at(job), status, ms, error: masked(session, error) })
}

/** An error as an event carries it; secrets in its texts are masked. */
export function masked(session: Session, error: SrvError): ReturnType<typeof toErrorReport> {
  const report = toErrorReport(error)
  const mask = (text: string): string => session.masker.mask(text)
  return { ...report, message: mask(report.message), hint: mask(report.hint), output: report.output.map(mask) }
}

/** The error of a hook that threw. */
export function hookError(job: Job, hook: string, thrown: unknown): SrvError {
  const problem = thrown instanceof Error ? thrown.message : String(thrown)
  const where = { host: job.hostName, task: job.step.taskId, hook }
  return srvError('SRV-508', { task: job.step.taskId, target: job.target, hook, problem }, { where, cause: thrown })
}
