import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import type { z } from 'zod'
import { parseHost } from './host-text.ts'
import type { Host } from './resolved.ts'
import { isSandboxHost } from './sandbox-host.ts'
import type { hostSchema } from './schema/host.ts'

const defaults = { root: '/srv', tags: [], hostKeys: [], loopback: '127.0.0.1' } as const

/** A path on the laptop: `~` is the home folder, and anything relative is meant from the project's folder. */
function laptopPath(path: string, projectRoot: string): string {
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1))
  return isAbsolute(path) ? path : resolve(projectRoot, path)
}

/** Leaves out what was not set: an `undefined` would look like a value. */
function said<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  const result: { [K in keyof T]?: Exclude<T[K], undefined> } = {}
  return Object.assign(result, Object.fromEntries(entries))
}

/**
 * A checked host in the one form that the rest of srv knows. A sandbox host has no address yet: only once it runs are
 * its address, port, user, keys, root and loopback known.
 */
export function resolveHost(name: string, input: z.output<typeof hostSchema>, projectRoot: string): Host {
  if (isSandboxHost(input)) return { name, kind: 'sandbox', address: '', ...defaults, tags: input.tags }
  if (typeof input === 'string') {
    if (input === 'local') return { name, kind: 'local', address: '', ...defaults }
    return { name, kind: 'ssh', ...defaults, address: input, ...parseHost(input) }
  }
  const { address, user, port, key, sshConfig, root, tags, hostKeys } = input
  return {
    name,
    ...(address === 'local' ? { kind: 'local', address: '' } : { kind: 'ssh', address }),
    ...said({ user, port }),
    ...(key === undefined ? {} : { key: laptopPath(key, projectRoot) }),
    ...(sshConfig === undefined ? {} : { sshConfig: laptopPath(sshConfig, projectRoot) }),
    root: (root ?? defaults.root).replace(/\/+$/, ''),
    tags: tags ?? defaults.tags,
    hostKeys: typeof hostKeys === 'string' ? [hostKeys] : (hostKeys ?? defaults.hostKeys),
    loopback: defaults.loopback,
  }
}
