import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'

/** The files of the sandbox of one project. */
export interface SandboxPaths {
  /** `.srv/sandbox` of the project: one folder a host, and `.daemon`, a name that no host can have. */
  readonly folder: string
  /** Private key that logs in to every sandbox host of the project; its public half is beside it as `.pub`. */
  readonly clientKey: string
  /** What the background process wrote. */
  readonly log: string
  /** Marks every process of the sandbox: hexadecimal, the same for the same project folder. */
  readonly id: string
}

/** The files of one sandbox host. */
export interface HostPaths {
  readonly name: string
  readonly folder: string
  /** Home folder of the login user. */
  readonly home: string
  /** Stands for `/srv`. */
  readonly root: string
  readonly hostKey: string
  /** Holds the port on which the host was last served. */
  readonly port: string
  /** Is there once the host was started for the first time. */
  readonly booted: string
  /** An address in 127.0.0.0/8 that is this host's alone. */
  readonly address: string
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** Says where the sandbox of a project lives. Two paths that lead to the same folder are the same project. */
export function sandboxPaths(projectRoot: string): SandboxPaths {
  const root = realpathSync(projectRoot)
  const folder = join(root, '.srv', 'sandbox')
  const own = join(folder, '.daemon')
  const id = digest(root).toString('hex').slice(0, 16)
  return { folder, clientKey: join(own, 'client_key'), log: join(own, 'log'), id }
}

/**
 * Says where a host of a sandbox lives. The address comes from project and name, so that it needs no record and differs
 * between projects; it stays clear of 127.0.x.x and 127.1.x.x, where resolvers and Debian's own host name live.
 */
export function hostPaths(sandbox: SandboxPaths, name: string): HostPaths {
  const folder = join(sandbox.folder, name)
  const [first = 0, second = 0, third = 0] = digest(`${sandbox.id}/${name}`)
  return {
    name,
    folder,
    home: join(folder, 'home'),
    root: join(folder, 'srv'),
    hostKey: join(folder, 'host_key'),
    port: join(folder, 'port'),
    booted: join(folder, 'booted'),
    address: `127.${String(64 + (first % 191))}.${String(second)}.${String(1 + (third % 254))}`,
  }
}
