import { lines, raw, sh, type Script } from '../shell/script.ts'
import type { StreamName } from '../transport/transport.ts'

/*
 * Neighbouring steps on one target are sent as one script, since each command costs two round trips. Every piece runs
 * in a subshell of its own; marks on both streams say where it begins and ends. A mark is one line that starts with the
 * ASCII record separator and a random word, so that no output can be taken for one.
 */

/** What is told about the pieces as their marks arrive, by position. */
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

/** Takes the two streams of a fused script apart again. */
export class Separator {
  readonly #word: string
  readonly #listener: PieceListener
  readonly #rest: Record<StreamName, string> = { stdout: '', stderr: '' }
  readonly #current: Record<StreamName, number | undefined> = { stdout: undefined, stderr: undefined }
  readonly #ended = new Map<number, StreamName>()
  #started = -1

  constructor(word: string, listener: PieceListener) {
    this.#word = word
    this.#listener = listener
  }

  /** Takes text as it arrives; a mark that is cut in two waits for its other half. */
  feed(stream: StreamName, text: string): void {
    let rest = this.#rest[stream] + text
    for (;;) {
      const at = rest.indexOf('\u001e')
      if (at === -1) break
      if (at > 0) this.#emit(stream, rest.slice(0, at))
      rest = rest.slice(at)
      const lineEnd = rest.indexOf('\n')
      const prefix = `\u001e${this.#word}:`
      if (!prefix.startsWith(rest.slice(0, prefix.length))) {
        this.#emit(stream, rest.slice(0, 1))
        rest = rest.slice(1)
        continue
      }
      if (lineEnd === -1) {
        this.#rest[stream] = rest
        return
      }
      this.#mark(stream, rest.slice(prefix.length, lineEnd))
      rest = rest.slice(lineEnd + 1)
    }
    if (rest !== '') this.#emit(stream, rest)
    this.#rest[stream] = ''
  }

  #emit(stream: StreamName, text: string): void {
    const index = this.#current[stream]
    if (index === undefined) this.#listener.stray(stream, text)
    else this.#listener.text(index, stream, text)
  }

  #mark(stream: StreamName, mark: string): void {
    const [kind, index, code] = mark.split(':')
    const position = Number(index)
    if (kind === 's') {
      this.#current[stream] = position
      if (position > this.#started) {
        this.#started = position
        this.#listener.start(position)
      }
      return
    }
    this.#current[stream] = undefined
    // A piece has ended when both streams said so: only then is its last line of standard error there.
    if (this.#ended.has(position)) this.#listener.end(position, Number(code))
    else this.#ended.set(position, stream)
  }
}
