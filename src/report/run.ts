import type { ErrorReport, Serving } from '../run/event.ts'
import { errorLines } from './error.ts'
import { messages } from './messages.ts'
import { stepLines, type RunStep } from './run-steps.ts'
import { statusCell, type RunRow } from './runs.ts'
import { ageOf, type ShowOptions } from './status.ts'
import { styleOf, wantsColour, type Style } from './style.ts'
import { servingLines } from './summary.ts'
import { duration } from './words.ts'

/** What a run brought back after a failure. */
export interface RunUndo {
  readonly target: string
  readonly host: string
  readonly tasks: readonly string[]
  /** Nothing when it did not end. */
  readonly ok: boolean | null
  readonly ms: number | null
}

/** The document of `srv runs show --json`. */
export interface RunDocument extends RunRow {
  readonly schema: 'srv.runs.show/1'
  readonly srv: string
  readonly argv: readonly string[]
  readonly config: string
  /** The commit that was deployed, by instance. */
  readonly commits: Readonly<Record<string, string>>
  readonly steps: readonly RunStep[]
  readonly undone: readonly RunUndo[]
  readonly warnings: readonly string[]
  readonly errors: readonly ErrorReport[]
  readonly serving: Readonly<Record<string, Serving>>
  /** Paths of the logs by host; `local` is the operator's machine. */
  readonly logs: Readonly<Record<string, string>>
}

/** The document of `srv runs show --log <host> --json`. */
export interface RunLogDocument {
  readonly schema: 'srv.runs.log/1'
  readonly id: string
  readonly host: string
  readonly path: string
  readonly lines: readonly string[]
}

function headLines(run: RunDocument, now: number, style: Style): string[] {
  const { id, pipeline, environment, status, exit_code, started_at, ms, actor, argv, commits } = run
  const { text, format } = statusCell(status)
  const end = [
    exit_code === null ? '' : messages.exit(exit_code),
    ms === null ? '' : duration(ms),
    `${started_at} (${messages.ago(ageOf(started_at, now))})`,
    actor,
  ]
  return [
    `${style('bold', `${pipeline} ${environment}`)}  ${style(format, text)}  ${id}`,
    `  ${end.filter((part) => part !== '').join(' · ')}`,
    `  ${messages.command(`srv ${argv.join(' ')}`)}`,
    ...Object.entries(commits).map(([instance, commit]) => `  ${messages.commit(instance, commit)}`),
    '',
  ]
}

function undoLine({ target, tasks, ok, ms }: RunUndo, style: Style): string {
  const [sign, word] = ok === true ? [style('green', '✔'), ''] : [style('red', ok === null ? '?' : '✖'), 'failed']
  const end = [ok === null ? messages.keptStepStatus('interrupted') : word, ms === null ? '' : duration(ms)]
  return [`${sign} ${messages.putBack(target)}:`, messages.undoing(tasks), ...end]
    .filter((part) => part !== '')
    .join(' ')
}

/** What `srv runs show` prints: who did what, each step on each host, what went wrong in full, what served, and where to read on. */
export function runLines(run: RunDocument, { stream, env, now }: ShowOptions): readonly string[] {
  const style = styleOf(wantsColour({ env, isTTY: stream.isTTY === true }))
  const printing = { style, width: stream.columns, verbose: 0 }
  const steps = stepLines(run.steps, run.hosts, printing)
  const undone = run.undone.map((undo) => undoLine(undo, style))
  const warnings = run.warnings.map((warning) => `${style('yellow', '!')} ${warning}`)
  const block = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? [] : [...lines, ''])
  return [
    ...headLines(run, now, style),
    ...block(steps),
    ...block(undone),
    ...block(warnings),
    ...run.errors.flatMap((error) => [...errorLines(error, printing), '']),
    ...servingLines(run.serving, printing),
    ...Object.values(run.logs).map((path) => messages.log(path)),
  ]
}
