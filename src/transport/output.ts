import { StringDecoder } from 'node:string_decoder'

/** Bytes kept of each stream when the caller does not say. */
export const defaultMaxOutputBytes = 1024 * 1024

/** Takes a stream's bytes as they come and keeps the newest of them. */
export interface Output {
  /** Returns the whole characters that the bytes complete. */
  push(bytes: Buffer): string
  /** Returns what is left of an unfinished character. */
  end(): string
  /** The newest bytes as text; it never begins inside a character. */
  text(): string
}

/** Skips the rest of a character whose beginning was dropped: at most three UTF-8 continuation bytes. */
function atCharacter(bytes: Buffer): Buffer {
  let start = 0
  while (start < 3 && start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++
  return bytes.subarray(start)
}

/** A bounded store of one output stream: a flood of output costs at most `maxBytes` and one chunk of memory. */
export function collectOutput(maxBytes: number): Output {
  const decoder = new StringDecoder('utf8')
  let chunks: Buffer[] = []
  let heldBytes = 0
  let dropped = false
  const compact = (): Buffer => {
    const whole = Buffer.concat(chunks)
    const kept = whole.length > maxBytes ? whole.subarray(whole.length - maxBytes) : whole
    dropped ||= whole.length > maxBytes
    // A copy: a subarray would keep the whole chunk alive.
    chunks = [Buffer.from(kept)]
    heldBytes = kept.length
    return kept
  }
  return {
    push(bytes) {
      chunks.push(bytes)
      heldBytes += bytes.length
      if (heldBytes > 2 * maxBytes + 65_536) compact()
      return decoder.write(bytes)
    },
    end: () => decoder.end(),
    text() {
      const kept = compact()
      return (dropped ? atCharacter(kept) : kept).toString('utf8')
    },
  }
}
