import { hostname, userInfo } from 'node:os'
import { randomBytes } from 'node:crypto'
import type { Plan } from '../plan/plan.ts'
import { createReport } from '../report/report.ts'
import { countCommands } from '../run/ask/busy-pool.ts'
import { runPlan, type RunReport } from '../run/run.ts'
import { RunState } from '../run/run-state.ts'
import { messages } from '../report/messages.ts'
import type { RunEvent, Selection, TypedOptions } from '../run/event.ts'
import { createSecrets } from '../run/secrets.ts'
import type { Session } from '../run/session.ts'
import { createMasker } from '../shell/mask.ts'
import { version } from '../version.ts'
import type { GlobalOptions } from './global-options.ts'
import type { Io } from './io.ts'
import { maskOptions } from './mask-argv.ts'
import { openPool } from './pool.ts'
import type { Project } from './project.ts'
import { beginJournal } from './run-journal.ts'

/** What the command line adds to a plan. */
export interface RunOptions extends GlobalOptions {
  readonly dryRun: boolean
  readonly force: boolean
  /** Milliseconds to wait for leases that others hold. */
  readonly waitLockMs: number
  readonly selection: Selection
  /** What was typed beside it and has to be typed again to do the same. */
  readonly typed: TypedOptions
}

/** `20261122T140311Z-1f3a`: sorts by time, and differs between two runs of the same second. */
function makeRunId(startedAt: string): string {
  return `${startedAt.replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(2).toString('hex')}`
}

/** Runs a plan from the command line: connections, output and secrets are made for it and closed after it. */
export async function runFromCommandLine(
  project: Project,
  plan: Plan,
  options: RunOptions,
  io: Io,
): Promise<RunReport> {
  const startedAt = new Date().toISOString()
  const runId = makeRunId(startedAt)
  const actor = `${userInfo().username}@${hostname()}`
  const masker = createMasker()
  const state = new RunState()
  const journal = beginJournal({ project, plan, state, masker, io, dryRun: options.dryRun, runId, startedAt, actor })
  const report = await createReport({
    stdout: io.stdout,
    stderr: io.stderr,
    env: io.env,
    json: options.json === true,
    plain: options.plain === true,
    verbose: options.verbose,
    logOf: journal.logOf,
  })
  // Events of the run come without secrets already: `runPlan` takes them out in one place.
  const emit = (event: RunEvent): void => {
    const timed = { ...event, t: new Date().toISOString() }
    journal.sink(timed)
    report.sink(timed)
  }
  // The run whose leases this one shares: the one that started it, from a hook or a task, or itself.
  const leaseToken = io.env['SRV_LEASE'] ?? runId
  const warn = (message: string, host?: string): void => {
    emit({ type: 'warning', message: masker.mask(message), ...(host === undefined ? {} : { host }) })
  }
  const pool = countCommands(openPool(io, { environment: plan.environment, warn, leaseToken }))
  const sayStopping = (): void => {
    emit({ type: 'warning', message: messages.stopping })
  }
  io.signal.addEventListener('abort', sayStopping, { once: true })
  const session: Session = {
    plan,
    selection: options.selection,
    options: maskOptions(options.typed, masker),
    plugins: project.plugins,
    pool,
    state,
    secrets: createSecrets(masker),
    masker,
    emit,
    openWork: io.openWork,
    isBusy: pool.isBusy,
    now: () => Math.round(performance.now()),
    runId,
    startedAt,
    actor,
    projectRoot: project.config.projectRoot,
    declared: { file: project.config.file, placements: project.config.placements },
    dryRun: options.dryRun,
    force: options.force,
    lease: { waitMs: options.waitLockMs, token: leaseToken },
    signal: io.signal,
  }
  try {
    return await runPlan(session, version())
  } finally {
    io.signal.removeEventListener('abort', sayStopping)
    await pool.close()
    await journal.finish()
    await report.finish()
    journal.warn()
  }
}
