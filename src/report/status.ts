import type { OldDataRow } from './old-data.ts'
import type { ErrorReport } from '../run/event.ts'
import type { InstanceState, Release } from '../plugin/state.ts'
import { errorLines } from './error.ts'
import type { ScheduleRow } from './schedules.ts'
import { styleOf, wantsColour } from './style.ts'
import { table, type Cell } from './table.ts'
import { age } from './words.ts'

/** An error of a host that could not be asked, with the exit code it leads to. */
export type DocumentError = ErrorReport & { readonly exit_code: number }

/** One instance on one host, in `srv status --json`. */
export interface StatusRow {
  /** `service/instance` */
  readonly instance: string
  readonly host: string
  /** What serves, or `null` when nothing was deployed or the host could not be asked. */
  readonly release: Release | null
  readonly health: 'ok' | 'down' | 'unknown'
  readonly running: InstanceState['running']
  /** How the host differs from the release, and what else is worth knowing, one line each. */
  readonly drift: readonly string[]
  readonly url: string | null
  readonly error: DocumentError | null
}

/** A restore that was tried without touching what serves, as `--json` shows it. */
export interface RehearsalRow {
  /** Id of the snapshot, which may be gone by now. */
  readonly id: string
  readonly at: string
  /** Where it was done: usually the host that the data belongs to. */
  readonly host: string
  readonly seconds: number
  readonly ok: boolean
  /** What was proved; without `release` nothing was started. */
  readonly checked: readonly string[]
  readonly note: string
}

/** What one place keeps of the data of a service on a host, in `srv status --json`. */
export interface BackupRow {
  readonly service: string
  readonly host: string
  /** Name of the machine that keeps them; `local` is this one. */
  readonly on: string
  readonly folder: string
  /** Id of the newest good snapshot. */
  readonly last_good: string | null
  /** Id of the newest snapshot when that one is suspect. */
  readonly newest_suspect: string | null
  /** Id of the newest snapshot that nobody can read, when no good one is newer. */
  readonly newest_unreadable: string | null
  /** Whether its schedule has missed two runs since; `null` without a schedule, or when that is unknown. */
  readonly overdue: boolean | null
  /** The newest that started a release or failed; one that restored only data when there is no other. */
  readonly last_rehearsal: RehearsalRow | null
  /** Whether what is there belongs to another machine with the name of the host; `null` when that is unknown. */
  readonly of_another_machine: boolean | null
  /** Why it could not be asked, which says nothing about what serves. */
  readonly error: DocumentError | null
}

/** The document of `srv status --json`. */
export interface StatusDocument {
  readonly schema: 'srv.status/1'
  readonly environment: string
  readonly instances: readonly StatusRow[]
  /** One for each place in which snapshots of a service are kept. */
  readonly backups: readonly BackupRow[]
  /** What restores have left, for each service and host whose data is backed up. */
  readonly old_data: readonly OldDataRow[]
  /** Schedules that are installed, or that the config asks for. */
  readonly schedules: readonly ScheduleRow[]
}

/** Where and when a document is shown to people. */
export interface ShowOptions {
  readonly stream: { readonly isTTY?: boolean; readonly columns?: number }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Milliseconds since 1970, to say how old things are. */
  readonly now: number
}

/** How long ago an ISO time was; empty when it is unknown. */
export function ageOf(time: string | undefined, now: number): string {
  return time === undefined ? '' : age(Math.max(0, now - Date.parse(time)))
}

function healthCell({ health, running, error }: StatusRow): Cell {
  if (error !== null) return { text: 'not reachable', format: 'red' }
  if (health === 'down') return { text: running === 'no' ? 'not running' : 'down', format: 'red' }
  if (health === 'ok') return { text: 'ok', format: 'green' }
  return running === 'yes' ? 'running' : running === 'none' ? '-' : 'unknown'
}

function row(one: StatusRow, now: number): readonly Cell[] {
  const { release, drift } = one
  const drifted: Cell =
    drift.length === 0 ? (one.error === null ? 'none' : '') : { text: drift.join('; '), format: 'yellow' }
  return [
    one.instance,
    one.host,
    release?.id ?? '-',
    ageOf(release?.since, now),
    healthCell(one),
    drifted,
    one.url ?? '',
  ]
}

/** The table of `srv status`, and below it why a host could not be asked. */
export function statusLines({ instances }: StatusDocument, { stream, env, now }: ShowOptions): readonly string[] {
  const style = styleOf(wantsColour({ env, isTTY: stream.isTTY === true }))
  const head = ['INSTANCE', 'HOST', 'RELEASE', 'SINCE', 'HEALTH', 'DRIFT', 'URL']
  const rows = instances.map((one) => row(one, now))
  const errors = new Map(instances.flatMap(({ host, error }) => (error === null ? [] : [[host, error] as const])))
  return [
    ...table(head, rows, { style, width: stream.columns }),
    ...[...errors.values()].flatMap((error) => errorLines(error, { style, width: stream.columns, verbose: 0 })),
  ]
}
