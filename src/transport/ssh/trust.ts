import { appendFile, chmod, mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Host } from '../../config/resolved.ts'
import { srvError } from '../../error/srv-error.ts'
import { createConnections, type ConnectionOptions } from './connections.ts'
import { openPath } from './establish.ts'
import { connectError, destinationOf } from './failure.ts'
import { handshake } from './handshake.ts'
import { expectedKeys, judgeHostKey, readHostKeys } from './host-key.ts'
import { hostKeyAlgorithms, knownHostsName, type Judgement } from './known-hosts.ts'
import { describeKey, fromBlob, toText, type PublicKey } from './public-key.ts'
import { resolveRoute, wantedOf } from './resolve.ts'
import { home } from './tokens.ts'

/** A host key as its host showed it, and what is known about it here. */
export interface PresentedKey {
  readonly host: string
  /** `web1.example.org` or `[web1.example.org]:2222`: the name under which it is kept. */
  readonly name: string
  /** `ED25519 SHA256:…` */
  readonly shown: string
  /** The keys that were expected instead, in the same form. */
  readonly expected: readonly string[]
  readonly judgement: Judgement
  /** The line for known_hosts. */
  readonly line: string
  /** The known_hosts file that OpenSSH would add it to. */
  readonly file: string
}

/** How a host is asked for its key. */
export interface PresentOptions extends ConnectionOptions {
  /** Gives it up. */
  readonly signal: AbortSignal
}

/**
 * Asks a host for its key without logging in to it; jump hosts on the way are logged in to, and have to be trusted.
 *
 * @throws SrvError 2xx when the host cannot be reached
 */
export async function presentedHostKey(host: Host, options: PresentOptions): Promise<PresentedKey> {
  const connections = createConnections(options)
  const giveUp = (): void => {
    void connections.close()
  }
  options.signal.addEventListener('abort', giveUp, { once: true })
  try {
    const route = await resolveRoute(wantedOf(host), options.sshProgram)
    const via = await connections.viaOf(route)
    const to = destinationOf(route, via?.route)
    const keys = await readHostKeys(route)
    const path = await openPath(route, via, to)
    let presented: PublicKey | undefined
    const outcome = await handshake({
      route,
      sock: path.sock,
      serverHostKey: hostKeyAlgorithms(expectedKeys(keys)),
      candidates: [],
      keepalive: { intervalMs: 0, countMax: 0 },
      signal: options.signal,
      warn: options.warn,
      acceptHostKey(blob) {
        presented = fromBlob(blob)
        return false
      },
    })
    path.sock?.destroy()
    path.proxy?.close()
    if (presented === undefined) {
      if (outcome.kind === 'trouble') throw connectError(outcome.trouble, to, 1)
      throw srvError('SRV-204', { ...to, seconds: route.connectTimeoutMs / 1000 }, { where: { host: to.host } })
    }
    const name = knownHostsName(keys.name, keys.port)
    return {
      host: host.name,
      name,
      shown: describeKey(presented),
      expected: expectedKeys(keys).map(describeKey),
      judgement: judgeHostKey(presented, keys),
      line: `${name} ${toText(presented)}`,
      file: route.knownHostsFiles[0] ?? join(home(), '.ssh', 'known_hosts'),
    }
  } finally {
    options.signal.removeEventListener('abort', giveUp)
    await connections.close()
  }
}

/**
 * Adds a key to its known_hosts file, which only its owner may read from then on; the folder is made when it is not there.
 *
 * @throws SrvError SRV-226 when the file cannot be written
 */
export async function addKnownHost({ file, line }: Pick<PresentedKey, 'file' | 'line'>): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    const before = await readFile(file, 'utf8').catch(() => '')
    const separator = before === '' || before.endsWith('\n') ? '' : '\n'
    await appendFile(file, `${separator}${line}\n`, { mode: 0o600 })
    await chmod(file, 0o600)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw srvError('SRV-226', { path: file, problem }, { cause: error })
  }
}
