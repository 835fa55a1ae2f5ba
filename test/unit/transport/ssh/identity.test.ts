import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createIdentities } from '../../../../src/transport/ssh/identity.ts'
import { makeFidoKey } from '../../../support/fido-key.ts'
import { makeKey, publicHalf } from '../../../support/sshd.ts'
import { toText } from '../../../../src/transport/ssh/public-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'srv-identity-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})
const path = (name: string): string => join(folder, name)

async function look(file: string) {
  const { kind, publicKey, ...rest } = await createIdentities().read(file)
  return {
    kind,
    publicKey: publicKey === undefined ? undefined : toText(publicKey),
    problem: 'problem' in rest ? rest.problem : undefined,
  }
}

test('a key file is usable, locked, of no use, or not there', async () => {
  const [plain, locked] = [makeKey(path('plain')), makeKey(path('locked'), 'ed25519', 'open sesame')]
  const fido = [makeFidoKey(path('fido')), makeFidoKey(path('fido-locked'), true)] as const
  writeFileSync(path('text'), 'no key at all\n')
  expect(
    await Promise.all([plain, locked, ...fido, `${plain}.pub`, path('text'), folder, path('none')].map(look)),
  ).toEqual([
    { kind: 'usable', publicKey: publicHalf(plain), problem: undefined },
    { kind: 'encrypted', publicKey: publicHalf(locked), problem: undefined },
    { kind: 'unusable', publicKey: publicHalf(fido[0]), problem: 'srv cannot use FIDO keys' },
    { kind: 'unusable', publicKey: publicHalf(fido[1]), problem: 'srv cannot use FIDO keys' },
    { kind: 'unusable', publicKey: undefined, problem: 'it is a public key' },
    { kind: 'unusable', publicKey: undefined, problem: 'Unsupported key format' },
    { kind: 'unusable', publicKey: undefined, problem: 'it cannot be read (EISDIR)' },
    { kind: 'missing', publicKey: undefined, problem: 'there is no such file' },
  ])
})

test('a passphrase is asked for again when it was wrong, three times in all, and once for all that need it', async () => {
  const file = makeKey(path('asked'), 'ed25519', 'open sesame')
  const ask = async (answers: readonly string[]) => {
    let asked = 0
    const identities = createIdentities(() => Promise.resolve(answers[asked++] ?? 'one too many'))
    const identity = await identities.read(file)
    if (identity.kind !== 'encrypted') throw new Error(identity.kind)
    const keys = await Promise.all([identities.unlock(identity), identities.unlock(identity)])
    return { asked, opened: keys.map((key) => key !== undefined) }
  }
  expect(await ask(['open sesame'])).toEqual({ asked: 1, opened: [true, true] })
  expect(await ask(['wrong', 'wrong', 'open sesame'])).toEqual({ asked: 3, opened: [true, true] })
  expect(await ask(['wrong', 'wrong', 'wrong', 'open sesame'])).toEqual({ asked: 3, opened: [false, false] })
  expect(await ask([''])).toEqual({ asked: 1, opened: [false, false] })
})
