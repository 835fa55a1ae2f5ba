import type { Placement } from '../config/resolved.ts'
import { isSrvError, srvError, type SrvError } from '../error/srv-error.ts'
import type { InertParts } from '../plugin/contract.ts'
import { uninterrupted } from '../run/interrupted.ts'
import { runPieces, type Piece } from '../run/steps/pieces.ts'
import type { Script } from '../shell/script.ts'
import { transportTo } from './companion.ts'
import type { TargetOptions } from './global-options.ts'
import type { Query } from './query.ts'

/** What a machine is asked on behalf of a placement. */
export interface Question {
  readonly placement: Placement
  /** Name of the machine; `local` is this one. */
  readonly on: string
  readonly probe: Script
}

/** The part of a plugin that knows where something of a placement's service is. */
interface PlacesPart<Place> {
  readonly places: (placement: Placement, projectRoot: string) => readonly Place[]
}

/** What one kind of part of the config's plugins asks about some placements. */
export function questionsOf<Place extends Omit<Question, 'placement'>, Part>(
  { placements, project }: Query<TargetOptions>,
  partOf: (parts: InertParts) => (Part & PlacesPart<Place>) | undefined,
): readonly (Place & { readonly placement: Placement; readonly part: Part })[] {
  return placements.flatMap((placement) =>
    project.config.plugins.flatMap(({ parts }) => {
      const part = partOf(parts)
      const places = part?.places(placement, project.config.projectRoot) ?? []
      return part === undefined ? [] : places.map((place) => ({ ...place, placement, part }))
    }),
  )
}

/** What it said, or why it could not be asked. */
export type PlaceAnswer = { readonly text: string } | { readonly error: SrvError }

/** What was said so far to one question. */
interface Said {
  readonly question: Question
  readonly lines: string[]
  errors: string
  code: number | undefined
}

function pieceOf(said: Said): Piece {
  return {
    script: said.question.probe,
    mayFail: true,
    // Answers are kept only up to a limit, and a list may be longer than that.
    onLine(stream, line) {
      if (stream === 'stdout') said.lines.push(line)
      else said.errors += `${line}\n`
    },
    onEnd({ code }) {
      said.code = code
    },
  }
}

/** Asks one machine everything at once. */
async function askOne(query: Query<TargetOptions>, on: string, all: readonly Said[]): Promise<SrvError | undefined> {
  const [first] = all
  if (first === undefined) return undefined
  try {
    const transport = await transportTo(query, first.question.placement, on)
    await runPieces(
      transport,
      all.map((one) => pieceOf(one)),
      { render: query.secrets.render, signal: query.signal },
    )
    return undefined
  } catch (thrown) {
    if (!isSrvError(thrown)) throw thrown
    return thrown
  }
}

function answerOf({ question: { on }, lines, errors, code }: Said): PlaceAnswer {
  if (code === 0) return { text: lines.join('\n') }
  const problem = errors.trim() || 'the command was cut off'
  return { error: srvError('SRV-302', { host: on, problem }, { where: { host: on } }) }
}

/**
 * Asks all machines at the same time, one command a machine: none silences the others. It gives the answer to each question.
 *
 * @throws SrvError SRV-516 when it is interrupted
 */
export async function askPlaces(
  query: Query<TargetOptions>,
  questions: readonly Question[],
): Promise<(question: Question) => PlaceAnswer> {
  const answers = new Map<Question, PlaceAnswer>()
  const asking = [...new Set(questions.map(({ on }) => on))].map(async (on) => {
    const asked = questions
      .filter((one) => one.on === on)
      .map((question): Said => ({ question, lines: [], errors: '', code: undefined }))
    const unreachable = await askOne(query, on, asked)
    for (const one of asked) {
      answers.set(one.question, unreachable === undefined ? answerOf(one) : { error: unreachable })
    }
  })
  await uninterrupted(Promise.all(asking), query.signal)
  return (question) => {
    const answer = answers.get(question)
    if (answer === undefined) throw srvError('SRV-900', { problem: `${question.on} was not asked` })
    return answer
  }
}
