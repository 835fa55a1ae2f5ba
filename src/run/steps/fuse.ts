import { lines, raw, sh, type Script } from '../../shell/script.ts'
import type { StreamName } from '../../transport/transport.ts'

/*
 * Neighbouring steps on one target are sent as one script, since each command costs two round trips. Every piece runs
 * in a subshell of its own; marks on both streams say where it begins and ends. A mark is one line that starts with the
 * ASCII record separator and a random word, so that no output can be taken for one.
 */

/** Callbacks about the pieces as their marks arrive, by position. */
export interface PieceListener {
  start(index: number): void
  text(index: number, stream: StreamName, text: string): void
  end(index: number, code: number): void
  /** Output outside of any piece: the shell's own complaint, when the script could not even be read. */
  stray(stream: StreamName, text: string): void
}

/** A piece as the shell needs it. */
export interface FusedPiece {
  readonly script: Script
  /** Go on after it whatever its exit code: for probes, whose exit code is an answer. */
  readonly mayFail?: boolean
}

/** One script from several. It stops after the first piece that fails, unless that piece may. */
export function fuse(pieces: readonly FusedPiece[], word: string): Script {
  const mark = raw(`srv_mark() { printf '\\036${word}:%s\\n' "$1"; printf '\\036${word}:%s\\n' "$1" >&2; }`)
  const stop = raw('[ "$srv_code" = 0 ] || exit 0')
  const fused = pieces.flatMap((piece, index) => [
    sh`srv_mark ${`s:${index}`}`,
    raw('( set -eu'),
    piece.script,
    raw(')'),
    raw(`srv_code=$?; srv_mark "e:${index}:$srv_code"`),
    ...(piece.mayFail === true ? [] : [stop]),
  ])
  return lines(mark, ...fused)
}

/**
 * Takes the two streams of a fused script apart again. The streams overtake each other: what one of them says about a
 * later piece waits until the piece before it has ended on both, so that pieces are reported strictly one after another.
 */
export class Separator {
  readonly #prefix: string
  readonly #listener: PieceListener
  readonly #rest: Record<StreamName, string> = { stdout: '', stderr: '' }
  readonly #current: Record<StreamName, number | undefined> = { stdout: undefined, stderr: undefined }
  /** The exit code of each piece that has ended on one stream at least. */
  readonly #codes = new Map<number, number>()
  readonly #started = new Set<number>()
  readonly #waiting = new Map<number, (() => void)[]>()
  /** The piece that is being reported. */
  #now = 0

  constructor(word: string, listener: PieceListener) {
    this.#prefix = `\u001e${word}:`
    this.#listener = listener
  }

  /** Takes text as it arrives; a mark that is cut in two waits for its other half. */
  feed(stream: StreamName, text: string): void {
    let rest = this.#rest[stream] + text
    for (let at = rest.indexOf('\u001e'); at !== -1; at = rest.indexOf('\u001e')) {
      this.#emit(stream, rest.slice(0, at))
      rest = rest.slice(at)
      if (!this.#prefix.startsWith(rest.slice(0, this.#prefix.length))) {
        this.#emit(stream, rest.slice(0, 1))
        rest = rest.slice(1)
        continue
      }
      const lineEnd = rest.indexOf('\n')
      if (lineEnd === -1) {
        this.#rest[stream] = rest
        return
      }
      this.#mark(stream, rest.slice(this.#prefix.length, lineEnd))
      rest = rest.slice(lineEnd + 1)
    }
    this.#emit(stream, rest)
    this.#rest[stream] = ''
  }

  /** No more text will come. Where a stream broke off, one end mark is enough to know how a piece ended. */
  finish(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const rest = this.#rest[stream]
      this.#rest[stream] = ''
      if (!rest.startsWith(this.#prefix)) this.#emit(stream, rest)
    }
    for (let code = this.#codes.get(this.#now); code !== undefined; code = this.#codes.get(this.#now)) this.#end(code)
  }

  #tell(index: number, action: () => void): void {
    if (index <= this.#now) {
      action()
      return
    }
    const waiting = this.#waiting.get(index) ?? []
    waiting.push(action)
    this.#waiting.set(index, waiting)
  }

  #emit(stream: StreamName, text: string): void {
    if (text === '') return
    const index = this.#current[stream]
    if (index === undefined) this.#listener.stray(stream, text)
    else
      this.#tell(index, () => {
        this.#listener.text(index, stream, text)
      })
  }

  #mark(stream: StreamName, mark: string): void {
    const [kind, index, code] = mark.split(':')
    const position = Number(index)
    if (kind === 's') {
      this.#current[stream] = position
      if (this.#started.has(position)) return
      this.#started.add(position)
      this.#tell(position, () => {
        this.#listener.start(position)
      })
      return
    }
    this.#current[stream] = undefined
    // A piece has ended when both streams said so: only then is its last line of standard error there.
    if (!this.#codes.has(position)) this.#codes.set(position, Number(code))
    else
      this.#tell(position, () => {
        this.#end(Number(code))
      })
  }

  /** Ends the piece that is being reported, and reports what came of the next one meanwhile. */
  #end(code: number): void {
    const ended = this.#now
    this.#now++
    this.#listener.end(ended, code)
    const waiting = this.#waiting.get(this.#now) ?? []
    this.#waiting.delete(this.#now)
    for (const action of waiting) action()
  }
}
