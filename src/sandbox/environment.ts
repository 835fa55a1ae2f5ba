import { delimiter, dirname } from 'node:path'
import type { HostPaths, SandboxPaths } from './paths.ts'
import { markVariable } from './processes.ts'

/** The two ends of a client's connection. */
export interface Peer {
  readonly address: string
  readonly port: number
  readonly ownPort: number
}

/** The one user that a sandbox host has. */
export const sandboxUser = 'sandbox'

/** The search path of a sandbox host: this machine's, without what npm adds for the project, and with this Node. */
export function searchPath(inherited: string, node: string): string {
  const folders = inherited
    .split(delimiter)
    .filter((folder) => folder !== '' && !/[/\\](node_modules[/\\]\.bin|node-gyp-bin)$/.test(folder))
  const own = dirname(node)
  return (folders.includes(own) ? folders : [...folders, own]).join(delimiter)
}

/** The whole environment of a command on a sandbox host; of the laptop's, only the search path gets in. */
export function commandEnvironment(
  sandbox: SandboxPaths,
  host: HostPaths,
  peer: Peer,
): Readonly<Record<string, string>> {
  const client = `${peer.address} ${String(peer.port)}`
  return {
    HOME: host.home,
    USER: sandboxUser,
    LOGNAME: sandboxUser,
    SHELL: '/bin/sh',
    PATH: searchPath(process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin', process.execPath),
    LC_ALL: 'C',
    SSH_CLIENT: `${client} ${String(peer.ownPort)}`,
    SSH_CONNECTION: `${client} ${host.address} ${String(peer.ownPort)}`,
    // All sandbox hosts share one network stack: an app that listens on its own host's address leaves the others theirs.
    HOST: host.address,
    // The host's folder lies in the project: without this, git would take the project's repository for the host's.
    GIT_CEILING_DIRECTORIES: host.folder,
    [markVariable]: `${sandbox.id}/${host.name}`,
  }
}
