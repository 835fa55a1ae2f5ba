import { toErrorReport } from '../error/report.ts'
import type { SrvError } from '../error/srv-error.ts'
import type { InstanceState, Release } from '../plugin/state.ts'
import type { OldDataRow } from '../report/old-data.ts'
import type { ReleaseRow, ReleasesDocument } from '../report/releases.ts'
import type { ScheduleRow } from '../report/schedules.ts'
import { tellingOf } from '../report/snapshots.ts'
import type { BackupRow, DocumentError, StatusDocument, StatusRow } from '../report/status.ts'
import { urlOf } from '../run/ask/serving.ts'
import type { Finding } from '../run/ask/survey.ts'
import type { End } from '../transport/transport.ts'
import type { Kept } from './keepers.ts'

/** An error as documents show it. */
export function documentError(error: SrvError): DocumentError {
  return { ...toErrorReport(error), exit_code: error.exitCode }
}

/** How a command ended, as documents show it. */
export type DocumentEnd =
  | Exclude<End, { readonly kind: 'timeout' }>
  | { readonly kind: 'timeout'; readonly stopped: boolean; readonly timeout_ms: number }

/** How a command ended, as documents show it. */
export function documentEnd(end: End): DocumentEnd {
  switch (end.kind) {
    case 'exit':
      return { kind: end.kind, code: end.code }
    case 'signal':
      return { kind: end.kind, signal: end.signal }
    case 'timeout':
      return { kind: end.kind, stopped: end.stopped, timeout_ms: end.timeoutMs }
    case 'cancelled':
      return { kind: end.kind, stopped: end.stopped }
    case 'lost':
      return { kind: end.kind, reason: end.reason }
  }
}

function healthOf({ healthy, running, release }: InstanceState): StatusRow['health'] {
  if (healthy === 'yes') return 'ok'
  if (release === undefined) return 'unknown'
  return healthy === 'no' || running === 'no' ? 'down' : 'unknown'
}

function statusRow(finding: Finding): StatusRow {
  const { placement } = finding
  const place = { instance: placement.instance.id, host: placement.host.name, url: urlOf(placement) ?? null }
  if ('error' in finding) {
    const unknown = { release: null, health: 'unknown', running: 'unknown', drift: [] } as const
    return { ...place, ...unknown, error: documentError(finding.error) }
  }
  const { state } = finding
  const { running, notes = [] } = state
  const drift = [...state.drift, ...notes]
  return { ...place, release: state.release ?? null, health: healthOf(state), running, drift, error: null }
}

function backupRow({ answer, ...place }: Kept): BackupRow {
  const unknown = {
    last_good: null,
    newest_suspect: null,
    newest_unreadable: null,
    overdue: null,
    last_rehearsal: null,
  }
  if ('error' in answer) {
    return { ...place, ...unknown, of_another_machine: null, error: documentError(answer.error) }
  }
  const { snapshots, rehearsals, overdue, isOther } = answer
  const [newest] = snapshots
  const firstGood = snapshots.findIndex(({ state }) => state === 'good')
  const newer = firstGood === -1 ? snapshots : snapshots.slice(0, firstGood)
  const of_another_machine = isOther ?? null
  // They are no backup of this host.
  if (isOther === true) return { ...place, ...unknown, of_another_machine, error: null }
  return {
    ...place,
    last_good: snapshots[firstGood]?.id ?? null,
    newest_suspect: newest?.state === 'suspect' ? newest.id : null,
    newest_unreadable: newer.find(({ state }) => state === 'unreadable')?.id ?? null,
    overdue: overdue ?? null,
    last_rehearsal: tellingOf(rehearsals),
    of_another_machine,
    error: null,
  }
}

/** What `srv status` shows, from what each placement, each keeper of snapshots, each schedule and each host of old data said. */
export function statusDocument(
  environment: string,
  findings: readonly Finding[],
  kept: readonly Kept[],
  schedules: readonly ScheduleRow[],
  oldData: readonly OldDataRow[],
): StatusDocument {
  return {
    schema: 'srv.status/1',
    environment,
    instances: findings.map((finding) => statusRow(finding)),
    backups: kept.map((one) => backupRow(one)),
    old_data: oldData,
    schedules: schedules.filter(({ schedule, wanted }) => wanted || schedule !== null),
  }
}

/** The releases of all hosts merged: one row per instance and release, newest first. */
function releaseRows(findings: readonly Finding[]): readonly ReleaseRow[] {
  const rows = new Map<string, { release: Release; instance: string; hosts: string[]; serving: string[] }>()
  for (const finding of findings) {
    if ('error' in finding) continue
    const { placement, state } = finding
    for (const release of state.releases) {
      const key = `${placement.instance.id} ${release.id}`
      const known = rows.get(key) ?? { release, instance: placement.instance.id, hosts: [], serving: [] }
      known.hosts.push(placement.host.name)
      if (state.release?.id === release.id) known.serving.push(placement.host.name)
      rows.set(key, known)
    }
  }
  return [...rows.values()]
    .map(({ release, ...row }) => ({ ...release, ...row }))
    .sort((left, right) => left.instance.localeCompare(right.instance) || right.id.localeCompare(left.id))
}

/** What `srv releases` shows, from what each placement said. */
export function releasesDocument(environment: string, findings: readonly Finding[]): ReleasesDocument {
  const errors = new Map(
    findings.flatMap((finding) => ('error' in finding ? [[finding.placement.host.name, finding.error] as const] : [])),
  )
  return {
    schema: 'srv.releases/1',
    environment,
    releases: releaseRows(findings),
    errors: [...errors.values()].map((error) => documentError(error)),
  }
}
