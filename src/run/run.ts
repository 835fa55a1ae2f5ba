import { stepsOf, targetsOf } from '../plan/flatten.ts'
import { errorIn } from './error-in.ts'
import type { SrvError } from '../error/srv-error.ts'
import { beginAhead } from './steps/ahead.ts'
import { cleanUp } from './undo/clean-up.ts'
import { dryRun } from './steps/dry.ts'
import type { RunStatus, Serving } from './event.ts'
import { execute } from './steps/execute.ts'
import { Leases } from './lease/leases.ts'
import { maskEvent } from './mask-event.ts'
import { outcomeOf, worstErrorsFirst } from './outcome.ts'
import { preflight } from './ask/preflight.ts'
import type { Session } from './session.ts'
import { watchForStuckWork } from './steps/stuck.ts'
import { undoOf } from './undo/undo-choice.ts'
import { verification, whatServes } from './ask/verify.ts'

/** What a run returns: everything else was reported in events. */
export interface RunReport {
  readonly status: RunStatus
  readonly exitCode: number
  readonly serving: Readonly<Record<string, Serving>>
  readonly errors: readonly SrvError[]
  /** After a dry run: whether any host would be changed. */
  readonly wouldChange: boolean
}

function announce(session: Session): void {
  const { plan, selection, dryRun } = session
  session.emit({
    type: 'run.start',
    pipeline: plan.pipeline,
    environment: plan.environment,
    dry_run: dryRun,
    selection,
    hosts: plan.hosts.map(({ name }) => name),
    steps: stepsOf(plan.root).map((step) => ({
      id: step.id,
      task: step.taskId,
      title: step.title,
      group: step.group,
      targets: targetsOf(step),
    })),
  })
}

/** Checks, then acts, then asks what serves. */
async function carryOut(session: Session): Promise<Readonly<Record<string, Serving>>> {
  const ahead = beginAhead(session)
  let isReady = false
  try {
    isReady = await preflight(session)
  } finally {
    if (!isReady) await ahead.drop()
  }
  if (!isReady) return {}
  // The first step waits for it anyway, and the watch below has to begin while the run is idle.
  await ahead.settled
  const unwatch = watchForStuckWork(session)
  try {
    if (!session.dryRun) return await change(session)
    await dryRun(session)
    return {}
  } finally {
    unwatch()
  }
}

/** The part of a run that may change something. Even after a bug, hosts are cleaned up and asked what serves. */
async function change(session: Session): Promise<Readonly<Record<string, Serving>>> {
  const verify = verification(session)
  const scope = { hosts: session.plan.hosts, isRolling: false, putsBack: false, tail: verify.tail }
  let ok = false
  try {
    ok = await execute(session, session.plan.root, scope)
  } catch (thrown) {
    session.state.addFailure(thrown)
  }
  if (!ok) await cleanUp(session)
  return whatServes(session, verify)
}

/** Where it was done and where it failed, when a failure kept no other instance from its part. */
function apartOf({ state }: Session) {
  const of = (ok: boolean): readonly string[] =>
    [...state.apart].flatMap(([target, one]) => (one === ok ? [target] : []))
  const [done, failed] = [of(true), of(false)]
  return done.length === 0 || failed.length === 0 ? {} : { apart: { done, failed } }
}

/** Events without secrets, and none after the last one: a function that nobody awaited may still report something. */
function guarded(session: Session): Session {
  let isOver = false
  return {
    ...session,
    emit(event) {
      if (isOver) return
      isOver = event.type === 'run.end'
      session.emit(maskEvent(event, session.masker))
    },
  }
}

/**
 * Carries a plan out. It never throws for what goes wrong on the way: that is in the events and in the report, and
 * `run.end` is always the last event, even after a bug.
 */
export async function runPlan(given: Session, version: string): Promise<RunReport> {
  const told = guarded(given)
  const leases = told.lease === undefined ? undefined : new Leases(told)
  const session = { ...told, ...(leases === undefined ? {} : { leases }) }
  const { state } = session
  const startedMs = session.now()
  let serving: Readonly<Record<string, Serving>> = {}
  session.emit({ type: 'version', schema: 'srv.events/1', srv: version, run: session.runId })
  announce(session)
  try {
    serving = await carryOut(session)
  } catch (thrown) {
    state.addFailure(thrown)
  }
  await leases?.releaseAll()
  const errors = worstErrorsFirst(state.errors)
  const { status, exitCode } = outcomeOf(state, Object.values(serving), session.signal)
  session.emit({
    type: 'run.end',
    status,
    exit_code: exitCode,
    ms: session.now() - startedMs,
    serving,
    ...apartOf(session),
    ...undoOf(session, serving),
    options: session.options,
    counts: { ...state.counts },
    errors: [...state.bugs, ...errors].map((error) => errorIn(session, error)),
  })
  return { status, exitCode, serving, errors, wouldChange: state.wouldChange }
}
