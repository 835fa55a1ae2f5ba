import type { Writable } from 'node:stream'

/** Writes lines to a stream, in order, and waits for none of them. */
export interface Output {
  line(text: string): void
  /** Resolves when everything was handed to the system, or when the reader is gone. */
  flush(): Promise<void>
}

/** Lines on a stream. When its reader goes away (`srv … | head`), the rest is dropped: that is no reason to stop a deploy. */
export function createOutput(stream: Writable): Output {
  let broken = false
  stream.on('error', () => {
    broken = true
  })
  return {
    line(text) {
      if (!broken) stream.write(`${text}\n`)
    },
    flush: () =>
      new Promise((resolve) => {
        if (broken || stream.destroyed || stream.writableEnded) resolve()
        else stream.write('', () => resolve())
      }),
  }
}
