import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:net'
import { claim } from './claim.ts'
import { greetingOf } from './greeting.ts'
import { ensureKey } from './key.ts'
import { hostPaths, sandboxPaths, type HostPaths } from './paths.ts'
import { killProcesses, listProcesses, signalAll } from './processes.ts'
import { createHostServer } from './server.ts'

/*
 * The background process that serves sandbox hosts: `daemon <project root> <host>…`. It tells its parent `ready` once
 * every host answers, here or in a process that was there before, and goes on until `srv sandbox stop`.
 */

/** How often it looks whether its hosts are still wanted, in milliseconds. */
const lookIntervalMs = 2000

const [projectRoot = '', ...names] = process.argv.slice(2)
const sandbox = sandboxPaths(projectRoot)
const authorizedKey = ensureKey(sandbox.clientKey).publicKey

function log(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`)
}

/** A host that has just been made has no processes: those of an earlier one, whose folder was deleted, end here. */
async function boot(host: HostPaths): Promise<void> {
  if (existsSync(host.booted)) return
  await killProcesses(sandbox.id, host.name)
  writeFileSync(host.booted, '')
}

async function serve(
  name: string,
): Promise<{ readonly host: HostPaths; readonly key: string; readonly server: Server }> {
  const host = hostPaths(sandbox, name)
  const hostKey = ensureKey(host.hostKey)
  const server = createHostServer({ sandbox, host, hostKey, authorizedKey, log })
  if (await claim(server, host, greetingOf(hostKey.publicKey))) {
    await boot(host)
    log(`${name}: serving on ${host.address}`)
  }
  server.on('error', (error) => {
    log(`${name}: ${error.message}`)
  })
  return { host, key: hostKey.privateKey, server }
}

function keyIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

const served = (await Promise.all(names.map(serve))).filter(({ server }) => server.listening)
/** Stops serving hosts whose folder was deleted, and ends what runs there. */
const look = setInterval(() => {
  for (const { host, key, server } of served) {
    const kept = keyIn(host.hostKey)
    if (kept === key || !server.listening) continue
    log(`${host.name}: its folder was deleted`)
    server.close()
    if (kept === undefined) signalAll(listProcesses(sandbox.id, host.name), 'SIGKILL')
  }
}, lookIntervalMs)
// With no server left and no client connected, nothing keeps this process alive.
look.unref()

process.send?.('ready', () => {
  // The parent may have been killed meanwhile.
  if (process.connected) process.disconnect()
})
