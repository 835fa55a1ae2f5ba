import type { Host } from '../config/resolved.ts'
import { srvError, type SrvError } from '../error/srv-error.ts'
import type { Script } from '../shell/script.ts'
import type { Answer } from '../plugin/contract.ts'
import { contextOf } from './context.ts'
import { commandError, thrownError } from './failure.ts'
import { at, placeOf, type Job } from './job.ts'
import { runPieces, type Piece, type PiecesResult } from './pieces.ts'
import { begin, fail, succeed } from './record.ts'
import type { Session } from './session.ts'
import { realCommands } from './target.ts'

/** A job whose task is shell text, with that text. */
export interface ScriptJob {
  readonly job: Job
  readonly script: Script
}

/** The text of a job's task, or nothing when it has nothing to do here. @throws SrvError SRV-505 when the task throws */
export function scriptOf(session: Session, job: Job): Script | undefined {
  try {
    return job.step.task.script?.(contextOf(session, job, realCommands))
  } catch (thrown) {
    throw thrownError(placeOf(job), thrown)
  }
}

function failureOf(session: Session, job: Job, answer: Answer): SrvError {
  const reason = job.step.task.explain?.(answer, contextOf(session, job, realCommands))
  return commandError(placeOf(job), { kind: 'exit', code: answer.code }, answer, reason)
}

/** What is heard of the jobs of one batch while it runs. */
interface Hearing {
  readonly said: Map<Job, Answer>
  failed: boolean
}

function pieceOf(session: Session, { job, script }: ScriptJob, hearing: Hearing): Piece {
  const { said } = hearing
  let startedMs = session.now()
  const failed = (error: SrvError): void => {
    hearing.failed = true
    fail(session, job, session.now() - startedMs, error)
  }
  return {
    script,
    onStart() {
      startedMs = session.now()
      begin(session, job)
    },
    onLine(stream, line) {
      const known = said.get(job) ?? { code: 0, stdout: '', stderr: '' }
      said.set(job, { ...known, [stream]: `${known[stream]}${line}\n`.slice(-20_000) })
      session.emit({ type: 'step.output', ...at(job), stream, line })
    },
    onEnd(answer) {
      if (answer.code !== 0) {
        failed(failureOf(session, job, answer))
        return
      }
      try {
        succeed(
          session,
          job,
          session.now() - startedMs,
          job.step.task.read?.(answer.stdout, contextOf(session, job, realCommands)),
        )
      } catch (thrown) {
        failed(thrownError(placeOf(job), thrown))
      }
    },
  }
}

/** What went wrong when the command broke off before its pieces were through. */
function breakOff(session: Session, job: Job, result: PiecesResult, hearing: Hearing): void {
  const began = result.unfinished !== undefined
  if (!began) session.emit({ type: 'step.start', ...at(job) })
  const heard = hearing.said.get(job) ?? { stdout: '', stderr: result.stray }
  const details = { task: job.step.taskId, target: job.target, output: result.stray.trim() }
  const isUnreadable = result.end.kind === 'exit' && !began
  const error = isUnreadable
    ? srvError('SRV-509', details, { where: { host: job.hostName, task: job.step.taskId } })
    : commandError(placeOf(job), result.end, heard)
  fail(session, job, 0, error)
}

/**
 * Sends the scripts of several jobs on one host as one command. `tail` pieces only look and are sent along, so that they
 * cost no round trip of their own.
 */
export async function runScripts(
  session: Session,
  host: Host,
  jobs: readonly ScriptJob[],
  tail: readonly Piece[],
): Promise<boolean> {
  const transport = await session.pool.get(host)
  const hearing: Hearing = { said: new Map(), failed: false }
  const pieces = [...jobs.map((job) => pieceOf(session, job, hearing)), ...tail]
  const result = await runPieces(transport, pieces, { render: session.secrets.render, signal: session.signal })
  const missing = result.answers.slice(0, jobs.length).findIndex((answer) => answer === undefined)
  const broken = jobs[result.unfinished ?? missing]?.job
  if (!hearing.failed && broken !== undefined) breakOff(session, broken, result, hearing)
  return !hearing.failed && broken === undefined
}
