import type { ErrorReport, RunStatus, StepStatus } from '../run/event.ts'
import { nameTargets } from './targets.ts'
import { duration, list, plural } from './words.ts'

/** How many steps on how many targets ended in which way. */
export type Counts = Readonly<Record<StepStatus, number>>

const statusWords: Readonly<Record<StepStatus, string>> = {
  failed: 'failed',
  timeout: 'timed out',
  lost: 'lost',
  cancelled: 'cancelled',
  changed: 'changed',
  ok: 'ok',
  skipped: 'skipped',
}

const outcomes: Readonly<Record<RunStatus, string>> = {
  ok: 'Done',
  unchanged: 'Nothing to do',
  failed: 'Failed',
  refused: 'Refused',
  unreachable: 'Not reachable',
  locked: 'Locked',
  cancelled: 'Stopped',
}

/** What serves after a run, by its exit code: the table in `docs/errors.md` in one sentence each. */
const afterwards: Readonly<Record<number, string>> = {
  4: 'No host was changed.',
  5: 'The previous release serves on every host that was touched.',
  6: 'Not every host serves the previous release: see above what serves where.',
  7: 'At least one instance is down, or its state is unknown.',
  8: 'No host was changed.',
  9: 'No host was changed.',
}

/** Counts in words, what went wrong first: `1 failed, 7 changed, 3 ok`. */
function counted(counts: Readonly<Record<string, number>>): string {
  return Object.entries(statusWords)
    .map(([status, word]) => ({ count: counts[status] ?? 0, word }))
    .filter(({ count }) => count > 0)
    .map(({ count, word }) => `${count} ${word}`)
    .join(', ')
}

/** Every text that the views print and that does not come from an event. */
export const messages = {
  connect: 'connect',
  connectTitle: 'Log in to each host',
  check: 'check',
  checkTitle: 'Check that each host is ready',
  plan: 'plan',
  planTitle: 'See what each step would do',
  putBack: (target: string): string => `put back ${target}`,
  undoWord: 'put back',
  warning: 'warning',
  stopping:
    'Stopping, and cleaning up on the hosts. Interrupt again to end srv at once; hosts then stop what is left by themselves.',
  status: statusWords,
  undoing: (tasks: readonly string[]): string => `undo ${list(tasks)}`,
  statusWord: (state: string): string => new Map(Object.entries(statusWords)).get(state) ?? '',
  counted,
  ended: (counts: Readonly<Record<string, number>>, notStarted: number): string =>
    [counted(counts), notStarted > 0 ? `${notStarted} not started` : ''].filter((part) => part !== '').join(', '),

  start: (pipeline: string, environment: string, hosts: number, steps: number): string =>
    `${pipeline} ${environment}: ${plural(hosts, 'host')}, ${plural(steps, 'step')}`,
  stepStart: (task: string, title: string, targets: number): string =>
    `▸ ${task}  ${title}${targets > 1 ? ` (${plural(targets, 'target')})` : ''}`,
  progressOf: (done: number, all: number): string => `${done} of ${all}`,
  crowd: (done: number, all: number, failed: number): string =>
    `${done} of ${all} done${failed > 0 ? `, ${failed} failed` : ''}`,
  hosts: (count: number): string => plural(count, 'host'),
  checks: (count: number): string => plural(count, 'check'),
  unready: (problems: number): string => plural(problems, 'problem'),
  unchanged: 'unchanged',
  output: (line: string): string => `› ${line}`,
  found: (check: string, found: string): string => `${check}: ${found}`,
  problem: (check: string, problem: string): string => `${check}: ${problem}`,
  fix: (fix: string): string => `fix: ${fix}`,
  wouldDo: (what: string): string => `would: ${what}`,
  skipped: (reason: string): string => `skipped: ${reason}`,
  moreSteps: (count: number): string => plural(count, 'more step'),
  stepsDone: (count: number): string => `${plural(count, 'step')} done`,
  linesAbove: (count: number): string => `${plural(count, 'more line')} above`,
  notStarted: (tasks: readonly string[]): string => `not started: ${list(tasks, 5)}`,

  errorHead: (error: ErrorReport, place: string): string =>
    place === '' ? `${error.code} ${error.message}` : `${error.code} ${place}: ${error.message}`,
  moreOutput: (count: number): string => `(${plural(count, 'line')} before)`,
  moreErrors: (count: number): string => `and ${plural(count, 'more error')}; all of them: --json`,

  servingHead: ['INSTANCE', 'HOST', 'RELEASE', 'STATE', 'URL'],
  nothingServes: '-',
  end: (
    status: RunStatus,
    pipeline: string,
    environment: string,
    counts: Counts,
    hosts: number,
    ms: number,
  ): readonly [string, string] => {
    const parts = [plural(hosts, 'host'), counted(counts), duration(ms)].filter((part) => part !== '')
    return [`${outcomes[status]}: ${pipeline} ${environment}`, parts.join(' · ')]
  },
  planEnd: (environment: string): string => `Nothing was changed on ${environment}.`,
  planUnchanged: (environment: string): string => `Nothing needs to change on ${environment}.`,
  afterwards: (exitCode: number): string | undefined => afterwards[exitCode],
  apart: ({ done, failed }: { readonly done: readonly string[]; readonly failed: readonly string[] }): string[] => [
    `Failed: ${nameTargets(failed, 6)}`,
    `Done: ${nameTargets(done, 6)}`,
  ],
  next: (command: string): string => `Next: ${command}`,
  undo: (command: string): string => `Undo: ${command}`,
  undoWithData: (command: string): string => `Undo, with the data from before: ${command}`,

  planHead: (pipeline: string, environment: string, hosts: readonly string[]): string =>
    `Plan of ${pipeline} ${environment} on ${hosts.length > 6 ? plural(hosts.length, 'host') : list(hosts)}`,
  planEmpty: 'There is nothing to do.',
  allTargets: (count: number): string => `all ${count} targets`,
  command: (line: string): string => `$ ${line}`,

  log: (path: string): string => `Log: ${path}`,
  journalFailed: (folder: string, problem: string): string => `This run is not recorded in ${folder}: ${problem}`,
  noRuns: 'There are no runs yet.',
  runsHead: ['RUN', 'WHEN', 'PIPELINE', 'ENVIRONMENT', 'STATUS', 'EXIT', 'TIME', 'CHANGED', 'HOSTS'],
  stepsHead: ['STEP', 'INSTANCE'],
  stepStatusHead: ['STEP', 'INSTANCE', 'STATUS', 'TIME', 'ON'],
  keptStepStatus: (status: StepStatus | 'running' | 'interrupted' | 'pending'): string =>
    status === 'running' || status === 'interrupted'
      ? status
      : status === 'pending'
        ? 'not started'
        : statusWords[status],
  ago: (age: string): string => (age === 'now' ? age : `${age} ago`),
  exit: (code: number): string => `exit ${code}`,
  commit: (instance: string, commit: string): string => `${instance} at ${commit}`,

  viewFailed: (problem: string): string => `The display failed, but the run did not: ${problem}`,
}
