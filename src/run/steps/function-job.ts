import type { SrvError } from '../../error/srv-error.ts'
import { hasHooks } from '../../plan/hooks.ts'
import type { BoundHook, PlanSeries } from '../../plan/plan.ts'
import { brandTask } from '../../plugin/contract.ts'
import { lines, raw } from '../../shell/script.ts'
import { contextOf, hookContext } from './context.ts'
import { at, onceJob, placeOf, type Job } from './job.ts'
import { commandError, thrownError, thrownErrors } from '../undo/failure.ts'
import { withinLimit } from './limit.ts'
import { fail, failUnbegun, hookError, setChanging, skip, succeed } from '../record.ts'
import { scriptOf } from './script-job.ts'
import { skipReason } from './skip-reason.ts'
import type { Session } from '../session.ts'
import { execFor, realCommands } from './target.ts'

async function runHook(session: Session, job: Job, hook: BoundHook): Promise<void> {
  try {
    const work = hook.handler(hookContext(session, job, hook.plugin, realCommands))
    await session.openWork.track(`${hook.id} on ${job.target}`, Promise.resolve(work))
  } catch (thrown) {
    throw hookError(job, hook, thrown)
  }
}

async function runHooks(session: Session, job: Job, hooks: readonly BoundHook[]): Promise<void> {
  for (const hook of hooks) await runHook(session, job, hook)
}

/** The task itself: its function, or its shell text as a command of its own. */
async function original(session: Session, job: Job): Promise<unknown> {
  const { task } = job.step
  const context = contextOf(session, job, realCommands)
  if (task.run !== undefined) return task.run(context, await session.state.ahead(job.step))
  const script = scriptOf(session, job)
  if (script === undefined) return undefined
  const { end, stdout, stderr } = await execFor(session, job, job.host, lines(raw('set -eu'), script))
  if (end.kind === 'exit' && end.code === 0) return task.read?.(stdout, context)
  const reason = end.kind === 'exit' ? task.explain?.({ code: end.code, stdout, stderr }, context) : undefined
  throw commandError(placeOf(job), end, { stdout, stderr }, reason)
}

async function body(session: Session, job: Job): Promise<unknown> {
  const { override } = job.step
  if (override === undefined) return original(session, job)
  return override(contextOf(session, job, realCommands), () => original(session, job))
}

/** Why there is nothing to do; a script without text has nothing to do, whether it has hooks or not. */
function reasonToSkip(session: Session, job: Job): string | undefined {
  const { task, override } = job.step
  const reason = skipReason(session, job)
  if (reason !== undefined || task.script === undefined || override !== undefined) return reason
  return scriptOf(session, job) === undefined ? 'nothing to do here' : undefined
}

async function between(session: Session, job: Job): Promise<unknown> {
  const { step, target } = job
  await runHooks(session, job, step.hooks.before)
  setChanging(session, job)
  const work = withinLimit(session, job, (limited) => body(limited, job))
  const result = await session.openWork.track(`${step.taskId} on ${target}`, work)
  await runHooks(session, job, step.hooks.after)
  return result
}

/**
 * Runs a job that cannot share a command with its neighbours: a function, or a task with hooks or an override around
 * it. A hook that fails is the step's failure; `finally` hooks run in any case.
 */
export async function runAlone(session: Session, job: Job): Promise<boolean> {
  const startedMs = session.now()
  try {
    const reason = reasonToSkip(session, job)
    if (reason !== undefined) {
      skip(session, job, reason)
      return true
    }
  } catch (thrown) {
    failUnbegun(session, job, thrownError(placeOf(job), thrown))
    return false
  }
  session.emit({ type: 'step.start', ...at(job) })
  const failures: SrvError[] = []
  let result: unknown
  try {
    result = await between(session, job)
  } catch (thrown) {
    failures.push(...thrownErrors(placeOf(job), thrown))
  }
  failures.push(...(await runFinally(session, job)))
  const [error, ...others] = failures
  if (error === undefined) succeed(session, job, session.now() - startedMs, result)
  else fail(session, job, session.now() - startedMs, error)
  session.state.errors.push(...others)
  return error === undefined
}

/** Runs every `finally` hook, also after one that failed, and after an interrupt: they clean up. */
async function runFinally(interrupted: Session, job: Job): Promise<readonly SrvError[]> {
  const session = { ...interrupted, signal: new AbortController().signal, bringsBack: true }
  const failures: SrvError[] = []
  for (const hook of job.step.hooks.finally) {
    try {
      await runHook(session, job, hook)
    } catch (thrown) {
      failures.push(thrownError(placeOf(job), thrown))
    }
  }
  return failures
}

/** The job that a pipeline's hooks belong to: they run once, on the operator's machine. */
function pipelineJob(session: Session, { id, name = '', hooks }: PlanSeries): Job {
  const task = brandTask({ title: name, on: 'once', run: () => undefined })
  const { placements } = session.plan
  return onceJob({
    kind: 'step',
    id,
    taskId: name,
    task,
    title: name,
    group: name,
    placements,
    hosts: [],
    companions: [],
    hooks,
  })
}

/** Runs a pipeline between its hooks; a hook that fails is the pipeline's failure, and `finally` hooks run in any case. */
export async function runPipelineHooks(
  session: Session,
  node: PlanSeries,
  body: () => Promise<boolean>,
): Promise<boolean> {
  if (!hasHooks(node.hooks)) return body()
  const job = pipelineJob(session, node)
  const failures: SrvError[] = []
  let ok = false
  try {
    await runHooks(session, job, node.hooks.before)
    ok = await body()
    if (ok) await runHooks(session, job, node.hooks.after)
  } catch (thrown) {
    failures.push(thrownError(placeOf(job), thrown))
  }
  failures.push(...(await runFinally(session, job)))
  session.state.errors.push(...failures)
  return ok && failures.length === 0
}
