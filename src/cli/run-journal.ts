import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { stepsOf } from '../plan/flatten.ts'
import type { Plan } from '../plan/plan.ts'
import { messages } from '../report/messages.ts'
import type { EventSink } from '../run/event.ts'
import { openJournal, tidyJournal } from '../run/journal/open.ts'
import { logFile, runsFolder } from '../run/journal/paths.ts'
import type { RunFacts } from '../run/journal/record.ts'
import type { JournalWriter } from '../run/journal/writer.ts'
import type { RunState } from '../run/run-state.ts'
import type { Masker } from '../shell/mask.ts'
import { version } from '../version.ts'
import type { Io } from './io.ts'
import { maskArgv } from './mask-argv.ts'
import type { Project } from './project.ts'

/** What the record of a run is made from. */
export interface JournalOptions {
  readonly project: Project
  readonly plan: Plan
  readonly state: RunState
  readonly masker: Masker
  readonly io: Io
  readonly dryRun: boolean
  readonly runId: string
  /** ISO 8601 UTC */
  readonly startedAt: string
  readonly actor: string
}

/** The record of the run that is under way, on this machine. */
export interface RunJournal {
  readonly sink: EventSink
  /** Path of the log of a host, or of this machine when none is named, from the current folder. */
  readonly logOf: (host: string | undefined) => string | undefined
  finish(): Promise<void>
  /** Says on stderr why the record is incomplete: that never fails a run. */
  warn(): void
}

function commitsOf(plan: Plan, state: RunState): RunFacts['commits'] {
  return Object.fromEntries(
    plan.placements.flatMap((placement) => {
      const commit = state.next(placement)?.release.commit
      return commit === undefined ? [] : [[placement.instance.id, commit]]
    }),
  )
}

function factsOf(options: JournalOptions): RunFacts {
  const { project, plan, state, masker, io, runId, startedAt, actor } = options
  return {
    id: runId,
    started_at: startedAt,
    srv: version(),
    pipeline: plan.pipeline,
    environment: plan.environment,
    hosts: plan.hosts.map(({ name }) => name),
    argv: maskArgv(io.argv, masker),
    actor,
    config: project.config.file,
    commits: commitsOf(plan, state),
  }
}

const none: RunJournal = {
  sink: () => undefined,
  logOf: () => undefined,
  finish: () => Promise.resolve(),
  warn: () => undefined,
}

/** Begins the record of a run. What changes nothing leaves none: a dry run, or a run without steps. */
export function beginJournal(options: JournalOptions): RunJournal {
  const { project, plan, io, dryRun } = options
  if (dryRun || stepsOf(plan.root).length === 0) return none
  const { projectRoot } = project.config
  const warn = (folder: string, problem: string): void => {
    io.stderr.write(`! ${messages.journalFailed(relative(io.cwd, folder) || folder, problem)}\n`)
  }
  let journal: JournalWriter
  try {
    journal = openJournal(projectRoot, () => factsOf(options))
  } catch (thrown) {
    const problem = thrown instanceof Error ? thrown.message : String(thrown)
    return {
      ...none,
      warn: () => {
        warn(runsFolder(projectRoot), problem)
      },
    }
  }
  const tidied = tidyJournal(projectRoot, Date.now())
  return {
    sink: journal.sink,
    logOf(host) {
      if (journal.problem !== undefined) return undefined
      const paths = [host ?? 'local', 'local'].map((name) => join(journal.folder, logFile(name)))
      const path = paths.find((one) => existsSync(one))
      return path === undefined ? undefined : relative(io.cwd, path)
    },
    async finish() {
      await Promise.all([journal.finish(), tidied])
    },
    warn() {
      if (journal.problem !== undefined) warn(journal.folder, journal.problem)
    },
  }
}
