import { snapshotLines, tellingOf, type SnapshotRow, type SnapshotsDocument } from '../../report/snapshots.ts'
import { documentError } from '../documents.ts'
import type { TargetOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { askKeepers, type Kept } from '../keepers.ts'
import { printDocument } from '../print-document.ts'
import { queryCommand, runQuery, type Query } from '../query.ts'

type Figures = Pick<SnapshotRow, 'files' | 'bytes' | 'new_bytes'>

function figures(state: SnapshotRow['state'], known: Figures): Figures {
  return state === 'unreadable' ? { files: null, bytes: null, new_bytes: null } : known
}

function rowsOf({ answer, ...place }: Kept): readonly SnapshotRow[] {
  if ('error' in answer) return []
  const { snapshots: found, rehearsals, isOther } = answer
  return found.map(({ id, state, release, before = '', pinned = false, files, bytes, newBytes, note }) => ({
    ...place,
    id,
    state,
    release: release === '' ? null : release,
    before: before === '' ? null : before,
    pinned,
    of_another_machine: isOther ?? null,
    ...figures(state, { files, bytes, new_bytes: newBytes }),
    note,
    rehearsed: tellingOf(rehearsals.filter((one) => one.id === id)),
  }))
}

/** A keeper that could not be asked is reported once, whatever it keeps. */
function errorsOf(all: readonly Kept[]): SnapshotsDocument['errors'] {
  const found = new Set(all.flatMap(({ answer }) => ('error' in answer ? [answer.error] : [])))
  return [...found].map((error) => documentError(error))
}

async function documentOf(query: Query<TargetOptions>): Promise<SnapshotsDocument> {
  const all = await askKeepers(query)
  const { environment } = query.project.config
  return { schema: 'srv.snapshots/1', environment, snapshots: all.flatMap((one) => rowsOf(one)), errors: errorsOf(all) }
}

/** `srv snapshots <environment> [service…]`: the snapshots of each service, and where they are. */
export async function snapshots(argv: readonly string[], io: Io): Promise<number> {
  const command = queryCommand('snapshots', 'List the snapshots that can be restored.', io)
  return runQuery<TargetOptions>(command, argv, io, async (query) => {
    const document = await documentOf(query)
    printDocument(io, query.options, document, snapshotLines)
    return document.errors[0]?.exit_code ?? 0
  })
}
