import { randomBytes } from 'node:crypto'
import type { Answer } from '../plugin/contract.ts'
import type { Script } from '../shell/script.ts'
import type { End, StreamName, Transport } from '../transport/transport.ts'
import { fuse, Separator, type FusedPiece } from './fuse.ts'
import { LineCutter } from './lines.ts'

/** One step's share of a fused command, and who is told about it. */
export interface Piece extends FusedPiece {
  readonly onStart?: () => void
  readonly onLine?: (stream: StreamName, line: string) => void
  readonly onEnd?: (answer: Answer) => void
}

/** How a fused command went: `answers` has a hole for each piece that did not end. */
export interface PiecesResult {
  readonly answers: readonly (Answer | undefined)[]
  /** Position of the piece that had begun and not ended, when the command broke off. */
  readonly unfinished: number | undefined
  readonly end: End
  /** What the shell said outside of any piece. */
  readonly stray: string
}

/** How to run them. */
export interface PiecesOptions {
  readonly render: (script: Script) => Promise<string>
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

/** Characters kept of each stream of a piece. */
const keptCharacters = 1024 * 1024

interface Collected {
  readonly text: Record<StreamName, string>
  readonly cutters: Record<StreamName, LineCutter>
}

function collect(piece: Piece): Collected {
  const cutter = (stream: StreamName): LineCutter => new LineCutter((line) => piece.onLine?.(stream, line))
  return { text: { stdout: '', stderr: '' }, cutters: { stdout: cutter('stdout'), stderr: cutter('stderr') } }
}

/** Sends several pieces as one command, and tells each of them what happened as it happens. */
export async function runPieces(
  transport: Transport,
  pieces: readonly Piece[],
  options: PiecesOptions,
): Promise<PiecesResult> {
  const word = randomBytes(8).toString('hex')
  const collected = pieces.map((piece) => collect(piece))
  const answers: (Answer | undefined)[] = pieces.map(() => undefined)
  let unfinished: number | undefined
  let stray = ''
  const separator = new Separator(word, {
    start(index) {
      unfinished = index
      pieces[index]?.onStart?.()
    },
    text(index, stream, text) {
      const own = collected[index]
      if (own === undefined) return
      own.text[stream] = (own.text[stream] + text).slice(-keptCharacters)
      own.cutters[stream].feed(text)
    },
    end(index, code) {
      const own = collected[index]
      if (own === undefined) return
      own.cutters.stdout.flush()
      own.cutters.stderr.flush()
      unfinished = undefined
      answers[index] = { code, stdout: own.text.stdout, stderr: own.text.stderr }
      pieces[index]?.onEnd?.(answers[index])
    },
    stray(_stream, text) {
      stray = (stray + text).slice(-keptCharacters)
    },
  })
  const text = await options.render(fuse(pieces, word))
  const { end } = await transport.exec(text, {
    onOutput: (stream, chunk) => {
      separator.feed(stream, chunk)
    },
    maxOutputBytes: 0,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  })
  return { answers, unfinished, end, stray }
}
