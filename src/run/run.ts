import { stepsOf, targetsOf } from '../plan/flatten.ts'
import { toErrorReport } from '../error/report.ts'
import { isSrvError, type SrvError } from '../error/srv-error.ts'
import { dryRun } from './dry.ts'
import type { RunStatus, Serving } from './event.ts'
import { execute } from './execute.ts'
import { outcomeOf, worstErrorsFirst } from './outcome.ts'
import { preflight } from './preflight.ts'
import { putBack } from './put-back.ts'
import { masked } from './record.ts'
import type { Session } from './session.ts'
import { watchForStuckWork } from './stuck.ts'
import { verification, whatServes } from './verify.ts'

/** What a run leaves to its caller: everything else was told in events. */
export interface RunReport {
  readonly status: RunStatus
  readonly exitCode: number
  readonly serving: Readonly<Record<string, Serving>>
  readonly errors: readonly SrvError[]
  /** After a dry run: whether any host would be changed. */
  readonly wouldChange: boolean
}

function announce(session: Session): void {
  const { plan, dryRun } = session
  session.emit({
    type: 'run.start',
    pipeline: plan.pipeline,
    environment: plan.environment,
    dry_run: dryRun,
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

/** Undoes what was prepared and never put to use, on every target. */
async function cleanUp(session: Session): Promise<void> {
  const { plan, state } = session
  await Promise.all(
    state.undoTargets().map(async (target) => {
      if (state.activated.has(target)) return
      const placement = plan.placements.find(({ id }) => id === target)
      const host = placement?.host ?? plan.hosts.find(({ name }) => name === target)
      if (host === undefined) return
      await putBack(session, { target, host, again: [], ...(placement === undefined ? {} : { placement }) })
    }),
  )
}

/** Checks, then acts, then asks what serves. */
async function carryOut(session: Session): Promise<Readonly<Record<string, Serving>>> {
  if (!(await preflight(session))) return {}
  if (session.dryRun) {
    await dryRun(session)
    return {}
  }
  const unwatch = watchForStuckWork(session)
  try {
    return await change(session)
  } finally {
    unwatch()
  }
}

/** The part of a run that may change something. */
async function change(session: Session): Promise<Readonly<Record<string, Serving>>> {
  const verify = verification(session)
  const scope = { hosts: session.plan.hosts, isRolling: false, tail: verify.tail }
  const ok = await execute(session, session.plan.root, scope)
  if (!ok) await cleanUp(session)
  return whatServes(session, verify)
}

/**
 * Carries a plan out. It never throws for what goes wrong on the way: that is told in events and in the report, and
 * `run.end` is the last event in any case, also after a bug.
 */
export async function runPlan(session: Session, version: string): Promise<RunReport> {
  const startedMs = session.now()
  let serving: Readonly<Record<string, Serving>> = {}
  let bug: unknown
  session.emit({ type: 'version', schema: 'srv.events/1', srv: version, run: session.runId })
  announce(session)
  try {
    serving = await carryOut(session)
  } catch (thrown) {
    if (isSrvError(thrown)) session.state.errors.push(thrown)
    else bug = thrown
  }
  const errors = worstErrorsFirst(session.state.errors)
  const judged = outcomeOf(session.state, Object.values(serving), session.signal)
  // After a bug in the middle of a run nobody knows what serves: that is 7, not 1.
  const { status, exitCode } =
    bug === undefined ? judged : { status: 'failed' as const, exitCode: session.state.changedHosts ? 7 : 1 }
  const reports = errors.map((error) => masked(session, error))
  session.emit({
    type: 'run.end',
    status,
    exit_code: exitCode,
    ms: session.now() - startedMs,
    serving,
    counts: session.state.counts,
    errors: bug === undefined ? reports : [toErrorReport(bug), ...reports],
  })
  return { status, exitCode, serving, errors, wouldChange: session.state.wouldChange }
}
