import type { Host, Placement } from '../../config/resolved.ts'
import { errorIn } from '../error-in.ts'
import { isSrvError, srvError, type SrvError } from '../../error/srv-error.ts'
import type { Script } from '../../shell/script.ts'
import { contextOf } from '../steps/context.ts'
import { lastLines } from './failure.ts'
import type { Job } from '../steps/job.ts'
import { runPieces, type Piece } from '../steps/pieces.ts'
import type { Undo } from '../run-state.ts'
import type { Session } from '../session.ts'
import { realCommands } from '../steps/target.ts'

/** What is to be put back: a target, and the steps that run again once the rest was undone. */
export interface PutBack {
  readonly target: string
  /** Nothing for what a step did on the operator's machine. */
  readonly host?: Host
  readonly placement?: Placement
  /** Steps that began and bring the previous release back: restart, health. */
  readonly again: readonly Job[]
}

/** One thing to do: shell text, or a function. */
type Action =
  | { readonly name: string; readonly script: Script; readonly isUndo: boolean }
  | { readonly name: string; readonly run: () => unknown }

function hostName({ host }: PutBack): string {
  return host?.name ?? 'local'
}

function undoError(put: PutBack, name: string, problem: string, output: readonly string[], cause?: unknown): SrvError {
  return srvError(
    'SRV-599',
    { target: put.target, problem: `${name}: ${problem.replace(/\.$/, '')}.` },
    { where: { host: hostName(put), task: name }, output, cause },
  )
}

function thrownUndoError(put: PutBack, name: string, thrown: unknown): SrvError {
  // Another run is working there: nothing of this one may be put back any more.
  if (isSrvError(thrown) && thrown.code === 'SRV-403') return thrown
  const problem = thrown instanceof Error ? thrown.message : String(thrown)
  return undoError(put, name, problem, isSrvError(thrown) ? thrown.output : [], thrown)
}

/** Everything that has to be done, in order, and the errors of undos whose script could not even be made. */
interface Actions {
  readonly actions: readonly Action[]
  readonly errors: readonly SrvError[]
}

/** Whether a step failed because a disk of this host is full. */
function isFull(session: Session, put: PutBack): boolean {
  return session.state.errors.some(({ code, where }) => code === 'SRV-515' && where.host === hostName(put))
}

/**
 * The activating steps are undone first, so that what served before runs again as soon as it can. On a full disk what
 * was prepared goes before that: starting an app takes a little room, and there is none.
 */
function actionsOf(session: Session, put: PutBack): Actions {
  const { target, host, placement } = put
  const actions: Action[] = []
  const errors: SrvError[] = []
  const add = (name: string, make: () => Action | undefined): void => {
    try {
      const action = make()
      if (action !== undefined) actions.push(action)
    } catch (thrown) {
      errors.push(thrownUndoError(put, name, thrown))
    }
  }
  const scripted = (name: string, script: Script | undefined, isUndo: boolean) =>
    script === undefined ? undefined : { name, script, isUndo }
  const undo = ({ step, run }: Undo): void => {
    const name = step.taskId
    const job: Job = {
      step,
      target,
      hostName: hostName(put),
      ...(host === undefined ? {} : { host }),
      ...(placement === undefined ? {} : { placement }),
    }
    // An undo needs to know what was being put in place, so it sees the run as the step itself did.
    const script = () => scripted(name, step.task.undo?.(contextOf(session, job, realCommands)), true)
    add(name, run === undefined ? script : () => ({ name, run }))
  }
  const again = (job: Job): void => {
    const { task, taskId: name } = job.step
    add(name, () => {
      // There is no next release any more: a restart starts the previous one.
      const context = contextOf(session, { ...job, bringsBack: true }, realCommands)
      if (task.run === undefined) return scripted(name, task.script(context), false)
      const { run } = task
      return { name, run: (): unknown => run(context) }
    })
  }
  const undos = session.state.takeUndo(target)
  for (const one of undos) if (one.step.task.activates === true) undo(one)
  const prepared = undos.filter(({ step }) => step.task.activates !== true)
  const needsRoom = isFull(session, put)
  if (needsRoom) for (const one of prepared) undo(one)
  for (const one of put.again) again(one)
  if (!needsRoom) for (const one of prepared) undo(one)
  return { actions, errors }
}

