import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureKey, makeKey } from '../../../src/sandbox/key.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'srv-sandbox-key-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

test('a key is made once, for its owner only', () => {
  const file = join(folder, 'key')
  const made = ensureKey(file)
  expect(ensureKey(file)).toEqual(made)
  expect(readFileSync(file, 'utf8')).toBe(made.privateKey)
  expect(readFileSync(`${file}.pub`, 'utf8')).toBe(`${made.publicKey}\n`)
  expect(made.publicKey).toMatch(/^ssh-ed25519 AAAA[A-Za-z0-9+/]+={0,2}$/)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder).sort()).toEqual(['key', 'key.pub'])
})

test('a file that holds no key is not replaced', () => {
  const file = join(folder, 'key')
  writeFileSync(file, 'mine')
  expect(() => ensureKey(file)).toThrow(`${file} holds no private key: Unsupported key format`)
  expect(readFileSync(file, 'utf8')).toBe('mine')
})

/** As ssh2 1.17.0 wrote it: the public half has 31 bytes. */
const short = `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMgAAAAtz
c2gtZWQyNTUxOQAAAB+kMLejesOr7k7z7Sq4S/K4fFwktUW//rT/pujciRMtAAAA
iDuhvtw7ob7cAAAAC3NzaC1lZDI1NTE5AAAAH6Qwt6N6w6vuTvPtKrhL8rh8XCS1
Rb/+tP+m6NyJEy0AAAA/pDBDKnEwzD35jRZNherzmsMtrAj9r93XlX5kl45COBuk
MLejesOr7k7z7Sq4S/K4fFwktUW//rT/pujciRMtAAAAAAECAwQFBgc=
-----END OPENSSH PRIVATE KEY-----
`

test('a key that nobody could read is made again', () => {
  const good = makeKey()
  const made = [short, short, good]
  expect(makeKey(() => made.shift() ?? '')).toBe(good)
})
