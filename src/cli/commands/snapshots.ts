import { oldDataLines } from '../../report/old-data.ts'
import { snapshotLines, tellingOf, type SnapshotRow, type SnapshotsDocument } from '../../report/snapshots.ts'
import { askPlaces } from '../ask-places.ts'
import { documentError } from '../documents.ts'
import type { TargetOptions } from '../global-options.ts'
import type { Io } from '../io.ts'
import { keptOf, keptQuestions, withIdentities, type Kept } from '../keepers.ts'
import { oldDataOf, oldDataQuestions } from '../old-data.ts'
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
  const keptOnes = keptQuestions(query)
  const oldOnes = oldDataQuestions(query)
  const answerOf = await askPlaces(query, [...withIdentities(keptOnes), ...oldOnes])
  const all = keptOnes.map((one) => keptOf(one, answerOf))
  return {
    schema: 'srv.snapshots/1',
    environment: query.project.config.environment,
    snapshots: all.flatMap((one) => rowsOf(one)),
    old_data: oldOnes.map((one) => oldDataOf(one, answerOf(one))),
    errors: errorsOf(all),
  }
}

/** `srv snapshots <environment> [service…]`: the snapshots of each service, where they are, and what restores left on hosts. */
export async function snapshots(argv: readonly string[], io: Io): Promise<number> {
  const command = queryCommand('snapshots', 'List the snapshots that can be restored.', io)
  return runQuery<TargetOptions>(command, argv, io, async (query) => {
    const document = await documentOf(query)
    printDocument(io, query.options, document, (_document, shown) => [
      ...snapshotLines(document, shown),
      ...oldDataLines(document, shown),
    ])
    return document.errors[0]?.exit_code ?? 0
  })
}
