import { readFile } from 'node:fs/promises'
import type { ParsedKey } from 'ssh2'
import { fromBlob, fromText, type PublicKey } from './public-key.ts'

/** What a private key file is to us. */
export type Identity =
  | { readonly kind: 'usable'; readonly path: string; readonly publicKey?: PublicKey; readonly key: ParsedKey }
  | { readonly kind: 'encrypted'; readonly path: string; readonly publicKey?: PublicKey; readonly text: string }
  | { readonly kind: 'unusable'; readonly path: string; readonly publicKey?: PublicKey; readonly problem: string }
  | { readonly kind: 'missing'; readonly path: string; readonly publicKey?: PublicKey; readonly problem: string }

/** Reads key files, each once for all hosts: an encrypted key costs most of a second of computing each time it is opened. */
export interface Identities {
  /** Never rejects. */
  read(path: string): Promise<Identity>
  /** Asks for the passphrase of an encrypted key and opens it; nothing when nobody can be asked or three answers were wrong. */
  unlock(identity: Identity & { readonly kind: 'encrypted' }): Promise<ParsedKey | undefined>
  /** Whether somebody can be asked. */
  readonly canAsk: boolean
}

/** The public half in an `openssh-key-v1` file, which is in clear even when the private half is encrypted. */
function publicHalf(text: string): PublicKey | undefined {
  const base64 = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)?.[1]
  if (base64 === undefined) return undefined
  const bytes = Buffer.from(base64, 'base64')
  let offset = 'openssh-key-v1\0'.length
  const field = (): Buffer => {
    const length = bytes.readUInt32BE(offset)
    offset += 4 + length
    return bytes.subarray(offset - length, offset)
  }
  try {
    for (let skipped = 0; skipped < 3; skipped++) field()
    offset += 4
    return fromBlob(field())
  } catch {
    return undefined
  }
}

async function readPublic(path: string, text: string | undefined): Promise<PublicKey | undefined> {
  const inside = text === undefined ? undefined : publicHalf(text)
  if (inside !== undefined) return inside
  try {
    return fromText(await readFile(`${path}.pub`, 'utf8'))
  } catch {
    return undefined
  }
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error)

type Content =
  { readonly kind: 'read'; readonly text: string } | { readonly kind: 'unusable' | 'missing'; readonly problem: string }

async function contentOf(path: string): Promise<Content> {
  try {
    return { kind: 'read', text: await readFile(path, 'utf8') }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return { kind: 'missing', problem: 'there is no such file' }
    return { kind: 'unusable', problem: `it cannot be read (${code})` }
  }
}

async function readIdentity(path: string): Promise<Identity> {
  const content = await contentOf(path)
  const found = await readPublic(path, content.kind === 'read' ? content.text : undefined)
  const about = { path, ...(found === undefined ? {} : { publicKey: found }) }
  if (content.kind !== 'read') return { ...content, ...about }
  const { text } = content
  // For an encrypted one, asking for the passphrase would be in vain.
  if (found?.type.startsWith('sk-') === true) return { kind: 'unusable', ...about, problem: 'srv cannot use FIDO keys' }
  const { utils } = (await import('ssh2')).default
  const key = utils.parseKey(text)
  if (key instanceof Error) {
    // ssh2 has no type for this error: its messages for keys with a passphrase all begin so.
    if (key.message.startsWith('Encrypted')) return { kind: 'encrypted', ...about, text }
    return { kind: 'unusable', ...about, problem: key.message }
  }
  if (!key.isPrivateKey()) return { kind: 'unusable', ...about, problem: 'it is a public key' }
  const publicKey = found ?? fromBlob(key.getPublicSSH())
  return { kind: 'usable', path, key, ...(publicKey === undefined ? {} : { publicKey }) }
}

/** Makes the store of key files of a run. */
export function createIdentities(askPassphrase?: (path: string) => Promise<string>): Identities {
  const read = new Map<string, Promise<Identity>>()
  const unlocked = new Map<string, Promise<ParsedKey | undefined>>()
  const ask = async (path: string, text: string): Promise<ParsedKey | undefined> => {
    const { utils } = (await import('ssh2')).default
    for (let attempt = 0; askPassphrase !== undefined && attempt < 3; attempt++) {
      const passphrase = await askPassphrase(path)
      if (passphrase === '') return undefined
      const key = utils.parseKey(text, passphrase)
      if (!(key instanceof Error)) return key
    }
    return undefined
  }
  return {
    read(path) {
      const known = read.get(path) ?? readIdentity(path)
      read.set(path, known)
      return known
    },
    unlock({ path, text }) {
      const known = unlocked.get(path) ?? ask(path, text)
      unlocked.set(path, known)
      return known
    },
    canAsk: askPassphrase !== undefined,
  }
}
