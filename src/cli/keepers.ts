import type { SrvError } from '../error/srv-error.ts'
import type { RehearsalFacts, SnapshotFacts, Snapshots } from '../plugin/snapshots.ts'
import { questionsOf, type PlaceAnswer, type Question } from './ask-places.ts'
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
        /** Whether they are those of another machine with the name of the host; `undefined` when that is unknown. */
        readonly isOther: boolean | undefined
      }
    | { readonly error: SrvError }
}

/** A question about snapshots. */
interface KeptQuestion extends Question {
  readonly folder: string
  readonly part: Snapshots
  /** Asked on the host itself: whose data it has. */
  readonly identity: Question | undefined
}

/** What is asked about the snapshots of some placements' services. */
export function keptQuestions(query: Query<TargetOptions>): readonly KeptQuestion[] {
  return questionsOf(query, ({ snapshots }) => snapshots).map((one) => {
    const { placement, part } = one
    const probe = part.owner?.probe(placement)
    return { ...one, identity: probe && { placement, on: placement.host.name, probe } }
  })
}

/** The same with the questions to the hosts that belong to them. */
export function withIdentities(questions: readonly KeptQuestion[]): readonly Question[] {
  return questions.flatMap((one) => (one.identity === undefined ? [one] : [one, one.identity]))
}

/** Whether a place has the snapshots of another machine. A host that cannot be asked is no reason not to list them. */
function isOtherIn(
  { part, identity }: KeptQuestion,
  text: string,
  answerOf: (question: Question) => PlaceAnswer,
): boolean | undefined {
  if (identity === undefined) return undefined
  const answer = answerOf(identity)
  return 'error' in answer ? undefined : part.owner?.isOther(text, answer.text)
}

/** Reads the answers about snapshots. */
export function keptOf(question: KeptQuestion, answerOf: (question: Question) => PlaceAnswer): Kept {
  const { placement, part, on, folder } = question
  const place = { service: placement.service.name, host: placement.host.name, on, folder }
  const answer = answerOf(question)
  if ('error' in answer) return { ...place, answer }
  const { text } = answer
  const snapshots = part.read(text)
  return {
    ...place,
    answer: {
      snapshots,
      rehearsals: part.rehearsals?.(text) ?? [],
      overdue: part.overdue?.(text),
      // A place without snapshots is free to take.
      isOther: snapshots.length > 0 && isOtherIn(question, text, answerOf),
    },
  }
}
