import { createHash } from 'node:crypto'

/** A public key as SSH sends it. */
export interface PublicKey {
  /** `ssh-ed25519`, `ssh-rsa`, … */
  readonly type: string
  readonly blob: Buffer
}

/** The key in a blob, whose first field is its type; nothing when it is no key. */
export function fromBlob(blob: Buffer): PublicKey | undefined {
  if (blob.length < 4) return undefined
  const length = blob.readUInt32BE(0)
  if (length === 0 || length > blob.length - 4) return undefined
  return { type: blob.toString('latin1', 4, 4 + length), blob }
}

/** Reads `type base64 [comment]`, as in `.pub` files and in a host's `hostKeys`. */
export function fromText(text: string): PublicKey | undefined {
  const [type, base64] = text.trim().split(/\s+/)
  if (type === undefined || base64 === undefined) return undefined
  const key = fromBlob(Buffer.from(base64, 'base64'))
  return key?.type === type ? key : undefined
}

/** `type base64`, as it stands in known_hosts. */
export function toText(key: PublicKey): string {
  return `${key.type} ${key.blob.toString('base64')}`
}

/** `SHA256:…` without padding, as `ssh-keygen -l` prints it. */
export function fingerprint(key: PublicKey): string {
  return `SHA256:${createHash('sha256').update(key.blob).digest('base64').replace(/=+$/, '')}`
}

/** Type and fingerprint, for people: `ED25519 SHA256:…`. */
export function describeKey(key: PublicKey): string {
  const short = /^(?:ssh-|ecdsa-sha2-|sk-ssh-)?(ed25519|rsa|dss|nistp\d+)/.exec(key.type)?.[1]
  const name = short === undefined ? key.type : short.startsWith('nistp') ? 'ECDSA' : short.toUpperCase()
  return `${name} ${fingerprint(key)}`
}

/** Whether two keys are the same key. */
export function sameKey(left: PublicKey, right: PublicKey): boolean {
  return left.blob.equals(right.blob)
}
