import { randomBytes } from 'node:crypto'
import type { Answer } from '../../plugin/contract.ts'
import { LineSplitter } from '../../shell/sanitize.ts'
import type { Script } from '../../shell/script.ts'
import type { End, StreamName, Transport } from '../../transport/transport.ts'
import { fuse, Separator, type FusedPiece } from './fuse.ts'

/** One step's part of a fused command, with its callbacks. */
export interface Piece extends FusedPiece {
  readonly onStart?: () => void
  readonly onLine?: (stream: StreamName, line: string) => void
  readonly onEnd?: (answer: Answer) => void
}

/** What a piece said so far. */
export type Heard = Pick<Answer, StreamName>

/** How a fused command ended: `answers` has a hole for each piece that did not end. */
export interface PiecesResult {
  readonly answers: readonly (Answer | undefined)[]
  /** The piece that had begun but not ended when the command was cut off: its position and its output so far. */
  readonly unfinished: (Heard & { readonly index: number }) | undefined
  readonly end: End
  /** What the shell said outside of any piece. */
  readonly stray: string
}

/** How to run them. */
export interface PiecesOptions {
  readonly render: (script: Script) => Promise<string>
  readonly signal?: AbortSignal
  /** Whether another command is about to follow on the same machine. */
  readonly more?: boolean
}

/** Characters kept of each stream of a piece. */
const keptCharacters = 1024 * 1024

/** The newest text of a stream; trimmed only now and then, since each time copies all of it. */
function keep(known: string, more: string): string {
  const all = known + more
  return all.length > 2 * keptCharacters ? all.slice(-keptCharacters) : all
}

interface Collected {
  readonly text: Record<StreamName, string>
  readonly splitters: Record<StreamName, LineSplitter>
}

function collect(piece: Piece): Collected {
  const splitter = (stream: StreamName): LineSplitter => new LineSplitter((line) => piece.onLine?.(stream, line))
  return { text: { stdout: '', stderr: '' }, splitters: { stdout: splitter('stdout'), stderr: splitter('stderr') } }
}

/** The output of a piece; last lines without a line end are passed on too. */
function heardOf({ text, splitters }: Collected): Heard {
  splitters.stdout.flush()
  splitters.stderr.flush()
  return { stdout: text.stdout.slice(-keptCharacters), stderr: text.stderr.slice(-keptCharacters) }
}

/** Calls the callbacks of a piece. What they throw must not reach the stream that the text came from: it is kept for later. */
class Guard {
  #failure: { readonly thrown: unknown } | undefined

  call(tell: () => void): void {
    try {
      tell()
    } catch (thrown) {
      this.#failure ??= { thrown }
    }
  }

  rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure.thrown
  }
}

/**
 * Sends several pieces as one command, and tells each of them what happened as it happens. Whatever one of them throws
 * is thrown once the command has ended.
 */
export async function runPieces(
  transport: Transport,
  pieces: readonly Piece[],
  options: PiecesOptions,
): Promise<PiecesResult> {
  if (pieces.length === 0) return { answers: [], unfinished: undefined, end: { kind: 'exit', code: 0 }, stray: '' }
  const word = randomBytes(8).toString('hex')
  const collected = pieces.map((piece) => collect(piece))
  const answers: (Answer | undefined)[] = pieces.map(() => undefined)
  const guard = new Guard()
  let open: number | undefined
  let stray = ''
  const separator = new Separator(word, {
    start(index) {
      open = index
      guard.call(() => pieces[index]?.onStart?.())
    },
    text(index, stream, text) {
      const own = collected[index]
      if (own === undefined) return
      own.text[stream] = keep(own.text[stream], text)
      guard.call(() => {
        own.splitters[stream].feed(text)
      })
    },
    end(index, code) {
      const own = collected[index]
      if (own === undefined) return
      open = undefined
      guard.call(() => {
        const answer = { code, ...heardOf(own) }
        answers[index] = answer
        pieces[index]?.onEnd?.(answer)
      })
    },
    stray(_stream, text) {
      stray = keep(stray, text)
    },
  })
  const text = await options.render(fuse(pieces, word))
  const { end } = await transport.exec(text, {
    onOutput: (stream, chunk) => {
      separator.feed(stream, chunk)
    },
    maxOutputBytes: 0,
    more: options.more === true,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  separator.finish()
  guard.rethrow()
  const own = open === undefined ? undefined : collected[open]
  return { answers, unfinished: own && open !== undefined ? { index: open, ...heardOf(own) } : undefined, end, stray }
}
