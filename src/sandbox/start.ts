import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { srvError } from '../error/srv-error.ts'
import { searchPath } from './environment.ts'
import type { HostPaths, SandboxPaths } from './paths.ts'
import { markVariable } from './processes.ts'

/** Milliseconds to wait for a background process that reports nothing; it needs a quarter of a second. */
const startTimeoutMs = 30_000

/** Linux owns all of 127.0.0.0/8; macOS has only the loopback addresses that were added by hand. */
function hasAddress(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => {
      resolve(false)
    })
    probe.listen({ host: address, port: 0 }, () => {
      probe.close(() => {
        resolve(true)
      })
    })
  })
}

/** How to run the background process: built it is plain JavaScript, in a checkout of srv it needs tsx. */
function entryArguments(): readonly string[] {
  const extension = extname(fileURLToPath(import.meta.url))
  const entry = fileURLToPath(new URL(`daemon${extension}`, import.meta.url))
  return extension === '.ts' ? ['--import', 'tsx', entry] : [entry]
}

function lastLines(file: string): readonly string[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-10)
}

/**
 * Starts the background process for hosts that nobody serves, and waits until they answer.
 *
 * @throws SrvError SRV-241 when this machine lacks an address, SRV-242 when the process does not come up
 */
export async function startDaemon(
  sandbox: SandboxPaths,
  projectRoot: string,
  hosts: readonly HostPaths[],
): Promise<void> {
  const there = await Promise.all(hosts.map(({ address }) => hasAddress(address)))
  const addresses = hosts.filter((_, index) => there[index] === false).map(({ address }) => address)
  if (addresses.length > 0) throw srvError('SRV-241', { addresses })

  const log = openSync(sandbox.log, 'a', 0o600)
  const daemon = spawn(process.execPath, [...entryArguments(), projectRoot, ...hosts.map(({ name }) => name)], {
    // tsx is looked up from here; the built process needs no folder, and must not keep the caller's busy.
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { PATH: searchPath(process.env['PATH'] ?? '', process.execPath), [markVariable]: `${sandbox.id}/` },
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  const failure = await new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(() => {
      daemon.kill('SIGKILL')
      resolve(`it was not ready after ${String(startTimeoutMs / 1000)} s`)
    }, startTimeoutMs)
    const settle = (reason?: string): void => {
      clearTimeout(timer)
      resolve(reason)
    }
    daemon.once('message', () => {
      settle()
    })
    daemon.once('error', (error) => {
      settle(error.message)
    })
    daemon.once('exit', (code, signal) => {
      settle(signal === null ? `it ended with exit code ${String(code)}` : `it was ended by ${signal}`)
    })
  })
  if (failure !== undefined) {
    throw srvError('SRV-242', { reason: failure, log: sandbox.log }, { output: lastLines(sandbox.log) })
  }
  daemon.unref()
}
