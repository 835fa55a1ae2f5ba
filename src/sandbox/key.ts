import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import ssh2 from 'ssh2'

/** A key pair in OpenSSH's formats. */
export interface KeyPair {
  readonly privateKey: string
  /** `ssh-ed25519 AAAA…` */
  readonly publicKey: string
}

function exists(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}

function read(file: string): KeyPair | undefined {
  let privateKey: string
  try {
    privateKey = readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
  const parsed = ssh2.utils.parseKey(privateKey)
  if (parsed instanceof Error) throw new Error(`${file} holds no private key: ${parsed.message}`)
  return { privateKey, publicKey: `${parsed.type} ${parsed.getPublicSSH().toString('base64')}` }
}

/**
 * The text of a new private key. ssh2 (1.17.0) writes an ed25519 key whose public half begins with a zero byte one byte
 * short: one key in 256 is unusable, and is thrown away here.
 */
export function makeKey(generate = (): string => ssh2.utils.generateKeyPairSync('ed25519').private): string {
  for (;;) {
    const made = generate()
    if (!(ssh2.utils.parseKey(made) instanceof Error)) return made
  }
}

/**
 * Reads the key pair of a file, made first when there is none. When two processes make it at once, both return the
 * same one: a hard link is created for one of them only, and never shows half a key.
 */
export function ensureKey(file: string): KeyPair {
  const found = read(file)
  if (found !== undefined) return found
  const draft = `${file}.${String(process.pid)}`
  writeFileSync(draft, makeKey(), { mode: 0o600 })
  try {
    linkSync(draft, file)
  } catch (error) {
    if (!exists(error)) throw error
  } finally {
    rmSync(draft)
  }
  const kept = read(file)
  if (kept === undefined) throw new Error(`${file} vanished while it was made`)
  writeFileSync(`${file}.pub`, `${kept.publicKey}\n`)
  return kept
}
