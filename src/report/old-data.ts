import { messages } from './messages.ts'
import { ageOf, type ShowOptions } from './status.ts'
import { styleOf, wantsColour } from './style.ts'
import { table } from './table.ts'
import { plural } from './words.ts'

/** What restores have left of one service on one host, in documents. */
export interface OldDataRow {
  readonly service: string
  readonly host: string
  /** Oldest first; `null` where the host could not be asked. */
  readonly kept:
    | readonly {
        readonly path: string
        /** ISO 8601 UTC time from which it counts as old. */
        readonly since: string
        /** Whether its removal was cut off. */
        readonly partly_removed: boolean
      }[]
    | null
}

interface Shown {
  readonly environment: string
  readonly old_data: readonly OldDataRow[]
}

/** The second table of `srv snapshots`: what restores have left, how it is removed, and where that is not known. */
export function oldDataLines({ environment, old_data }: Shown, { stream, env, now }: ShowOptions): readonly string[] {
  const style = styleOf(wantsColour({ env, isTTY: stream.isTTY === true }))
  const rows = old_data.flatMap(({ service, host, kept }) =>
    (kept ?? []).map(({ path, since, partly_removed }) => [
      service,
      host,
      partly_removed ? `${ageOf(since, now)}, partly removed` : ageOf(since, now),
      path,
    ]),
  )
  const unknown = old_data.filter(({ kept }) => kept === null)
  return [
    ...(rows.length === 0
      ? []
      : [
          '',
          ...table(['SERVICE', 'HOST', 'AGE', 'OLD DATA'], rows, { style, width: stream.columns }),
          `What restores left is removed once it is old: srv prune ${environment} --old-data`,
        ]),
    ...unknown.map(({ service, host }) =>
      style('yellow', `What restores of ${service} left on ${host} is not known: the host could not be asked.`),
    ),
  ]
}

/** A line of `srv status` for each service and host where restores have left something. */
export function oldDataSummary({ environment, old_data }: Shown, now: number): readonly string[] {
  return old_data.flatMap(({ service, host, kept }) => {
    const [oldest] = kept ?? []
    if (kept === null || oldest === undefined) return []
    const many = `${plural(kept.length, 'folder')}, the oldest from ${messages.ago(ageOf(oldest.since, now))}`
    return [`Old data of ${service} on ${host}, left by restores: ${many}. srv snapshots ${environment} ${service}`]
  })
}