async function runScriptActions(
  session: Session,
  put: PutBack,
  actions: readonly Extract<Action, { readonly script: Script }>[],
): Promise<readonly SrvError[]> {
  if (actions.length === 0) return []
  const errors: SrvError[] = []
  const lost: SrvError[] = []
  const guard = put.host && session.leases?.resumePiece(put.host, (error) => lost.push(error))
  const own = actions.map(({ name, script, isUndo }): Piece => ({
    script,
    mayFail: true,
    // Steps that run again print what they always print; only what an undo prints is shown.
    onLine(stream, message) {
      if (isUndo && stream === 'stderr') session.emit({ type: 'warning', message, host: hostName(put) })
    },
    onEnd({ code, stdout, stderr }) {
      if (code !== 0) errors.push(undoError(put, name, `exit status ${code}`, lastLines(stdout, stderr)))
    },
  }))
  try {
    const transport = await (put.host === undefined ? session.pool.local() : session.pool.get(put.host))
    const pieces = [...(guard ?? []), ...own]
    const { end, answers } = await runPieces(transport, pieces, { render: session.secrets.render })
    if (lost.length > 0) return lost
    const missing = actions[answers.slice(pieces.length - own.length).indexOf(undefined)]
    if (missing === undefined) return errors
    const problem = end.kind === 'lost' ? `the connection was lost (${end.reason})` : `it ended early (${end.kind})`
    return [...errors, undoError(put, missing.name, problem, [])]
  } catch (thrown) {
    return [...errors, thrownUndoError(put, actions[0]?.name ?? 'undo', thrown)]
  }
}

/** Neighbours that are shell text are sent as one command. What fails does not stop what comes after it. */
async function runActions(session: Session, put: PutBack, actions: readonly Action[]): Promise<readonly SrvError[]> {
  const errors: SrvError[] = []
  let scripts: Extract<Action, { readonly script: Script }>[] = []
  const flush = async (): Promise<void> => {
    const sent = scripts
    scripts = []
    errors.push(...(await runScriptActions(session, put, sent)))
  }
  for (const action of actions) {
    if ('script' in action) {
      scripts.push(action)
      continue
    }
    await flush()
    const { name, run } = action
    try {
      await session.openWork.track(`undo of ${name} on ${put.target}`, Promise.resolve(run()))
    } catch (thrown) {
      errors.push(thrownUndoError(put, name, thrown))
    }
  }
  await flush()
  return errors
}

/**
 * Brings a target back to what it was: undoes its steps, newest first, and runs those again that start and check what
 * served before. An interrupt does not stop it. A failure here is the worst outcome of a run.
 */
export async function putBack(interrupted: Session, put: PutBack): Promise<boolean> {
  const session = { ...interrupted, signal: new AbortController().signal, bringsBack: true }
  const { actions, errors: unmade } = actionsOf(session, put)
  if (actions.length + unmade.length === 0) return true
  // Another run may work there now: what it does must not be undone.
  if (put.host !== undefined && session.leases?.isLost(put.host) === true) return false
  const { target } = put
  const host = hostName(put)
  const startedMs = session.now()
  session.emit({ type: 'undo.start', target, host, tasks: actions.map(({ name }) => name) })
  const errors = [...unmade, ...(await runActions(session, put, actions))]
  session.state.errors.push(...errors)
  const [error] = errors
  session.emit({
    type: 'undo.end',
    target,
    host,
    ok: error === undefined,
    ms: session.now() - startedMs,
    ...(error === undefined ? {} : { error: errorIn(session, error) }),
  })
  return error === undefined
}
