import { hasHooks } from '../plan/hooks.ts'
import type { BoundHook, PlanSeries } from '../plan/plan.ts'
import { brandTask } from '../plugin/contract.ts'
import { lines, raw } from '../shell/script.ts'
import { contextOf, hookContext } from './context.ts'
import { onceJob, placeOf, type Job } from './job.ts'
import { commandError, thrownError } from './failure.ts'
import { begin, fail, hookError, skip, succeed } from './record.ts'
import { scriptOf } from './script-job.ts'
import { skipReason } from './skip-reason.ts'
import type { Session } from './session.ts'
import { execFor, realCommands } from './target.ts'

async function runHook(session: Session, job: Job, hook: BoundHook): Promise<void> {
  const name = `${hook.id} on ${job.target}`
  try {
    await session.openWork.track(
      name,
      Promise.resolve(hook.handler(hookContext(session, job, hook.plugin, realCommands))),
    )
  } catch (thrown) {
    throw hookError(job, hook.id, thrown)
  }
}

async function runHooks(session: Session, job: Job, hooks: readonly BoundHook[]): Promise<void> {
  for (const hook of hooks) await runHook(session, job, hook)
}

/** The task itself: its function, or its shell text as a command of its own. */
async function original(session: Session, job: Job): Promise<unknown> {
  const { task } = job.step
  const context = contextOf(session, job, realCommands)
  if (task.run !== undefined) return task.run(context)
  const script = scriptOf(session, job)
  if (script === undefined) return undefined
  const { end, stdout, stderr } = await execFor(session, job, lines(raw('set -eu'), script))
  if (end.kind === 'exit' && end.code === 0) return task.read?.(stdout, context)
  const reason = end.kind === 'exit' ? task.explain?.({ code: end.code, stdout, stderr }, context) : undefined
  throw commandError(placeOf(job), end, { stdout, stderr }, reason)
}

async function body(session: Session, job: Job): Promise<unknown> {
  const { override } = job.step
  if (override === undefined) return original(session, job)
  return override(contextOf(session, job, realCommands), () => original(session, job))
}

/**
 * Runs a job that cannot share a command with its neighbours: a function, or a task with hooks or an override around
 * it. A hook that fails is the step's failure; `finally` hooks run in any case.
 */
export async function runAlone(session: Session, job: Job): Promise<boolean> {
  const { step } = job
  const reason = skipReason(session, job)
  if (reason !== undefined) {
    skip(session, job, reason)
    return true
  }
  const startedMs = session.now()
  begin(session, job)
  try {
    await runHooks(session, job, step.hooks.before)
    const result = await session.openWork.track(`${step.taskId} on ${job.target}`, Promise.resolve(body(session, job)))
    await runHooks(session, job, step.hooks.after)
    succeed(session, job, session.now() - startedMs, result)
    return true
  } catch (thrown) {
    fail(session, job, session.now() - startedMs, thrownError(placeOf(job), thrown))
    return false
  } finally {
    await runFinally(session, job)
  }
}

/** A `finally` hook that fails spoils the run, but the other `finally` hooks still run. */
async function runFinally(session: Session, job: Job): Promise<void> {
  for (const hook of job.step.hooks.finally) {
    try {
      await runHook(session, job, hook)
    } catch (thrown) {
      session.state.errors.push(thrownError(placeOf(job), thrown))
    }
  }
}

/** The job that a pipeline's hooks belong to: they run once, on the operator's machine. */
function pipelineJob(session: Session, { id, name = '', hooks }: PlanSeries): Job {
  const task = brandTask({ title: name, on: 'once', run: () => undefined })
  const { placements } = session.plan
  return onceJob({ kind: 'step', id, taskId: name, task, title: name, group: name, placements, hosts: [], hooks })
}

/** Runs a pipeline between its hooks; a hook that fails is the pipeline's failure, and `finally` hooks run in any case. */
export async function runPipelineHooks(
  session: Session,
  node: PlanSeries,
  body: () => Promise<boolean>,
): Promise<boolean> {
  if (!hasHooks(node.hooks)) return body()
  const job = pipelineJob(session, node)
  try {
    await runHooks(session, job, node.hooks.before)
    const ok = await body()
    if (ok) await runHooks(session, job, node.hooks.after)
    return ok
  } catch (thrown) {
    session.state.errors.push(thrownError(placeOf(job), thrown))
    return false
  } finally {
    await runFinally(session, job)
  }
}
