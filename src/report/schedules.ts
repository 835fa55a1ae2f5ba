import type { ScheduleFacts } from '../plugin/schedules.ts'
import { errorLines } from './error.ts'
import { ageOf, type DocumentError, type ShowOptions } from './status.ts'
import { styleOf, wantsColour } from './style.ts'
import { table, type Cell } from './table.ts'
import { age } from './words.ts'

/** One schedule in `srv schedule list --json`. */
export interface ScheduleRow {
  readonly service: string
  readonly host: string
  /** Name of the machine that works by it; `local` is this one. */
  readonly on: string
  readonly folder: string
  /** `null` when none is installed. */
  readonly schedule: ScheduleFacts | null
}

/** The document of `srv schedule list --json`. */
export interface SchedulesDocument {
  readonly schema: 'srv.schedules/1'
  readonly environment: string
  readonly schedules: readonly ScheduleRow[]
  readonly errors: readonly DocumentError[]
}

/** Whether what a machine does at set times failed the last time. */
export function hasFailed(
  facts: ScheduleFacts | null,
): facts is ScheduleFacts & { readonly last: NonNullable<ScheduleFacts['last']> } {
  return facts?.last?.ok === false
}

function nextCell(facts: ScheduleFacts, now: number): Cell {
  if (facts.running) return { text: 'now', format: 'cyan' }
  if (facts.next === undefined) return facts.at
  const ms = Date.parse(facts.next) - now
  return ms < 0 ? facts.next : `in ${age(ms)}`
}

function row({ service, host, on, schedule }: ScheduleRow, now: number): readonly Cell[] {
  const last = schedule?.last
  const result: Cell =
    schedule === null
      ? { text: 'not installed', format: 'yellow' }
      : last === undefined
        ? '-'
        : last.ok
          ? { text: 'ok', format: 'green' }
          : { text: 'failed', format: 'red' }
  return [
    service,
    host,
    on,
    schedule?.by ?? '',
    schedule === null ? '' : nextCell(schedule, now),
    last === undefined || last.at === '' ? '' : `${ageOf(last.at, now)} ago`,
    result,
    last?.note ?? '',
  ]
}

/** The table of `srv schedule list`, and below it which machine could not be asked. */
export function scheduleLines(
  { schedules, errors }: SchedulesDocument,
  { stream, env, now }: ShowOptions,
): readonly string[] {
  const style = styleOf(wantsColour({ env, isTTY: stream.isTTY === true }))
  const head = ['SERVICE', 'HOST', 'ON', 'BY', 'NEXT', 'LAST', 'RESULT', 'NOTE']
  const rows = schedules.map((one) => row(one, now))
  return [
    ...(rows.length === 0 && errors.length === 0
      ? ['Nothing here can be scheduled.']
      : table(head, rows, { style, width: stream.columns })),
    ...errors.flatMap((error) => errorLines(error, { style, width: stream.columns, verbose: 0 })),
  ]
}

/** A table below those of `srv status`: what works at set times and failed the last time; nothing when nothing did. */
export function failedScheduleLines(
  schedules: readonly ScheduleRow[],
  { stream, env, now }: ShowOptions,
): readonly string[] {
  const style = styleOf(wantsColour({ env, isTTY: stream.isTTY === true }))
  const rows = schedules.flatMap(({ service, host, on, schedule }): (readonly Cell[])[] => {
    if (!hasFailed(schedule)) return []
    const { at, note } = schedule.last
    const when = at === '' ? 'yes' : `${ageOf(at, now)} ago`
    return [[service, host, on, { text: when, format: 'red' }, note]]
  })
  if (rows.length === 0) return []
  return ['', ...table(['SCHEDULE', 'HOST', 'ON', 'FAILED', 'NOTE'], rows, { style, width: stream.columns })]
}
