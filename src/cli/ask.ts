import { srvError } from '../error/srv-error.ts'
import type { Waiting } from '../run/interrupted.ts'
import type { Io } from './io.ts'

/** How a question is asked. */
export interface AskOptions {
  /** Whether the answer is seen while it is typed. */
  readonly isShown: boolean
  /** What comes to nothing without an answer. */
  readonly waiting: Waiting
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'AbortError'
}

/**
 * Asks one question on the terminal. Ctrl-D is no answer, and ends srv as Ctrl-C does.
 *
 * @throws SrvError SRV-516 when it is interrupted
 */
export async function ask(io: Io, question: string, { isShown, waiting }: AskOptions): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const { Writable } = await import('node:stream')
  const silent = new Writable({
    write(_chunk, _encoding, done) {
      done()
    },
  })
  const shown = isShown ? { output: io.stderr } : { output: silent, terminal: true }
  const reader = createInterface({ input: io.stdin, ...shown })
  // The terminal is in raw mode while it asks: Ctrl-C is a character then, not a signal.
  reader.on('SIGINT', () => {
    io.interrupt()
  })
  const closed = new Promise<undefined>((resolve) => {
    reader.once('close', () => {
      resolve(undefined)
    })
  })
  // Only now: what is typed right after the question appears must not be echoed.
  if (!isShown) io.stderr.write(question)
  let answer: string | undefined
  try {
    answer = await Promise.race([reader.question(isShown ? question : '', { signal: io.signal }), closed])
  } catch (thrown) {
    if (!isAbort(thrown)) throw thrown
  } finally {
    reader.close()
    if (!isShown || answer === undefined) io.stderr.write('\n')
  }
  if (answer !== undefined) return answer
  if (!io.signal.aborted) io.interrupt()
  throw srvError('SRV-516', waiting)
}
