import { size } from '../plugin/transfer.ts'
import { errorLines } from './error.ts'
import type { OldDataRow } from './old-data.ts'
import { ageOf, type DocumentError, type RehearsalRow, type ShowOptions } from './status.ts'
import { styleOf, wantsColour } from './style.ts'
import { table, type Cell } from './table.ts'

/** One snapshot in `srv snapshots --json`. */
export interface SnapshotRow {
  readonly service: string
  readonly host: string
  readonly id: string
  /** `unreadable` is one of which nothing but the id is known; its figures are `null`. */
  readonly state: 'good' | 'suspect' | 'unreadable'
  readonly release: string | null
  /** Id of the release whose deploy it was made for. */
  readonly before: string | null
  /** Whether somebody asked for it to be kept whatever the rules say. */
  readonly pinned: boolean
  /** Whether it belongs to another machine with the name of the host; `null` when that is unknown. */
  readonly of_another_machine: boolean | null
  readonly files: number | null
  readonly bytes: number | null
  /** Bytes that no older snapshot has. */
  readonly new_bytes: number | null
  readonly note: string
  /** Name of the machine that keeps it; `local` is this one. */
  readonly on: string
  readonly folder: string
  /** The newest rehearsal of a restore from it; one that restored only data counts when there was no other. */
  readonly rehearsed: RehearsalRow | null
}

/** The document of `srv snapshots --json`. */
export interface SnapshotsDocument {
  readonly schema: 'srv.snapshots/1'
  readonly environment: string
  readonly snapshots: readonly SnapshotRow[]
  /** One for each service and host. */
  readonly old_data: readonly OldDataRow[]
  readonly errors: readonly DocumentError[]
}

/** The time encoded in an id, for its age. */
export function timeOf(id: string): string {
  return id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
}

function isDataOnly({ ok, checked }: Pick<RehearsalRow, 'ok' | 'checked'>): boolean {
  return ok && !checked.includes('release')
}

/**
 * The rehearsal to report, out of those given newest first: the newest that started a release or failed. One that only
 * restored data proves less, and counts only when there is no other.
 */
export function tellingOf<Row extends Pick<RehearsalRow, 'ok' | 'checked'>>(rehearsals: readonly Row[]): Row | null {
  return rehearsals.find((one) => !isDataOnly(one)) ?? rehearsals[0] ?? null
}

/** How long ago a rehearsal was, and that it failed or started nothing. */
export function rehearsedCell(rehearsal: RehearsalRow, now: number): Cell {
  const age = ageOf(rehearsal.at, now)
  if (!rehearsal.ok) return { text: `failed ${age} ago`, format: 'red' }
  return isDataOnly(rehearsal) ? { text: `${age}, data only`, format: 'yellow' } : age
}

function sizeCell(bytes: number | null): string {
  return bytes === null ? '-' : size(bytes)
}

function row(
  {
    service,
    host,
    id,
    state,
    pinned,
    of_another_machine,
    release,
    files,
    bytes,
    new_bytes,
    on,
    folder,
    rehearsed,
  }: SnapshotRow,
  now: number,
): readonly Cell[] {
  const isOther = of_another_machine === true
  const text = [state, ...(pinned ? ['pinned'] : []), ...(isOther ? ['of another machine'] : [])].join(', ')
  const shown: Cell = { text, format: state === 'good' && !isOther ? 'green' : 'yellow' }
  return [
    service,
    host,
    id,
    ageOf(timeOf(id), now),
    shown,
    String(files ?? '-'),
    sizeCell(bytes),
    sizeCell(new_bytes),
    rehearsed === null ? '' : rehearsedCell(rehearsed, now),
    release ?? '-',
    `${on}:${folder}`,
  ]
}

/** The table of `srv snapshots`, and below it notes on some of them, and which keepers could not be asked. */
export function snapshotLines(
  { snapshots, errors }: Pick<SnapshotsDocument, 'snapshots' | 'errors'>,
  { stream, env, now }: ShowOptions,
): readonly string[] {
  const style = styleOf(wantsColour({ env, isTTY: stream.isTTY === true }))
  const head = ['SERVICE', 'HOST', 'SNAPSHOT', 'AGE', 'STATE', 'FILES', 'SIZE', 'NEW', 'REHEARSED', 'RELEASE', 'WHERE']
  const rows = snapshots.map((one) => row(one, now))
  return [
    ...(rows.length === 0 && errors.length === 0
      ? ['There are no snapshots.']
      : table(head, rows, { style, width: stream.columns })),
    ...snapshots.flatMap(({ service, host, id, note }) =>
      note === '' ? [] : [style('yellow', `${id} of ${service} on ${host} has ${note}`)],
    ),
    ...errors.flatMap((error) => errorLines(error, { style, width: stream.columns, verbose: 0 })),
  ]
}
