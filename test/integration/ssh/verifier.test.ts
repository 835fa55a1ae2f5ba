import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { handshake, type Attempt } from '../../../src/transport/ssh/handshake.ts'
import { hasSshd, startSshd, type Sshd } from '../../support/sshd.ts'

describe.skipIf(!hasSshd)('a host key is accepted by a plain yes, whatever ssh2 makes of other answers', () => {
  let sshd: Sshd

  /** An attempt whose judge says anything at all, as JavaScript lets it. */
  function attempt(answer: () => unknown): Attempt {
    const plain: Attempt = {
      route: {
        name: 'web1',
        isJump: false,
        address: '127.0.0.1',
        port: sshd.port,
        user: sshd.user,
        identityFiles: [],
        identitiesOnly: true,
        certificateFiles: [],
        jumps: [],
        knownHostsFiles: [],
        pins: [],
        connectTimeoutMs: 10_000,
      },
      sock: undefined,
      serverHostKey: ['ssh-ed25519'],
      acceptHostKey: () => false,
      candidates: [],
      keepalive: { intervalMs: 0, countMax: 0 },
      signal: new AbortController().signal,
      warn: () => undefined,
    }
    return Object.defineProperty(plain, 'acceptHostKey', { value: answer })
  }

  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => sshd.stop())

  test.each<[string, () => unknown]>([
    ['no', () => false],
    ['a promise of no', () => Promise.resolve(false)],
    ['a promise of yes', () => Promise.resolve(true)],
    ['nothing', () => undefined],
    ['null', () => null],
    ['zero', () => 0],
    ['a word', () => 'yes'],
  ])('%s is a no, before any log-in', async (_, answer) => {
    const before = sshd.log().length
    expect(await handshake(attempt(answer))).toEqual({ kind: 'host-key' })
    expect(sshd.log().slice(before)).not.toMatch(/Accepted|Failed|userauth/)
  })

  test('a judge that throws lets nobody in either', async () => {
    const outcome = await handshake(
      attempt(() => {
        throw new Error('cannot tell')
      }),
    )
    expect(outcome).toMatchObject({ kind: 'trouble', trouble: { authenticating: false } })
  })

  test('yes goes on to the log-in', async () => {
    expect((await handshake(attempt(() => true))).kind).toBe('auth')
  })
})
