import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { RunDocument, RunUndo } from '../report/run.ts'
import type { KeptStepStatus, RunStep } from '../report/run-steps.ts'
import type { RunRow, RunsDocument } from '../report/runs.ts'
import type { StepInfo, TimedEvent } from '../run/event.ts'
import type { KeptRun } from '../run/journal/runs.ts'

type Of<T extends TimedEvent['type']> = Extract<TimedEvent, { type: T }>

function rowOf({ folder, record, end }: KeptRun, cwd: string): RunRow {
  const { id, started_at, pipeline, environment, hosts, actor } = record
  return {
    id,
    started_at,
    pipeline,
    environment,
    status: end?.status ?? 'running',
    exit_code: end?.exit_code ?? null,
    ms: end?.ms ?? null,
    changed: end?.changed ?? null,
    hosts,
    actor,
    folder: relative(cwd, folder),
  }
}

/** What `srv runs list` shows; paths are told from the current folder. */
export function runsDocument(runs: readonly KeptRun[], cwd: string): RunsDocument {
  return { schema: 'srv.runs/1', runs: runs.map((run) => rowOf(run, cwd)) }
}

/** How a step ended on a target. Its first end counts: it runs again when an older release is brought back. */
function stepOf(info: StepInfo, target: string, events: readonly TimedEvent[], isOver: boolean): RunStep {
  const { id: step, task, title } = info
  const here = events.filter(
    (event): event is Of<'step.start' | 'step.end'> =>
      (event.type === 'step.start' || event.type === 'step.end') && event.step === step && event.target === target,
  )
  const end = here.find((event) => event.type === 'step.end')
  const begun: KeptStepStatus = isOver ? 'interrupted' : 'running'
  return {
    step,
    task,
    title,
    target,
    host: target.slice(target.lastIndexOf('@') + 1),
    status: end?.status ?? (here.length > 0 ? begun : 'pending'),
    ms: end?.ms ?? null,
    reason: end?.reason ?? null,
  }
}

function undoneIn(events: readonly TimedEvent[]): readonly RunUndo[] {
  return events
    .filter((event) => event.type === 'undo.start')
    .map(({ t, target, host, tasks }) => {
      const end = events.find(
        (one): one is Of<'undo.end'> => one.type === 'undo.end' && one.target === target && one.t >= t,
      )
      return { target, host, tasks, ok: end?.ok ?? null, ms: end?.ms ?? null }
    })
}

/** Paths of the logs of a run by host, `local` last. */
export function logsOf(folder: string, cwd: string): Readonly<Record<string, string>> {
  const hosts = readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .map((name) => name.slice(0, -'.log'.length))
    .sort((left, right) => Number(left === 'local') - Number(right === 'local') || left.localeCompare(right))
  return Object.fromEntries(hosts.map((host) => [host, relative(cwd, join(folder, `${host}.log`))]))
}

/** What `srv runs show` shows, from the record of a run and its events; paths are told from the current folder. */
export function runDocument(run: KeptRun, events: readonly TimedEvent[], cwd: string): RunDocument {
  const { srv, argv, config, commits } = run.record
  const start = events.find((event) => event.type === 'run.start')
  const end = events.find((event) => event.type === 'run.end')
  const warnings = events.filter((event) => event.type === 'warning')
  return {
    schema: 'srv.runs.show/1',
    ...rowOf(run, cwd),
    srv,
    argv,
    config,
    commits,
    steps: (start?.steps ?? []).flatMap((info) =>
      info.targets.map((target) => stepOf(info, target, events, run.end !== null)),
    ),
    undone: undoneIn(events),
    warnings: warnings.map(({ host, message }) => (host === undefined ? message : `${host}: ${message}`)),
    errors: end?.errors ?? [],
    serving: end?.serving ?? {},
    logs: logsOf(run.folder, cwd),
  }
}
