import { rehearsedCell, timeOf } from './snapshots.ts'
import { ageOf, type BackupRow, type ShowOptions } from './status.ts'
import { styleOf, wantsColour } from './style.ts'
import { table, type Cell } from './table.ts'

function ageCell(
  { last_good, newest_suspect, newest_unreadable, overdue, of_another_machine }: BackupRow,
  now: number,
): Cell {
  if (of_another_machine === true) return { text: 'none, of another machine', format: 'red' }
  const age = last_good === null ? 'none' : ageOf(timeOf(last_good), now)
  const bad =
    newest_unreadable === null ? (newest_suspect === null ? '' : ', newest is suspect') : ', a newer one is unreadable'
  const text = `${age}${bad}`
  if (overdue === true) return { text: `${text}, overdue`, format: 'red' }
  return last_good === null || bad !== '' ? { text, format: 'yellow' } : text
}

function row(one: BackupRow, now: number): readonly Cell[] {
  const { service, host, on, folder, last_rehearsal, error } = one
  const place = `${on}:${folder}`
  if (error !== null) return [service, host, { text: 'not reachable', format: 'red' }, '', place]
  return [
    service,
    host,
    ageCell(one, now),
    last_rehearsal === null ? 'never' : rehearsedCell(last_rehearsal, now),
    place,
  ]
}

/** The second table of `srv status`, shown where data is backed up: the ages of the newest good snapshot and rehearsal, and whether a newer one is suspect or another overdue. */
export function backupLines(backups: readonly BackupRow[], { stream, env, now }: ShowOptions): readonly string[] {
  if (backups.length === 0) return []
  const style = styleOf(wantsColour({ env, isTTY: stream.isTTY === true }))
  const head = ['SERVICE', 'HOST', 'BACKUP', 'REHEARSED', 'WHERE']
  return [
    '',
    ...table(
      head,
      backups.map((one) => row(one, now)),
      { style, width: stream.columns },
    ),
  ]
}
