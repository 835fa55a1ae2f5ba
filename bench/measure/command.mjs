import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The environment of every program that is measured: nothing of whoever runs the benchmark. */
export function cleanEnvironment(home, more = {}) {
  const { PATH } = process.env
  return { PATH, HOME: home, USER: 'bench', LANG: 'C.UTF-8', ...more }
}

/**
 * Runs a program to its end and returns how long that took, in milliseconds. Its output goes to a file: a pipe would
 * measure this process as well, and would wait for a connection that ssh left in the background.
 *
 * @throws Error with all that it printed, when it does not exit 0
 */
export async function timed([program, ...args], options = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'srv-bench-output-'))
  const path = join(folder, 'output')
  const output = openSync(path, 'w')
  try {
    const startedAt = process.hrtime.bigint()
    const child = spawn(program, args, { ...options, stdio: ['ignore', output, output] })
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (status, signal) => resolve(status ?? signal))
    })
    const ms = Number(process.hrtime.bigint() - startedAt) / 1e6
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${readFileSync(path, 'utf8')}`)
    return { ms, output: readFileSync(path, 'utf8') }
  } finally {
    closeSync(output)
    rmSync(folder, { recursive: true, force: true })
  }
}
