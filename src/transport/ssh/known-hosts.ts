import { createHmac } from 'node:crypto'
import { fromText, sameKey, type PublicKey } from './public-key.ts'

/** One line of a known_hosts file that names keys. */
export interface KnownHostsLine {
  readonly marker?: 'revoked' | 'cert-authority'
  /** The first field as it is in the file: comma-separated patterns, or one hashed name. */
  readonly names: string
  readonly key: PublicKey
}

/** What the files say about a host. */
export interface KnownKeys {
  readonly trusted: readonly PublicKey[]
  /** Trusted under the bare name only, though the port is not 22: good when presented, no reason to call another key changed. */
  readonly alsoTrusted: readonly PublicKey[]
  readonly revoked: readonly PublicKey[]
  /** Whether a certificate authority is trusted for this host: srv cannot check certificates. */
  readonly certAuthority: boolean
}

/** The name under which a host's key is kept: `[name]:port` unless the port is 22. */
export function knownHostsName(name: string, port: number): string {
  return port === 22 ? name.toLowerCase() : `[${name.toLowerCase()}]:${String(port)}`
}

/** Reads the lines of a known_hosts file; malformed lines are skipped, as OpenSSH does. */
export function parseKnownHosts(text: string): readonly KnownHostsLine[] {
  return text.split('\n').flatMap((raw): KnownHostsLine[] => {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) return []
    const marked = /^@(\S+)\s+(.*)$/.exec(line)
    const [, names, rest] = /^(\S+)\s+(.+)$/.exec(marked?.[2] ?? line) ?? []
    const key = rest === undefined ? undefined : fromText(rest)
    if (names === undefined || key === undefined) return []
    switch (marked?.[1]) {
      case undefined:
        return [{ names, key }]
      case 'revoked':
      case 'cert-authority':
        return [{ marker: marked[1], names, key }]
      default:
        return []
    }
  })
}

function matchesHashed(field: string, name: string): boolean {
  const [, , salt, hash] = field.split('|')
  if (salt === undefined || hash === undefined) return false
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
}

function matchesPattern(pattern: string, name: string): boolean {
  const source = pattern
    .toLowerCase()
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's').test(name)
}

/** Whether the first field of a line is about a name; one `!pattern` that matches rules the line out. */
export function matchesNames(field: string, name: string): boolean {
  if (field.startsWith('|1|')) return matchesHashed(field, name)
  const patterns = field.split(',')
  const excluded = patterns.some((pattern) => pattern.startsWith('!') && matchesPattern(pattern.slice(1), name))
  return !excluded && patterns.some((pattern) => !pattern.startsWith('!') && matchesPattern(pattern, name))
}

/** What a set of lines says about `name` at `port`. With an alias OpenSSH ignores the port: pass 22. */
export function lookUp(lines: readonly KnownHostsLine[], name: string, port: number): KnownKeys {
  const own = knownHostsName(name, port)
  const bare = knownHostsName(name, 22)
  const trusted: PublicKey[] = []
  const alsoTrusted: PublicKey[] = []
  const revoked: PublicKey[] = []
  let certAuthority = false
  for (const { marker, names, key } of lines) {
    const matchesOwn = matchesNames(names, own)
    if (!matchesOwn && !matchesNames(names, bare)) continue
    if (marker === 'revoked') revoked.push(key)
    else if (marker === 'cert-authority') certAuthority = true
    else (matchesOwn ? trusted : alsoTrusted).push(key)
  }
  return { trusted, alsoTrusted, revoked, certAuthority }
}

/** How a key that a host presents compares with what is known. */
export type Judgement = 'trusted' | 'unknown' | 'changed' | 'revoked'

/**
 * Judges a presented key: revoked beats all, and a host that has known keys and presents another has changed. The bare
 * name is looked at as OpenSSH does, only when nothing is known under the name with its port.
 */
export function judge(presented: PublicKey, known: KnownKeys, pins: readonly PublicKey[]): Judgement {
  const among = (keys: readonly PublicKey[]): boolean => keys.some((key) => sameKey(key, presented))
  if (among(known.revoked)) return 'revoked'
  if (among(pins) || among(known.trusted)) return 'trusted'
  if (known.trusted.length + pins.length > 0) return 'changed'
  return among(known.alsoTrusted) ? 'trusted' : 'unknown'
}

const offered = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const

/** A host key algorithm that srv offers. */
export type HostKeyAlgorithm = (typeof offered)[number]

/**
 * The host key algorithms to offer, those of known keys first: else a host whose RSA key is known presents its Ed25519
 * key, and looks changed.
 */
export function hostKeyAlgorithms(known: readonly PublicKey[]): HostKeyAlgorithm[] {
  const types = new Set(known.map(({ type }) => type))
  const isKnown = (algorithm: HostKeyAlgorithm): boolean =>
    types.has(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm)
  return [...offered.filter(isKnown), ...offered.filter((algorithm) => !isKnown(algorithm))]
}
