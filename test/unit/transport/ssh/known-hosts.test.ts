import { describe, expect, test } from 'vitest'
import {
  hostKeyAlgorithms,
  judge,
  knownHostsName,
  lookUp,
  matchesNames,
  parseKnownHosts,
} from '../../../../src/transport/ssh/known-hosts.ts'
import { describeKey, fingerprint, fromText, toText, type PublicKey } from '../../../../src/transport/ssh/public-key.ts'
import { hasPrograms } from '../../../support/programs.ts'

const texts = {
  a: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHXJKlPTMPmzqSbhGnbJtYwPNVzDGqbaLXdCTyFyMn7o',
  b: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS',
  rsa: `ssh-rsa ${Buffer.concat([Buffer.from('\0\0\0\u0007ssh-rsa'), Buffer.alloc(20, 7)]).toString('base64')}`,
}

function key(name: keyof typeof texts): PublicKey {
  const found = fromText(texts[name])
  if (found === undefined) throw new Error(`no key ${name}`)
  return found
}

const look = (text: string, name: string, port = 22) => {
  const { trusted, alsoTrusted, revoked, certAuthority } = lookUp(parseKnownHosts(text), name, port)
  return { trusted: trusted.map(toText), also: alsoTrusted.map(toText), revoked: revoked.map(toText), certAuthority }
}
const nothing = { trusted: [], also: [], revoked: [], certAuthority: false }

test('a key is read and written as it stands in a file', () => {
  expect(toText(key('a'))).toBe(texts.a)
  expect(fromText(`${texts.a} somebody@laptop`)).toEqual(key('a'))
  expect(fromText(`ssh-rsa ${texts.a.split(' ')[1] ?? ''}`)).toBeUndefined()
  expect(fromText('ssh-ed25519 AAAA')).toBeUndefined()
})

test.skipIf(!hasPrograms('ssh-keygen'))('a fingerprint is the one that ssh-keygen prints', () => {
  expect(fingerprint(key('a'))).toBe('SHA256:jF03nR7jBXZM2S48XLIwFSh1H/XVotGid02hKMbw9Ss')
  expect(describeKey(key('a'))).toBe('ED25519 SHA256:jF03nR7jBXZM2S48XLIwFSh1H/XVotGid02hKMbw9Ss')
})

test('a name has its port unless it is 22', () => {
  expect([knownHostsName('Web1', 22), knownHostsName('Web1', 2222), knownHostsName('::1', 2222)]).toEqual([
    'web1',
    '[web1]:2222',
    '[::1]:2222',
  ])
})

describe('names of a line', () => {
  test.each([
    ['web1', 'web1', true],
    ['WEB1', 'web1', true],
    ['web1,10.0.0.1', '10.0.0.1', true],
    ['web1', 'web10', false],
    ['web?', 'web1', true],
    ['*.example.org', 'a.b.example.org', true],
    ['*.example.org', 'exampleXorg', false],
    ['*.example.org,!db.example.org', 'db.example.org', false],
    ['!db.example.org,*.example.org', 'web.example.org', true],
    ['!db.example.org', 'web.example.org', false],
    ['[web1]:2222', '[web1]:2222', true],
    ['[web1]:2222', 'web1', false],
    ['[*]:2222', '[web1]:2222', true],
    ['|1|y0HjqoHjqoHjqoHjqoHjqoHjqoE=|bm90IHRoZSBoYXNoIG9mIGFueXRoaW5nISE=', 'web1', false],
    ['|1|broken', 'web1', false],
  ])('%s is about %s: %s', (field, name, expected) => {
    expect(matchesNames(field, name)).toBe(expected)
  })
})

describe('a file', () => {
  test('comments, empty lines and lines without sense are skipped', () => {
    expect(look(`# web1 ${texts.a}\n\nweb1\nweb1 ssh-ed25519 !!!\n@what web1 ${texts.a}\n`, 'web1')).toEqual(nothing)
  })

  test('several lines about a host are all its keys', () => {
    expect(look(`web1 ${texts.a}\nother ${texts.b}\nweb1 ${texts.rsa} comment here\n`, 'web1')).toEqual({
      ...nothing,
      trusted: [texts.a, texts.rsa],
    })
  })

  test('at another port than 22 the bare name is a weaker proof', () => {
    expect(look(`web1 ${texts.a}\n[web1]:2222 ${texts.b}\n`, 'web1', 2222)).toEqual({
      ...nothing,
      trusted: [texts.b],
      also: [texts.a],
    })
    expect(look(`[web1]:2222 ${texts.b}\n`, 'web1')).toEqual(nothing)
  })

  test('revoked keys and certificate authorities are told apart', () => {
    expect(look(`@revoked * ${texts.a}\n@cert-authority *.example.org ${texts.b}\n`, 'web.example.org')).toEqual({
      ...nothing,
      revoked: [texts.a],
      certAuthority: true,
    })
  })
})

describe('a presented key', () => {
  const known = (text: string, port = 22) => lookUp(parseKnownHosts(text), 'web1', port)

  test.each([
    ['is unknown where nothing is known', '', [], 'unknown'],
    ['is trusted when a line has it', `web1 ${texts.a}`, [], 'trusted'],
    ['is trusted when the config has it', '', [key('a')], 'trusted'],
    ['has changed when a line has another of its type', `web1 ${texts.b}`, [], 'changed'],
    ['has changed when a line has one of another type', `web1 ${texts.rsa}`, [], 'changed'],
    ['has changed when the config has another', '', [key('b')], 'changed'],
    ['is trusted when one of several is it', `web1 ${texts.b}\nweb1 ${texts.a}`, [], 'trusted'],
    ['is revoked though it is trusted as well', `web1 ${texts.a}\n@revoked web1 ${texts.a}`, [key('a')], 'revoked'],
    ['is unknown when only an authority is trusted', `@cert-authority web1 ${texts.b}`, [], 'unknown'],
  ] as const)('%s', (_title, text, pins, expected) => {
    expect(judge(key('a'), known(text), pins)).toBe(expected)
  })

  test('at another port, the bare name trusts a key but calls none changed', () => {
    expect(judge(key('a'), known(`web1 ${texts.a}`, 2222), [])).toBe('trusted')
    expect(judge(key('a'), known(`web1 ${texts.b}`, 2222), [])).toBe('unknown')
  })

  test('at another port, the bare name does not help a key that is not the one of the port', () => {
    expect(judge(key('a'), known(`web1 ${texts.a}\n[web1]:2222 ${texts.b}`, 2222), [])).toBe('changed')
    expect(judge(key('a'), known(`web1 ${texts.a}`, 2222), [key('b')])).toBe('changed')
  })
})

test('the types of known keys are offered first', () => {
  expect(hostKeyAlgorithms([])).toEqual([
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
  ])
  expect(hostKeyAlgorithms([key('rsa')]).slice(0, 3)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519'])
})
