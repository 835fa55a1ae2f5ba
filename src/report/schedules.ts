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
  /** Name of the machine that runs it; `local` is this one. */
  readonly on: string
  readonly folder: string
  /** Whether the config asks for it. */
  readonly wanted: boolean
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

/** Whether a schedule failed the last time, or will no longer run. */
export function isBad({ schedule }: ScheduleRow): boolean {
  return schedule?.last?.ok === false || schedule?.problem !== undefined
}

/** What to know about it: why it will not run, and how the last run ended. */
function noteOf({ problem, last }: ScheduleFacts): string {
  return [problem, last?.note].filter((one) => one !== undefined && one !== '').join('; ')
}

function nextCell(facts: ScheduleFacts, now: number): Cell {
  if (facts.running) return { text: 'now', format: 'cyan' }
  if (facts.problem !== undefined && facts.next === undefined) return { text: 'never', format: 'red' }
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
    schedule === null ? '' : noteOf(schedule),
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
      ? ['There is nothing to schedule here.']
      : table(head, rows, { style, width: stream.columns })),
    ...errors.flatMap((error) => errorLines(error, { style, width: stream.columns, verbose: 0 })),
  ]
}

/** The state of a schedule that needs attention; `undefined` when it works as it should. */
function badCell({ schedule }: ScheduleRow, now: number): Cell | undefined {
  if (schedule === null) return { text: 'not installed', format: 'yellow' }
  const { last, problem } = schedule
  const failed = last?.ok === false ? [last.at === '' ? 'failed' : `failed ${ageOf(last.at, now)} ago`] : []
  const words = [...(problem === undefined ? [] : ['off']), ...failed]
  return words.length === 0 ? undefined : { text: words.join(', '), format: 'red' }
}

/** A further table of `srv status`: schedules that failed the last time or no longer run; nothing when all is well. */
export function badScheduleLines(
  schedules: readonly ScheduleRow[],
  { stream, env, now }: ShowOptions,
): readonly string[] {
  const style = styleOf(wantsColour({ env, isTTY: stream.isTTY === true }))
  const rows = schedules.flatMap((one): (readonly Cell[])[] => {
    const state = badCell(one, now)
    const { service, host, on, schedule } = one
    return state === undefined ? [] : [[service, host, on, state, schedule === null ? '' : noteOf(schedule)]]
  })
  if (rows.length === 0) return []
  return ['', ...table(['SCHEDULE', 'HOST', 'ON', 'STATE', 'NOTE'], rows, { style, width: stream.columns })]
}
