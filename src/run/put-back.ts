import type { Host, Placement } from '../config/resolved.ts'
import { isSrvError, srvError, type SrvError } from '../error/srv-error.ts'
import type { Script } from '../shell/script.ts'
import type { Answer } from '../plugin/contract.ts'
import { contextOf } from './context.ts'
import { lastLines } from './failure.ts'
import type { Job } from './job.ts'
import { masked } from './record.ts'
import { runPieces, type Piece } from './pieces.ts'
import type { Undo } from './run-state.ts'
import type { Session } from './session.ts'
import { realCommands } from './target.ts'

/** What is to be put back: a target, and the steps of its chain that run again once the rest was undone. */
export interface PutBack {
  readonly target: string
  readonly host: Host
  readonly placement?: Placement
  /** Steps that began in the failed chain and bring the previous release back: restart, health. */
  readonly again: readonly Job[]
}

interface Action {
  readonly name: string
  readonly script?: Script | undefined
  readonly run?: () => Promise<unknown>
}

function undoAction(session: Session, put: PutBack, undo: Undo): Action {
  const name = undo.step.taskId
  if (undo.run !== undefined) return { name, run: undo.run }
  const job: Job = { step: undo.step, target: put.target, hostName: put.host.name, host: put.host, ...placed(put) }
  // An undo needs to know what was being put in place, so it sees the run as the step itself did.
  return { name, script: undo.step.task.undo?.(contextOf(session, job, realCommands)) }
}

function placed({ placement }: PutBack): { placement?: Placement } {
  return placement === undefined ? {} : { placement }
}

function againAction(session: Session, job: Job): Action {
  // There is no next release any more: a restart starts what served before.
  const context = contextOf(session, { ...job, bringsBack: true }, realCommands)
  const { task, taskId } = job.step
  const run = task.run
  return run === undefined
    ? { name: taskId, script: task.script?.(context) }
    : { name: taskId, run: async () => run(context) }
}

/** The activating steps are undone first, so that what served before runs again as soon as it can. */
function actionsOf(session: Session, put: PutBack): readonly Action[] {
  const undos = session.state.takeUndo(put.target)
  const first = undos.filter(({ step }) => step.task.activates === true)
  const rest = undos.filter(({ step }) => step.task.activates !== true)
  return [
    ...first.map((undo) => undoAction(session, put, undo)),
    ...put.again.map((job) => againAction(session, job)),
    ...rest.map((undo) => undoAction(session, put, undo)),
  ]
}

function undoError(put: PutBack, name: string, problem: string, output: readonly string[], cause?: unknown): SrvError {
  return srvError(
    'SRV-599',
    { target: put.target, problem: `${name}: ${problem}.` },
    { where: { host: put.host.name, task: name }, output, cause },
  )
}

async function runScriptActions(session: Session, put: PutBack, actions: readonly Action[]): Promise<void> {
  const failed: { name: string; answer: Answer }[] = []
  const pieces = actions.flatMap(({ name, script }): Piece[] =>
    script === undefined
      ? []
      : [{ script, mayFail: true, onEnd: (answer) => void (answer.code !== 0 && failed.push({ name, answer })) }],
  )
  if (pieces.length === 0) return
  const transport = await session.pool.get(put.host)
  const { end, answers } = await runPieces(transport, pieces, { render: session.secrets.render })
  const [first] = failed
  if (first !== undefined)
    throw undoError(
      put,
      first.name,
      `exit status ${first.answer.code}`,
      lastLines(first.answer.stdout, first.answer.stderr),
    )
  if (answers.includes(undefined))
    throw undoError(
      put,
      'undo',
      end.kind === 'lost' ? `the connection was lost (${end.reason})` : `ended early (${end.kind})`,
      [],
    )
}

async function runActions(session: Session, put: PutBack, actions: readonly Action[]): Promise<void> {
  let scripts: Action[] = []
  for (const action of actions) {
    if (action.run === undefined) {
      scripts.push(action)
      continue
    }
    await runScriptActions(session, put, scripts)
    scripts = []
    await session.openWork.track(`undo of ${action.name} on ${put.target}`, action.run())
  }
  await runScriptActions(session, put, scripts)
}

/**
 * Brings a target back to what it was: undoes its steps, newest first, and runs those again that start and check what
 * served before. An interrupt does not stop it. What goes wrong here is the worst that a run can say.
 */
export async function putBack(interrupted: Session, put: PutBack): Promise<boolean> {
  const session = { ...interrupted, signal: new AbortController().signal }
  const actions = actionsOf(session, put)
  if (actions.length === 0) return true
  const { target, host } = put
  const startedMs = session.now()
  session.emit({ type: 'undo.start', target, host: host.name, tasks: actions.map(({ name }) => name) })
  try {
    await runActions(session, put, actions)
    session.emit({ type: 'undo.end', target, host: host.name, ok: true, ms: session.now() - startedMs })
    return true
  } catch (thrown) {
    const error = isSrvError(thrown) ? thrown : undoError(put, 'undo', String(thrown), [], thrown)
    session.state.errors.push(error)
    session.emit({
      type: 'undo.end',
      target,
      host: host.name,
      ok: false,
      ms: session.now() - startedMs,
      error: masked(session, error),
    })
    return false
  }
}
