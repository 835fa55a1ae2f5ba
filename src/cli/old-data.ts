import type { Snapshots } from '../plugin/snapshots.ts'
import type { OldDataRow } from '../report/old-data.ts'
import { questionsOf, type PlaceAnswer, type Question } from './ask-places.ts'
import type { TargetOptions } from './global-options.ts'
import type { Query } from './query.ts'

/** A question about what restores have left on the host of a placement. */
export interface OldDataQuestion extends Question {
  readonly part: Pick<NonNullable<Snapshots['oldData']>, 'read'>
}

/** What hosts are asked about what restores have left there. */
export function oldDataQuestions(query: Query<TargetOptions>): readonly OldDataQuestion[] {
  return questionsOf(query, ({ snapshots }) => {
    const oldData = snapshots?.oldData
    return (
      oldData && {
        read: oldData.read,
        places(placement) {
          const probe = oldData.probe(placement)
          return probe === undefined ? [] : [{ on: placement.host.name, probe }]
        },
      }
    )
  })
}

/** Reads such an answer. A host that cannot be asked is no reason not to list snapshots. */
export function oldDataOf({ placement, part }: OldDataQuestion, answer: PlaceAnswer): OldDataRow {
  const place = { service: placement.service.name, host: placement.host.name }
  if ('error' in answer) return { ...place, kept: null }
  const kept = part
    .read(answer.text, placement)
    .map(({ path, since, isCutOff }) => ({ path, since, partly_removed: isCutOff }))
  return { ...place, kept }
}
