import { createPool, type Pool, type PoolOptions } from '../transport/pool.ts'
import { ask } from './ask.ts'
import type { Io } from './io.ts'

/** The connections of one command line: a passphrase is asked for on the terminal, and nowhere else. */
export function openPool(
  io: Io,
  options: Pick<PoolOptions, 'leaseToken' | 'warn'> & { readonly environment: string },
): Pool {
  return createPool({
    ...options,
    ...(io.stdin.isTTY ? { askPassphrase: (path: string) => askPassphrase(io, path) } : {}),
  })
}

function askPassphrase(io: Io, path: string): Promise<string> {
  const waiting = { until: `the passphrase of ${path} was known`, left: 'Nobody was logged in with it.' }
  return ask(io, `Passphrase for ${path}: `, { isShown: false, waiting })
}
