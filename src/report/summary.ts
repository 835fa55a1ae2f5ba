import { stripVTControlCharacters } from 'node:util'
import type { ErrorReport, Serving, TimedEvent } from '../run/event.ts'
import { sanitizeLine } from '../shell/sanitize.ts'
import { suggestedCommand } from './command.ts'
import type { Done } from './done.ts'
import { errorLines, type ErrorOptions } from './error.ts'
import { messages } from './messages.ts'
import type { Format } from './style.ts'
import { table, type Cell } from './table.ts'
import { hostOf, instanceOf } from './targets.ts'
import { displayWidth } from './width.ts'
import { duration, list } from './words.ts'

/** How many errors are printed in full, and how many after those in one line each. */
const mostFull = 5
const mostShort = 20

/** How a summary is printed. */
export interface SummaryOptions extends ErrorOptions {
  /** Path of the log of a host, and of this machine when none is named; nothing when there is no log. */
  readonly logOf?: ((host: string | undefined) => string | undefined) | undefined
  /** What steps say that they did: then there was something to do, although nothing was changed. */
  readonly done?: readonly Done[]
  /** Whether that is told here: the lines of other views have it already. */
  readonly tellsDone?: boolean
}

type Start = Extract<TimedEvent, { type: 'run.start' }>
type End = Extract<TimedEvent, { type: 'run.end' }>

/** The errors of a run in full, the worst first. */
export function errorsInFull(errors: readonly ErrorReport[], options: ErrorOptions): string[] {
  const full = errors.slice(0, mostFull).flatMap((error) => [...errorLines(error, options), ''])
  const short = errors
    .slice(mostFull, mostFull + mostShort)
    .flatMap((error) => errorLines({ ...error, output: [], hint: '' }, options))
  const left = errors.length - mostFull - mostShort
  return [...full, ...short, ...(left > 0 ? [messages.moreErrors(left)] : []), ...(short.length > 0 ? [''] : [])]
}

const stateFormats: Readonly<Record<Serving['state'], Format>> = {
  new: 'green',
  old: 'yellow',
  unchanged: 'reset',
  down: ['bold', 'red'],
  unknown: 'red',
}

/** With more rows than this, rows that say the same are merged. */
const mostRows = 10

interface ServingRow extends Serving {
  readonly instance: string
  readonly hosts: readonly string[]
}

/** One row per host, or, when there are many, one for all hosts on which the same serves; what is down keeps its own row. */
function servingRows(serving: End['serving']): readonly ServingRow[] {
  const single = Object.entries(serving).map(([target, one]) => ({
    ...one,
    instance: instanceOf(target) ?? '',
    hosts: [hostOf(target)],
  }))
  if (single.length <= mostRows) return single
  const rows = new Map<string, ServingRow>()
  for (const { url: _, ...one } of single) {
    const alone = one.state === 'down' || one.state === 'unknown'
    const key = JSON.stringify([one.instance, one.release, one.state, alone ? one.hosts : []])
    rows.set(key, { ...one, hosts: [...(rows.get(key)?.hosts ?? []), ...one.hosts] })
  }
  return [...rows.values()]
}

/**
 * What serves where, as a table; nothing when that was not asked. Releases and addresses are meant to be copied, so nothing
 * is cut: where the terminal is too narrow, addresses get lines of their own.
 */
export function servingLines(serving: End['serving'], { style, width = Infinity }: ErrorOptions): string[] {
  const rows = servingRows(serving)
  if (rows.length === 0) return []
  const lines = (withUrls: boolean): string[] => {
    const cells = rows.map(({ instance, hosts, release, state, url }): readonly Cell[] => [
      instance,
      hosts.length > 3 ? messages.hosts(hosts.length) : list(hosts),
      release ?? messages.nothingServes,
      { text: state, format: stateFormats[state] },
      withUrls ? (url ?? '') : '',
    ])
    return table(messages.servingHead, cells, { style })
  }
  const whole = lines(true)
  if (whole.every((line) => displayWidth(stripVTControlCharacters(line)) <= width)) return [...whole, '']
  const urls = rows.map(({ url }) => (url === undefined ? [] : [`  ${url}`]))
  return [...lines(false).flatMap((line, index) => [line, ...(urls[index - 1] ?? [])]), '']
}

/** What to type next, and how to take back what was done: on the same services and hosts, with the same config. */
function suggestions(
  start: Start,
  end: End,
): { readonly next?: string; readonly undo?: string; readonly withData?: string } {
  const { pipeline, environment, dry_run: dryRun, selection } = start
  const { options = {} } = end
  const well = end.status === 'ok' || end.status === 'unchanged'
  if (dryRun) {
    return end.status === 'ok' ? { next: suggestedCommand(pipeline, environment, selection, options) } : {}
  }
  if (!well || end.undo === undefined) return {}
  const config = options['config']
  const kept = config === undefined ? {} : { config }
  const undo = suggestedCommand('rollback', environment, end.undo, kept)
  if (end.undo_with_data !== true) return { undo }
  return { undo, withData: suggestedCommand('rollback', environment, end.undo, { ...kept, 'with-data': true }) }
}

/** Of one service on one host, its name would say nothing new. */
function doneLines(done: readonly Done[]): string[] {
  const isOne = new Set(done.map(({ target }) => target)).size === 1
  return done.map(({ target, text }) => `  ${sanitizeLine(isOne ? text : `${target}: ${text}`)}`)
}

function lastLines(start: Start, end: End, options: SummaryOptions): string[] {
  const { style, width = Infinity, logOf, done = [], tellsDone = false } = options
  const { pipeline, environment, hosts, dry_run: dryRun } = start
  const well = end.status === 'ok' || end.status === 'unchanged'
  const status = end.status === 'unchanged' && done.length > 0 ? 'ok' : end.status
  const [outcome, figures] =
    dryRun && well
      ? [end.status === 'ok' ? messages.planEnd(environment) : messages.planUnchanged(environment), duration(end.ms)]
      : messages.end(status, pipeline, environment, end.counts, hosts.length, end.ms)
  const { next, undo, withData } = suggestions(start, end)
  const after = well ? undefined : messages.afterwards(end.exit_code)
  const log = well ? undefined : logOf?.(end.errors[0]?.where.host)
  const fits = displayWidth(`  ${outcome}  ${figures}`) <= width
  return [
    `${well ? style('green', '✔') : style('red', '✖')} ${style('bold', outcome)}${fits ? `  ${figures}` : ''}`,
    ...(fits ? [] : [`  ${figures}`]),
    ...(tellsDone ? doneLines(done) : []),
    ...(end.apart === undefined ? [] : messages.apart(end.apart).map((line) => `  ${line}`)),
    ...(after === undefined ? [] : [`  ${after}`]),
    ...(next === undefined ? [] : [`  ${messages.next(style('cyan', next))}`]),
    ...(undo === undefined ? [] : [`  ${messages.undo(style('cyan', undo))}`]),
    ...(withData === undefined ? [] : [`  ${messages.undoWithData(style('cyan', withData))}`]),
    ...(log === undefined ? [] : [`  ${messages.log(log)}`]),
  ]
}

/**
 * What stays on the screen when a run is over: the errors in full, what serves where, and last, because that is read
 * first, how it ended and what to do next.
 */
export function summaryLines(start: Start | undefined, end: End, options: SummaryOptions): string[] {
  return [
    ...errorsInFull(end.errors, options),
    ...servingLines(end.serving, options),
    ...(start === undefined ? [] : lastLines(start, end, options)),
  ]
}
