import { execFile } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isSrvError } from '../../../src/error/srv-error.ts'
import { createPool } from '../../../src/transport/pool.ts'
import { hostByAlias } from '../../support/hosts.ts'
import { hasSshd, makeKey, publicHalf, startSshd, type Sshd } from '../../support/sshd.ts'

type Verdict = 'trusted' | 'unknown' | 'changed' | 'revoked'

/** What OpenSSH makes of a host key, by what it prints under strict checking. */
function askOpenssh(config: string, alias: string): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const args = ['-F', config, '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes', alias, 'true']
    execFile('ssh', args, (error, _stdout, stderr) => {
      if (error === null) resolve('trusted')
      else if (stderr.includes('REVOKED HOST KEY')) resolve('revoked')
      else if (stderr.includes('HOST IDENTIFICATION HAS CHANGED')) resolve('changed')
      else if (/No .* host key is known for/.test(stderr)) resolve('unknown')
      else reject(new Error(stderr))
    }).stdin?.end()
  })
}

const verdicts: Readonly<Record<string, Verdict>> = { 'SRV-221': 'unknown', 'SRV-222': 'changed', 'SRV-223': 'revoked' }

async function askSrv(config: string, alias: string): Promise<Verdict> {
  const pool = createPool({ warn: () => undefined })
  try {
    await pool.get(hostByAlias(alias, config))
    return 'trusted'
  } catch (error) {
    const verdict = isSrvError(error) ? verdicts[error.code] : undefined
    if (verdict === undefined) throw error
    return verdict
  } finally {
    await pool.close()
  }
}

const hashed = (name: string): string => {
  const salt = randomBytes(20)
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
}

describe.skipIf(!hasSshd)('a host key is judged as OpenSSH judges it', () => {
  let sshd: Sshd
  let keys: Readonly<Record<'ed25519' | 'rsa' | 'wrong' | 'wrongRsa' | 'wrongEcdsa', string>>

  beforeAll(async () => {
    sshd = await startSshd({ hostKeyTypes: ['ed25519', 'rsa'] })
    const [ed25519 = '', rsa = ''] = sshd.hostKeys
    const made = (name: string, type: 'ed25519' | 'rsa' | 'ecdsa') => publicHalf(makeKey(join(sshd.folder, name), type))
    keys = {
      ed25519,
      rsa,
      wrong: made('wrong', 'ed25519'),
      wrongRsa: made('wrong_rsa', 'rsa'),
      wrongEcdsa: made('wrong_ecdsa', 'ecdsa'),
    }
  })
  afterAll(() => sshd.stop())

  type Lines = (own: string, key: typeof keys) => readonly string[]
  const cases: readonly (readonly [string, Verdict, Lines])[] = [
    ['nothing is known', 'unknown', () => []],
    ['its key is known', 'trusted', (own, { ed25519 }) => [`${own} ${ed25519}`]],
    ['only its RSA key is known', 'trusted', (own, { rsa }) => [`${own} ${rsa}`]],
    ['a hashed line has its key', 'trusted', (own, { ed25519 }) => [`${hashed(own)} ${ed25519}`]],
    ['a pattern has its key', 'trusted', (own, { ed25519 }) => [`*.example.org,${own.replace('127', '*')} ${ed25519}`]],
    ['its own line rules it out', 'unknown', (own, { ed25519 }) => [`[*]:*,!${own} ${ed25519}`]],
    ['another key of its type is known', 'changed', (own, { wrong }) => [`${own} ${wrong}`]],
    ['a hashed line has another key', 'changed', (own, { wrong }) => [`${hashed(own)} ${wrong}`]],
    ['another RSA key is known, which is asked for first', 'changed', (own, { wrongRsa }) => [`${own} ${wrongRsa}`]],
    [
      'a key of a type is known that the host does not have',
      'changed',
      (own, { wrongEcdsa }) => [`${own} ${wrongEcdsa}`],
    ],
    [
      'one line has its key, one before it another',
      'trusted',
      (own, k) => [`${own} ${k.wrong}`, `${own} ${k.ed25519}`],
    ],
    [
      'one of its keys is right, that of another type wrong',
      'trusted',
      (own, k) => [`${own} ${k.wrongEcdsa}`, `${own} ${k.ed25519}`],
    ],
    ['its key is revoked', 'revoked', (own, { ed25519 }) => [`${own} ${ed25519}`, `@revoked ${own} ${ed25519}`]],
    ['its key is revoked everywhere', 'revoked', (own, { ed25519 }) => [`@revoked * ${ed25519}`, `${own} ${ed25519}`]],
    ['another key is revoked', 'trusted', (own, k) => [`@revoked * ${k.wrong}`, `${own} ${k.ed25519}`]],
    ['the bare name has its key', 'trusted', (_own, { ed25519 }) => [`127.0.0.1 ${ed25519}`]],
    ['the bare name has another key', 'unknown', (_own, { wrong }) => [`127.0.0.1 ${wrong}`]],
    [
      'the bare name has its key, the full one another',
      'changed',
      (own, k) => [`127.0.0.1 ${k.ed25519}`, `${own} ${k.wrong}`],
    ],
    ['another port has another key', 'unknown', (_own, { wrong }) => [`[127.0.0.1]:1 ${wrong}`]],
    ['the line is broken', 'unknown', (own) => [`${own} ssh-ed25519 AAAAnonsense`]],
  ]

  test.each(cases)('%s: %s', async (title, expected, lines) => {
    const file = join(sshd.folder, `known ${title.replaceAll(' ', '_')}`)
    writeFileSync(file, `${lines(`[127.0.0.1]:${String(sshd.port)}`, keys).join('\n')}\n`)
    const config = sshd.sshConfig({ web: { HostName: '127.0.0.1', UserKnownHostsFile: `"${file}"` } })
    expect(await Promise.all([askOpenssh(config, 'web'), askSrv(config, 'web')])).toEqual([expected, expected])
    // ssh adds further keys of a host that it trusts; not here, or the next test would see them.
    expect(readFileSync(file, 'utf8').trim().split('\n').length).toBe(Math.max(1, lines('x', keys).length))
  })

  test('an alias stands for the name, and then without the port', async () => {
    const file = join(sshd.folder, 'alias')
    writeFileSync(file, `machine ${keys.ed25519}\n`)
    const config = sshd.sshConfig({ web: { HostName: '127.0.0.1', HostKeyAlias: 'machine', UserKnownHostsFile: file } })
    expect(await Promise.all([askOpenssh(config, 'web'), askSrv(config, 'web')])).toEqual(['trusted', 'trusted'])
  })
})
