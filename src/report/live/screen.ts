import { displayWidth } from '../width.ts'

/** What the live view needs of a terminal. */
export interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  write: NodeJS.WriteStream['write']
}

/** A part of the terminal that is drawn over again and again. */
export interface Screen {
  columns(): number
  rows(): number
  /** Draws lines over the previous ones; none of them may be wider than the terminal. */
  draw(lines: readonly string[]): void
  /** Writes text above what is drawn, where it stays. */
  print(text: string): void
  /** Draws lines one last time and leaves the cursor below them, as it was before; safe to call twice. */
  close(lines: readonly string[]): void
}

const escape = '\u001b['
const code = {
  hideCursor: `${escape}?25l`,
  showCursor: `${escape}?25h`,
  // Terminals that know mode 2026 show a frame only when it is whole; the others ignore it.
  beginFrame: `${escape}?2026h`,
  endFrame: `${escape}?2026l`,
  eraseLineEnd: `${escape}K`,
  eraseBelow: `${escape}J`,
  up: (lines: number): string => (lines > 0 ? `${escape}${lines}A` : ''),
}

/** Width without the colours, which are the only codes in a painted line. */
function plainWidth(line: string): number {
  return displayWidth(line.replace(/\u001b\[[0-9;]*m/g, ''))
}

type Write = NodeJS.WriteStream['write']
type Callback = (error?: Error | null) => void

/**
 * Takes over a terminal. Whatever others write to `shared` streams meanwhile (a `console.log` in a hook, a warning of
 * Node) goes above the frame, and not through it. The cursor is restored even when the process ends in between.
 */
export function openScreen(terminal: Terminal, shared: readonly Terminal[]): Screen {
  const write: Write = terminal.write.bind(terminal)
  let drawn: readonly string[] = []
  let previous = ''
  let open = true
  /** Whether the last foreign text left its line unfinished: the frame then begins on a new one. */
  let midLine = false

  const columns = (): number => terminal.columns ?? 80
  /** Rows that the frame takes now: a terminal that was made narrower has wrapped its lines. */
  const height = (): number =>
    drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(plainWidth(line) / Math.max(1, columns()))), 0)
  const erase = (): string => `\r${code.up(height())}${code.eraseBelow}`

  const put = (lines: readonly string[]): void => {
    const text = lines.map((line) => `${line}${code.eraseLineEnd}\n`).join('')
    if (text === previous && !midLine) return
    const start = midLine ? '\n' : `\r${code.up(height())}`
    write(`${code.beginFrame}${start}${text}${code.eraseBelow}${code.endFrame}`)
    midLine = false
    drawn = lines
    previous = text
  }

  const restore = shared.map((stream) => {
    const original = stream.write
    const bound: Write = original.bind(stream)
    stream.write = (chunk: Uint8Array | string, encoding?: BufferEncoding | Callback, done?: Callback): boolean => {
      if (drawn.length > 0) write(erase())
      drawn = []
      previous = ''
      midLine = !(typeof chunk === 'string' ? chunk.endsWith('\n') : chunk.at(-1) === 10)
      return typeof encoding === 'function' ? bound(chunk, encoding) : bound(chunk, encoding, done)
    }
    return () => {
      stream.write = original
    }
  })

  const showCursor = (): void => {
    write(code.showCursor)
  }
  write(code.hideCursor)
  process.once('exit', showCursor)

  return {
    columns,
    rows: () => terminal.rows ?? 24,
    draw: (lines) => {
      if (open) put(lines)
    },
    print(text) {
      const lines = drawn
      if (lines.length > 0) write(erase())
      drawn = []
      previous = ''
      write(`${midLine ? '\n' : ''}${text}\n`)
      midLine = false
      if (open) put(lines)
    },
    close(lines) {
      if (!open) return
      put(lines)
      open = false
      for (const one of restore) one()
      process.off('exit', showCursor)
      showCursor()
    },
  }
}
