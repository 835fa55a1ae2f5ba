import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Host } from '../config/resolved.ts'
import { srvError } from '../error/srv-error.ts'
import { lastPort } from './claim.ts'
import { sandboxUser } from './environment.ts'
import { greetingOf, whoListens } from './greeting.ts'
import { ensureKey } from './key.ts'
import { hostPaths, sandboxPaths, type HostPaths, type SandboxPaths } from './paths.ts'
import { endProcesses, listProcesses, type SandboxProcess } from './processes.ts'
import { startDaemon } from './start.ts'

/** How to reach a sandbox host: the parts of a host that the config does not say. */
export type SandboxAccess = Required<Pick<Host, 'address' | 'user' | 'port' | 'key' | 'hostKeys' | 'root' | 'loopback'>>

/** Milliseconds between TERM and KILL when a sandbox is stopped. */
const stopGraceMs = 5000

function makeFolders(sandbox: SandboxPaths, hosts: readonly HostPaths[]): void {
  mkdirSync(dirname(sandbox.clientKey), { recursive: true, mode: 0o700 })
  // The sandbox is nobody's source code, whatever the project's own ignore rules say.
  writeFileSync(join(sandbox.folder, '.gitignore'), '*\n')
  for (const host of hosts) {
    mkdirSync(host.home, { recursive: true, mode: 0o700 })
    mkdirSync(host.root, { recursive: true, mode: 0o755 })
    // Node and npm look for this file in every folder above an app: they must not find the project's.
    writeFileSync(join(host.folder, 'package.json'), '{}\n')
  }
}

async function servedPort(host: HostPaths, publicKey: string): Promise<number | undefined> {
  const port = lastPort(host)
  if (port === undefined) return undefined
  return (await whoListens(host.address, port, greetingOf(publicKey))) === 'ours' ? port : undefined
}

/**
 * Makes sure that the sandbox hosts of a project answer, and says how to reach each, by name. Hosts that do are left
 * alone; the others get one background process, which stays until `stopSandbox`. Several calls at once are safe.
 *
 * @throws SrvError SRV-241 when this machine lacks an address, SRV-242 when the hosts do not come up
 */
export async function ensureSandbox(
  projectRoot: string,
  hostNames: readonly string[],
): Promise<ReadonlyMap<string, SandboxAccess>> {
  const sandbox = sandboxPaths(projectRoot)
  const hosts = [...new Set(hostNames)].map((name) => hostPaths(sandbox, name))
  if (hosts.length === 0) return new Map()
  makeFolders(sandbox, hosts)
  ensureKey(sandbox.clientKey)
  const known = hosts.map((host) => ({ host, publicKey: ensureKey(host.hostKey).publicKey }))
  const before = await Promise.all(known.map(({ host, publicKey }) => servedPort(host, publicKey)))
  const missing = hosts.filter((_, index) => before[index] === undefined)
  if (missing.length > 0) await startDaemon(sandbox, projectRoot, missing)
  return new Map(
    known.map(({ host, publicKey }, index) => {
      const port = before[index] ?? lastPort(host)
      if (port === undefined) {
        throw srvError(
          'SRV-242',
          { reason: `${host.name} has no port`, log: sandbox.log },
          { where: { host: host.name } },
        )
      }
      const { address, root } = host
      const access = { address, user: sandboxUser, port, key: sandbox.clientKey, hostKeys: [publicKey] }
      return [host.name, { ...access, root, loopback: address }]
    }),
  )
}

/** One sandbox host as it is now. */
export interface SandboxHostStatus extends SandboxAccess {
  readonly name: string
  readonly answers: boolean
  readonly processes: readonly SandboxProcess[]
}

/** What there is of a project's sandbox: every host that was ever started and not deleted. It starts nothing. */
export async function sandboxStatus(projectRoot: string): Promise<readonly SandboxHostStatus[]> {
  const sandbox = sandboxPaths(projectRoot)
  if (!existsSync(sandbox.folder)) return []
  const processes = listProcesses(sandbox.id)
  const hosts = readdirSync(sandbox.folder)
    .sort()
    .map((name) => hostPaths(sandbox, name))
    .filter((host) => existsSync(host.hostKey))
  return Promise.all(
    hosts.map(async (host) => {
      const { name, address, root } = host
      const { publicKey } = ensureKey(host.hostKey)
      const port = await servedPort(host, publicKey)
      return {
        name,
        address,
        user: sandboxUser,
        port: port ?? lastPort(host) ?? 0,
        key: sandbox.clientKey,
        hostKeys: [publicKey],
        root,
        loopback: address,
        answers: port !== undefined,
        processes: processes.filter((one) => one.host === name),
      }
    }),
  )
}

/** Ends the sandbox hosts of a project and every process that was started on them; their folders stay. Returns what it ended. */
export function stopSandbox(projectRoot: string): Promise<readonly SandboxProcess[]> {
  return endProcesses(sandboxPaths(projectRoot).id, stopGraceMs)
}
