import { readFile } from 'node:fs/promises'
import { srvError, type SrvError } from '../../error/srv-error.ts'
import { judge, lookUp, parseKnownHosts, type Judgement, type KnownKeys } from './known-hosts.ts'
import { describeKey, type PublicKey } from './public-key.ts'
import type { Route } from './route.ts'

/** What is known about a machine's key before it is contacted. */
export interface HostKeys {
  /** The name and port under which it is looked up. */
  readonly name: string
  readonly port: number
  readonly known: KnownKeys
  readonly pins: readonly PublicKey[]
  /** Files that were looked into. */
  readonly sources: readonly string[]
}

async function readKnownHosts(host: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return ''
    throw srvError('SRV-224', { host, path, problem: code }, { where: { host }, cause: error })
  }
}

/**
 * Reads what is known about a machine's host key.
 *
 * @throws SrvError SRV-224 when a file is there but cannot be read: what it might revoke is then unknown.
 */
export async function readHostKeys(route: Route): Promise<HostKeys> {
  const texts = await Promise.all(route.knownHostsFiles.map((path) => readKnownHosts(route.name, path)))
  const name = route.hostKeyAlias ?? route.address
  const port = route.hostKeyAlias === undefined ? route.port : 22
  const known = lookUp(texts.flatMap(parseKnownHosts), name, port)
  return { name, port, known, pins: route.pins, sources: route.knownHostsFiles }
}

/** The keys that may be presented, for the order of the offer. */
export function expectedKeys({ known, pins }: HostKeys): readonly PublicKey[] {
  return [...pins, ...known.trusted, ...known.alsoTrusted]
}

/** Judges a presented key. */
export function judgeHostKey(presented: PublicKey, { known, pins }: HostKeys): Judgement {
  return judge(presented, known, pins)
}

/** The error for a presented key, or nothing when it is trusted. `environment` completes the hint. */
export function hostKeyError(
  presented: PublicKey,
  keys: HostKeys,
  destination: Pick<Route, 'isJump' | 'user' | 'address' | 'port'> & { readonly host: string; readonly via?: string },
  environment: string | undefined,
): SrvError | undefined {
  const details = {
    ...destination,
    shown: describeKey(presented),
    ...(environment === undefined ? {} : { environment }),
  }
  const circumstances = { where: { host: destination.host } }
  switch (judgeHostKey(presented, keys)) {
    case 'trusted':
      return undefined
    case 'unknown':
      return srvError(keys.known.certAuthority ? 'SRV-225' : 'SRV-221', details, circumstances)
    case 'changed': {
      const known = [...keys.pins, ...keys.known.trusted].map(describeKey)
      const sources = [...(keys.pins.length === 0 ? [] : ['hostKeys of the config']), ...keys.sources]
      return srvError('SRV-222', { ...details, known, sources }, circumstances)
    }
    case 'revoked':
      return srvError('SRV-223', details, circumstances)
  }
}
