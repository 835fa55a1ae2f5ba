import type { RunStatus } from '../run/event.ts'
import { messages } from './messages.ts'
import { ageOf, type ShowOptions } from './status.ts'
import { plainStyle, styleOf, wantsColour, type Format } from './style.ts'
import { table, type Cell, type TableOptions } from './table.ts'
import { displayWidth, pad } from './width.ts'
import { duration, list, plural } from './words.ts'

/** How a run ended; `crashed` when its process died without a result. */
export type KeptStatus = RunStatus | 'crashed' | 'running'

/** A run of the journal, in `srv runs list --json`. */
export interface RunRow {
  readonly id: string
  /** ISO 8601 UTC */
  readonly started_at: string
  readonly pipeline: string
  readonly environment: string
  readonly status: KeptStatus
  /** `null` while it runs, as are the next two. */
  readonly exit_code: number | null
  readonly ms: number | null
  /** How many steps changed something, counted on each target. */
  readonly changed: number | null
  readonly hosts: readonly string[]
  readonly actor: string
  /** Path of its folder. */
  readonly folder: string
}

/** The document of `srv runs list --json`. */
export interface RunsDocument {
  readonly schema: 'srv.runs/1'
  /** Newest first. */
  readonly runs: readonly RunRow[]
}

const formats: Readonly<Record<KeptStatus, Format>> = {
  ok: 'green',
  unchanged: 'reset',
  failed: 'red',
  refused: 'red',
  unreachable: 'red',
  locked: 'yellow',
  cancelled: 'yellow',
  crashed: ['bold', 'red'],
  running: 'cyan',
}

/** The status of a run in its colour. */
export function statusCell(status: KeptStatus): Exclude<Cell, string> {
  return { text: status, format: formats[status] }
}

function cells(run: RunRow, now: number): readonly Cell[] {
  const { started_at, pipeline, environment, status, exit_code, ms, changed, hosts } = run
  return [
    messages.ago(ageOf(started_at, now)),
    pipeline,
    environment,
    statusCell(status),
    exit_code === null ? '' : String(exit_code),
    ms === null ? '' : duration(ms),
    changed === null ? '' : String(changed),
    hosts.length > 3 ? plural(hosts.length, 'host') : list(hosts),
  ]
}

/** How many columns, counted from the last, may be left out on a narrow terminal: hosts, changes, time. */
const mostLeftOut = 3

/** The table of `srv runs list`. Ids are there to be copied, so they are whole in the narrowest terminal. */
export function runsLines({ runs }: RunsDocument, { stream, env, now }: ShowOptions): readonly string[] {
  if (runs.length === 0) return [messages.noRuns]
  const style = styleOf(wantsColour({ env, isTTY: stream.isTTY === true }))
  const [idHead = '', ...head] = messages.runsHead
  const ids = [idHead, ...runs.map(({ id }) => id)]
  const idWidth = Math.max(...ids.map((id) => displayWidth(id))) + 2
  const width = (stream.columns ?? Infinity) - idWidth
  const rows = runs.map((run) => cells(run, now))
  const without = (count: number, options: TableOptions): string[] => {
    const shown = head.length - count
    return table(
      head.slice(0, shown),
      rows.map((row) => row.slice(0, shown)),
      options,
    )
  }
  const fits = (count: number): boolean =>
    without(count, { style: plainStyle }).every((line) => displayWidth(line) <= width)
  const leftOut = [0, 1, 2].find((count) => fits(count)) ?? mostLeftOut
  return without(leftOut, { style, width }).map((line, index) => {
    const id = pad(ids[index] ?? '', idWidth)
    return `${index === 0 ? style('dim', id) : id}${line}`
  })
}
