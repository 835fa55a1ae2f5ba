import type { Host } from '../../config/resolved.ts'
import { srvError, type SrvError } from '../../error/srv-error.ts'
import type { Script } from '../../shell/script.ts'
import type { Answer } from '../../plugin/contract.ts'
import { contextOf } from './context.ts'
import { commandError, placeDetails, thrownError } from '../undo/failure.ts'
import { at, placeOf, type Job } from './job.ts'
import { createLimit, type Limit } from './limit.ts'
import { runPieces, type Piece, type PiecesResult } from './pieces.ts'
import { begin, fail, failUnbegun, skip, succeed } from '../record.ts'
import type { Session } from '../session.ts'
import { unreadableScript } from './syntax.ts'
import { realCommands } from './target.ts'

/** A job whose task is shell text, with that text. */
export interface ScriptJob {
  readonly job: Job
  readonly script: Script
  /** The jobs right after it that have nothing to do, with the reason: reported once it has succeeded. */
  readonly skipped: { readonly job: Job; readonly reason: string }[]
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

/** What is known of a batch while it runs. */
interface Hearing {
  readonly limit: Limit
  readonly ended: Set<Job>
  startedMs: number
  failed: boolean
}

function pieceOf(session: Session, { job, script, skipped }: ScriptJob, hearing: Hearing): Piece {
  const { task } = job.step
  const ms = (): number => session.now() - hearing.startedMs
  return {
    script,
    onStart() {
      hearing.startedMs = session.now()
      hearing.limit.start(task.timeoutMs)
      begin(session, job)
    },
    onLine(stream, line) {
      session.emit({ type: 'step.output', ...at(job), stream, line })
    },
    onEnd(answer) {
      hearing.limit.clear()
      hearing.ended.add(job)
      try {
        if (answer.code !== 0) throw failureOf(session, job, answer)
        succeed(session, job, ms(), task.read?.(answer.stdout, contextOf(session, job, realCommands)))
        for (const { job: next, reason } of skipped) skip(session, next, reason)
      } catch (thrown) {
        hearing.failed = true
        fail(session, job, ms(), thrownError(placeOf(job), thrown))
      }
    },
  }
}

/** The step whose text made the whole command unreadable for the shell of the host, so that nothing of it ran. */
async function unreadable(session: Session, host: Host, jobs: readonly ScriptJob[], stray: string): Promise<void> {
  const { index, output } = await unreadableScript(session, host, jobs)
  const job = jobs[index]?.job
  if (job === undefined) return
  const said = output === '' ? stray.trim() : output
  const details = { task: job.step.taskId, target: job.target, output: said }
  failUnbegun(session, job, srvError('SRV-509', details, { where: placeDetails(placeOf(job)) }))
}

/** The error when the command was cut off before all of its pieces had ended. */
function breakOff(session: Session, job: Job, result: PiecesResult, hearing: Hearing): void {
  const { unfinished, stray } = result
  // Without a word from the host it is unknown whether it had begun: it may have.
  if (unfinished === undefined) begin(session, job)
  const heard = unfinished ?? { stdout: '', stderr: stray }
  const ms = unfinished === undefined ? 0 : session.now() - hearing.startedMs
  fail(session, job, ms, commandError(placeOf(job), hearing.limit.endOf(result.end), heard))
}

async function send(
  session: Session,
  host: Host,
  jobs: readonly ScriptJob[],
  tail: readonly Piece[],
  hearing: Hearing,
): Promise<void> {
  const transport = await session.pool.get(host)
  const lostBefore = (job: Job | undefined) => (error: SrvError) => {
    hearing.failed = true
    if (job === undefined) session.state.errors.push(error)
    else failUnbegun(session, job, error)
  }
  const guarded = jobs.flatMap((one, index) => [
    ...(index === 0 ? [] : (session.leases?.checkPiece(host, lostBefore(one.job)) ?? [])),
    pieceOf(session, one, hearing),
  ])
  const fence = session.leases?.fencePiece(host, lostBefore(jobs[0]?.job)) ?? []
  const pieces = [...fence, ...guarded, ...tail]
  // The last command on a host also carries the questions that end a run.
  const more = tail.length === 0
  const result = await runPieces(transport, pieces, {
    render: session.secrets.render,
    signal: hearing.limit.signal,
    more,
  })
  const broken = jobs.find(({ job }) => !hearing.ended.has(job))
  if (hearing.failed || broken === undefined) return
  hearing.failed = true
  if (result.end.kind === 'exit' && result.unfinished === undefined && hearing.ended.size === 0) {
    await unreadable(session, host, jobs, result.stray)
  } else breakOff(session, broken.job, result, hearing)
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
  const limit = createLimit(session.signal)
  const hearing: Hearing = { limit, ended: new Set(), startedMs: session.now(), failed: false }
  try {
    await send(session, host, jobs, tail, hearing)
  } catch (thrown) {
    // A secret that cannot be read, a host that is gone: nothing was sent. A question may fail: it is asked again.
    const broken = jobs.find(({ job }) => !hearing.ended.has(job))?.job
    if (!hearing.failed && broken !== undefined) {
      hearing.failed = true
      failUnbegun(session, broken, thrownError(placeOf(broken), thrown))
    }
  } finally {
    limit.close()
  }
  return !hearing.failed
}
