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
  io.stderr.write(question)
  const reader = createInterface({ input: io.stdin, output: silent, terminal: true })
  try {
    return await reader.question('')
  } finally {
    reader.close()
    io.stderr.write('\n')
  }
}
