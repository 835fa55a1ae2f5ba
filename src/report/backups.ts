import { rehearsedCell, timeOf } from './snapshots.ts'
import { ageOf, type BackupRow, type ShowOptions } from './status.ts'
import { styleOf, wantsColour } from './style.ts'
import { table, type Cell } from './table.ts'

function row({ service, host, on, folder, last_good, last_rehearsal, error }: BackupRow, now: number): readonly Cell[] {
  const place = `${on}:${folder}`
  if (error !== null) return [service, host, { text: 'not reachable', format: 'red' }, '', place]
  const age: Cell = last_good === null ? { text: 'none', format: 'yellow' } : ageOf(timeOf(last_good), now)
  return [service, host, age, last_rehearsal === null ? 'never' : rehearsedCell(last_rehearsal, now), place]
}

/** A second table below that of `srv status`, where data are backed up: how old the newest good snapshot and the newest rehearsal are. */
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
