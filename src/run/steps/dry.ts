import { stepsOf } from '../../plan/flatten.ts'
import type { PlanStep } from '../../plan/plan.ts'
import { display } from '../../shell/script.ts'
import { contextOf } from './context.ts'
import { thrownError } from '../undo/failure.ts'
import { at, hostJob, instanceJob, onceJob, placeOf, type Job } from './job.ts'
import { failUnbegun, skip } from '../record.ts'
import type { Session } from '../session.ts'
import { skipReason } from './skip-reason.ts'
import { dryCommands } from './target.ts'

function jobsOf(step: PlanStep): readonly Job[] {
  if (step.task.on === 'once') return [onceJob(step)]
  if (step.task.on === 'host') return step.hosts.map((host) => hostJob(step, host))
  return step.placements.map((placement) => instanceJob(step, placement))
}

/** The commands of a task, or nothing when it has nothing to do: the text of a script, or what its function asks for when nothing is sent. */
async function commandsOf(session: Session, job: Job): Promise<readonly string[] | undefined> {
  const commands: string[] = []
  const { task, override } = job.step
  const context = contextOf(
    session,
    job,
    dryCommands((command) => commands.push(command)),
  )
  const original = async (): Promise<unknown> => {
    if (task.run !== undefined) {
      const result: unknown = await task.run(context)
      return result
    }
    const script = task.script(context)
    if (script !== undefined) commands.push(display(script))
    return undefined
  }
  if (override === undefined && task.run === undefined && task.script(context) === undefined) return undefined
  // The function runs with targets that write down instead of sending, so that its decisions are the real ones.
  const result = await (override === undefined ? original() : override(context, original))
  session.state.setOutput(task, job.target, result)
  return commands
}

function whatOf(session: Session, job: Job): string {
  const context = contextOf(
    session,
    job,
    dryCommands(() => undefined),
  )
  return job.step.task.describe?.(context) ?? job.step.title
}

async function describe(session: Session, job: Job): Promise<boolean> {
  try {
    const reason = skipReason(session, job)
    if (reason !== undefined) {
      skip(session, job, reason)
      return true
    }
    const commands = await session.openWork.track(`${job.step.taskId} on ${job.target}`, commandsOf(session, job))
    if (commands === undefined) {
      skip(session, job, 'nothing to do here')
      return true
    }
    session.state.wouldChange ||= job.host !== undefined && job.step.task.changes !== false
    session.emit({ type: 'step.would', ...at(job), what: whatOf(session, job), commands })
    return true
  } catch (thrown) {
    failUnbegun(session, job, thrownError(placeOf(job), thrown))
    return false
  }
}

/**
 * Walks through a plan and says what each step would do where. Tasks that act once decide for real, so that the rest of the
 * plan is right; only commands that change nothing are sent to hosts.
 */
export async function dryRun(session: Session): Promise<boolean> {
  for (const step of stepsOf(session.plan.root)) {
    for (const job of jobsOf(step)) {
      if (session.signal.aborted || !(await describe(session, job))) return false
    }
  }
  return true
}
