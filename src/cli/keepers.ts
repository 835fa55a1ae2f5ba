import type { Placement } from '../config/resolved.ts'
import { isSrvError, srvError, type SrvError } from '../error/srv-error.ts'
import type { RehearsalFacts, SnapshotFacts, Snapshots } from '../plugin/snapshots.ts'
import { runPieces, type Piece } from '../run/pieces.ts'
import { transportTo } from './companion.ts'
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
    | { readonly snapshots: readonly SnapshotFacts[]; readonly rehearsals: readonly RehearsalFacts[] }
    | { readonly error: SrvError }
}

type Place = ReturnType<Snapshots['places']>[number]

/** A question to a keeper: `said` fills while it answers. */
interface Question extends Place {
  readonly placement: Placement
  readonly part: Snapshots
  readonly said: { readonly lines: string[]; errors: string; code: number | undefined }
}

function questionsOf({ placements, project }: Query<TargetOptions>): readonly Question[] {
  return placements.flatMap((placement) =>
    project.config.plugins.flatMap(({ parts: { snapshots: part } }) =>
      part === undefined
        ? []
        : part
            .places(placement, project.config.projectRoot)
            .map((place) => ({ ...place, placement, part, said: { lines: [], errors: '', code: undefined } })),
    ),
  )
}

function pieceOf({ probe, said }: Question): Piece {
  return {
    script: probe,
    mayFail: true,
    // A long list is more than what is kept of an answer.
    onLine(stream, line) {
      if (stream === 'stdout') said.lines.push(line)
      else said.errors += `${line}\n`
    },
    onEnd({ code }) {
      said.code = code
    },
  }
}

/** Asks one machine everything at once. @throws SrvError when it cannot be reached */
async function askOne(query: Query<TargetOptions>, questions: readonly Question[]): Promise<void> {
  const [first] = questions
  if (first === undefined) return
  const transport = await transportTo(query, first.placement, first.on)
  await runPieces(
    transport,
    questions.map((one) => pieceOf(one)),
    { render: query.secrets.render },
  )
}

function keptOf({ placement, part, on, folder, said }: Question, unreachable: SrvError | undefined): Kept {
  const place = { service: placement.service.name, host: placement.host.name, on, folder }
  if (unreachable !== undefined) return { ...place, answer: { error: unreachable } }
  if (said.code !== 0) {
    const problem = said.errors.trim() || 'the command broke off'
    return { ...place, answer: { error: srvError('SRV-302', { host: on, problem }, { where: { host: on } }) } }
  }
  const text = said.lines.join('\n')
  return { ...place, answer: { snapshots: part.read(text), rehearsals: part.rehearsals?.(text) ?? [] } }
}

/** What all machines keep of some placements' services: one command a machine, all at the same time, and none silences the others. */
export async function askKeepers(query: Query<TargetOptions>): Promise<readonly Kept[]> {
  const questions = questionsOf(query)
  const errors = new Map<string, SrvError>()
  await Promise.all(
    [...new Set(questions.map(({ on }) => on))].map(async (on) => {
      try {
        await askOne(
          query,
          questions.filter((one) => one.on === on),
        )
      } catch (thrown) {
        if (!isSrvError(thrown)) throw thrown
        errors.set(on, thrown)
      }
    }),
  )
  return questions.map((one) => keptOf(one, errors.get(one.on)))
}
