import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** Writes what `ssh-keygen -t ed25519-sk` would, which takes a token in a slot; returns the path of the private half. */
export function makeFidoKey(path: string, isEncrypted = false): string {
  const type = 'sk-ssh-ed25519@openssh.com'
  const blob = Buffer.concat([field(type), field(randomBytes(32)), field('ssh:')])
  const kdf = isEncrypted
    ? [field('aes256-ctr'), field('bcrypt'), field(Buffer.concat([field(randomBytes(16)), Buffer.from([0, 0, 0, 16])]))]
    : [field('none'), field('none'), field('')]
  const bytes = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...kdf,
    Buffer.from([0, 0, 0, 1]),
    field(blob),
    field(randomBytes(160)),
  ])
  const lines = bytes.toString('base64').replace(/.{70}/g, '$&\n')
  const text = `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`
  writeFileSync(path, text, { mode: 0o600 })
  writeFileSync(`${path}.pub`, `${type} ${blob.toString('base64')} me@token\n`)
  return path
}
