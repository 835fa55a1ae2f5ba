import type { Release } from '../plugin/state.ts'
import { errorLines } from './error.ts'
import { ageOf, type DocumentError, type ShowOptions } from './status.ts'
import { styleOf, wantsColour } from './style.ts'
import { table, type Cell } from './table.ts'

/** A release of an instance, in `srv releases --json`. */
export interface ReleaseRow extends Release {
  /** `service/instance` */
  readonly instance: string
  /** The hosts that have it. */
  readonly hosts: readonly string[]
  /** The hosts on which it serves. */
  readonly serving: readonly string[]
}

/** The document of `srv releases --json`. */
export interface ReleasesDocument {
  readonly schema: 'srv.releases/1'
  readonly environment: string
  readonly releases: readonly ReleaseRow[]
  /** Why hosts could not be asked. */
  readonly errors: readonly DocumentError[]
}

function row(one: ReleaseRow, now: number): readonly Cell[] {
  const serving: Cell = one.serving.length === 0 ? '' : { text: one.serving.join(', '), format: 'green' }
  return [one.instance, one.id, one.subject ?? '', one.by ?? '', ageOf(one.since, now), one.hosts.join(', '), serving]
}

/** The table of `srv releases`, newest first within each instance. */
export function releasesLines(
  { releases, errors }: ReleasesDocument,
  { stream, env, now }: ShowOptions,
): readonly string[] {
  const style = styleOf(wantsColour({ env, isTTY: stream.isTTY === true }))
  const head = ['INSTANCE', 'RELEASE', 'SUBJECT', 'BY', 'SINCE', 'ON', 'SERVES ON']
  const rows = releases.map((one) => row(one, now))
  return [
    ...(rows.length === 0 ? ['There are no releases yet.'] : table(head, rows, { style, width: stream.columns })),
    ...errors.flatMap((error) => errorLines(error, { style, width: stream.columns, verbose: 0 })),
  ]
}
