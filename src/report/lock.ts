import type { ShowOptions } from './status.ts'
import { styleOf, wantsColour } from './style.ts'
import { table } from './table.ts'

/** The document of `srv lock --json`. */
export interface LockDocument {
  readonly schema: 'srv.lock/1'
  /** Whether these leases were ended just now. */
  readonly released: boolean
  readonly leases: readonly {
    readonly service: string
    readonly host: string
    readonly actor: string
    readonly run: string
    readonly pipeline: string
    /** ISO 8601 UTC */
    readonly since: string
    /** Seconds since the holder's last sign of life. */
    readonly age_seconds: number
  }[]
}

/** The table of `srv lock status` and `srv lock release`. */
export function lockLines(
  { leases, released }: LockDocument,
  { stream, env }: Omit<ShowOptions, 'now'>,
): readonly string[] {
  if (leases.length === 0) return ['No run holds a lease here.']
  const style = styleOf(wantsColour({ env, isTTY: stream.isTTY === true }))
  const rows = leases.map(({ service, host, actor, pipeline, since, age_seconds, run }) => [
    service,
    host,
    actor,
    pipeline,
    since,
    `${age_seconds} s ago`,
    run,
  ])
  const head = ['SERVICE', 'HOST', 'HELD BY', 'PIPELINE', 'SINCE', 'LAST SIGN OF LIFE', 'RUN']
  return [...table(head, rows, { style, width: stream.columns }), ...(released ? ['', 'Released.'] : [])]
}
