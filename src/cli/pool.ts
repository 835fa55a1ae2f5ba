import { createPool } from '../transport/pool.ts'
import type { Pool } from '../run/session.ts'
import type { Io } from './io.ts'

/** The connections of one command line: a passphrase is asked for on the terminal, and nowhere else. */
export function openPool(io: Io, environment: string, warn: (message: string, host?: string) => void): Pool {
  return createPool({
    environment,
    warn,
    ...(io.stdin.isTTY ? { askPassphrase: (path: string) => askSecretly(io, `Passphrase for ${path}: `) } : {}),
  })
}

/** Asks one question on the terminal without showing the answer. */
async function askSecretly(io: Io, question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const { Writable } = await import('node:stream')
  const silent = new Writable({
    write(_chunk, _encoding, done) {
      done()
    },
  })
  const reader = createInterface({ input: io.stdin, output: silent, terminal: true })
  // The terminal is in raw mode while it asks: Ctrl-C is a character then, not a signal.
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  // Only now: what is typed right after the question appears must not be echoed.
  io.stderr.write(question)
  try {
    return await reader.question('', { signal: io.signal })
  } finally {
    reader.close()
    io.stderr.write('\n')
  }
}
