import { randomBytes } from 'node:crypto'

/** How many bytes are kept of what a login shell prints before the mark; the newest are kept. */
const keptNoiseBytes = 65_536

/** A word that nothing on a host prints by chance. */
export function freshMark(): string {
  return `srv_${randomBytes(12).toString('hex')}`
}

/** The beginning of a stream, up to the mark that srv's own first command prints on a line. */
export interface Greeting {
  /** Takes the stream's bytes as they come, and returns those that belong to the command. */
  push(bytes: Buffer): Buffer
  /** Whether the mark has come. If it never does, the command did not run. */
  isOver(): boolean
  /** What was printed before the mark. */
  noise(): string
}

/**
 * Keeps what a login shell prints by itself apart from the output of the command: a `.bashrc` that prints something, or
 * the words of a shell that runs nothing at all.
 */
export function greeting(mark: string): Greeting {
  const line = Buffer.from(`${mark}\n`)
  let held = Buffer.alloc(0)
  let over = false
  return {
    push(bytes) {
      if (over) return bytes
      held = Buffer.concat([held, bytes])
      const at = held.indexOf(line)
      if (at < 0) {
        if (held.length > keptNoiseBytes) held = Buffer.from(held.subarray(held.length - keptNoiseBytes))
        return Buffer.alloc(0)
      }
      over = true
      const rest = held.subarray(at + line.length)
      held = Buffer.from(held.subarray(0, at))
      return rest
    },
    isOver: () => over,
    noise: () => held.toString('utf8'),
  }
}
