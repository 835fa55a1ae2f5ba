import type { SrvError } from '../error/srv-error.ts'
import type { RehearsalFacts, SnapshotFacts, Snapshots } from '../plugin/snapshots.ts'
import { askPlaces, questionsOf, type PlaceAnswer, type Question } from './ask-places.ts'
import type { TargetOptions } from './global-options.ts'
import type { Query } from './query.ts'

/** What one machine has of the snapshots of one service of one host. */
export interface Kept {
  readonly service: string
  readonly host: string
  /** Name of the machine that keeps them; `local` is this one. */
  readonly on: string
  readonly folder: string
  /** What it has, newest first, or why it could not be asked. */
  readonly answer:
    | {
        readonly snapshots: readonly SnapshotFacts[]
        readonly rehearsals: readonly RehearsalFacts[]
        /** Whether scheduled runs were missed since the newest good one; `undefined` when that is unknown. */
        readonly overdue: boolean | undefined
      }
    | { readonly error: SrvError }
}

/** A question about snapshots. */
interface KeptQuestion extends Question {
  readonly folder: string
  readonly part: Snapshots
}

/** What is asked about the snapshots of some placements' services. */
export function keptQuestions(query: Query<TargetOptions>): readonly KeptQuestion[] {
  return questionsOf(query, ({ snapshots }) => snapshots)
}

/** Reads an answer about snapshots. */
export function keptOf({ placement, part, on, folder }: KeptQuestion, answer: PlaceAnswer): Kept {
  const place = { service: placement.service.name, host: placement.host.name, on, folder }
  if ('error' in answer) return { ...place, answer }
  const { text } = answer
  const overdue = part.overdue?.(text)
  return { ...place, answer: { snapshots: part.read(text), rehearsals: part.rehearsals?.(text) ?? [], overdue } }
}

/** What all machines keep of some placements' services. */
export async function askKeepers(query: Query<TargetOptions>): Promise<readonly Kept[]> {
  const questions = keptQuestions(query)
  const answerOf = await askPlaces(query, questions)
  return questions.map((one) => keptOf(one, answerOf(one)))
}
