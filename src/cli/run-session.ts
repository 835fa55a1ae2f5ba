import { hostname, userInfo } from 'node:os'
import { randomBytes } from 'node:crypto'
import type { Plan } from '../plan/plan.ts'
import { createReport } from '../report/report.ts'
import { countCommands } from '../run/busy-pool.ts'
import { runPlan, type RunReport } from '../run/run.ts'
import { RunState } from '../run/run-state.ts'
import type { RunEvent } from '../run/event.ts'
import { createSecrets } from '../run/secrets.ts'
import type { Session } from '../run/session.ts'
import { createMasker } from '../shell/mask.ts'
import { version } from '../version.ts'
import type { GlobalOptions } from './global-options.ts'
import type { Io } from './io.ts'
import { openPool } from './pool.ts'
import type { Project } from './project.ts'

/** What the command line adds to a plan. */
export interface RunOptions extends GlobalOptions {
  readonly dryRun: boolean
  readonly force: boolean
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
  const masker = createMasker()
  const report = createReport({
    stdout: io.stdout,
    stderr: io.stderr,
    env: io.env,
    json: options.json === true,
    plain: options.plain === true,
    verbose: options.verbose,
  })
  const emit = (event: RunEvent): void => {
    const line = event.type === 'step.output' ? { ...event, line: masker.mask(event.line) } : event
    report.sink({ ...line, t: new Date().toISOString() })
  }
  const pool = countCommands(
    openPool(io, (message, host) => {
      emit({ type: 'warning', message, ...(host === undefined ? {} : { host }) })
    }),
  )
  const session: Session = {
    plan,
    plugins: project.plugins,
    pool,
    state: new RunState(),
    secrets: createSecrets(masker),
    masker,
    emit,
    openWork: io.openWork,
    isBusy: pool.isBusy,
    now: () => Math.round(performance.now()),
    runId: makeRunId(startedAt),
    startedAt,
    actor: `${userInfo().username}@${hostname()}`,
    projectRoot: project.config.projectRoot,
    dryRun: options.dryRun,
    force: options.force,
    signal: io.signal,
  }
  try {
    return await runPlan(session, version())
  } finally {
    await pool.close()
    await report.finish()
  }
}
