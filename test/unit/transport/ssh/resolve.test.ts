import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Host } from '../../../../src/config/resolved.ts'
import { splitFiles } from '../../../../src/transport/ssh/openssh-config.ts'
import { resolveRoute, wantedJump, wantedOf } from '../../../../src/transport/ssh/resolve.ts'
import { expandTokens, home } from '../../../../src/transport/ssh/tokens.ts'

const folder = mkdtempSync(join(tmpdir(), 'srv-resolve-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const host = (settings: Partial<Host>): Host => ({
  name: 'web1',
  kind: 'ssh',
  address: 'web1.example.org',
  hostKeys: [],
  root: '/srv',
  tags: [],
  loopback: '127.0.0.1',
  ...settings,
})

/** An `ssh` that shows what it was asked, and answers with the given lines. */
function fakeSsh(name: string, body: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "$@" >'${path}.asked'\n${body}\n`)
  chmodSync(path, 0o755)
  return path
}

const noAgent = <T>(run: () => T): T => {
  delete process.env.SSH_AUTH_SOCK
  return run()
}

test('without an ssh on the machine the config alone counts', async () => {
  const wanted = wantedOf(host({ user: 'deploy', port: 2222, key: '~/keys/deploy' }))
  expect(await noAgent(() => resolveRoute(wanted, join(folder, 'no-ssh')))).toEqual({
    name: 'web1',
    isJump: false,
    pins: [],
    requiredKey: `${home()}/keys/deploy`,
    address: 'web1.example.org',
    port: 2222,
    user: 'deploy',
    identityFiles: [`${home()}/keys/deploy`],
    identitiesOnly: true,
    certificateFiles: [],
    jumps: [],
    knownHostsFiles: [`${home()}/.ssh/known_hosts`, '/etc/ssh/ssh_known_hosts'],
    connectTimeoutMs: 20_000,
  })
})

test('what ssh -G says is taken over', async () => {
  const program = fakeSsh(
    'full',
    `cat <<'end'
user deploy
hostname 10.0.0.7
port 2200
identitiesonly yes
identityfile ~/.ssh/id_%h
identityfile /keys/100%%
identityagent none
certificatefile ~/.ssh/id-cert.pub
proxyjump ops@bastion:2022,inner
hostkeyalias web
userknownhostsfile /home/a b/known_hosts ~/.ssh/known_hosts2
globalknownhostsfile none
connecttimeout 5
end`,
  )
  expect(await resolveRoute(wantedOf(host({})), program)).toEqual({
    name: 'web1',
    isJump: false,
    pins: [],
    hostKeyAlias: 'web',
    address: '10.0.0.7',
    port: 2200,
    user: 'deploy',
    identityFiles: [`${home()}/.ssh/id_10.0.0.7`, '/keys/100%'],
    identitiesOnly: true,
    certificateFiles: [`${home()}/.ssh/id-cert.pub`],
    jumps: ['ops@bastion:2022', 'inner'],
    knownHostsFiles: ['/home/a b/known_hosts', `${home()}/.ssh/known_hosts2`],
    connectTimeoutMs: 5000,
  })
})

test('a refusal of ssh is an error of the config', async () => {
  const program = fakeSsh('refusing', 'echo "hostname contains invalid characters" >&2; exit 255')
  await expect(resolveRoute(wantedOf(host({ address: 'a;b' })), program)).rejects.toMatchObject({
    code: 'SRV-214',
    exitCode: 2,
    message: 'web1: OpenSSH cannot resolve a;b: hostname contains invalid characters.',
  })
})

test('a sandbox host has nothing to do with the ssh_config', async () => {
  const program = fakeSsh('unasked', 'exit 255')
  const wanted = wantedOf(host({ kind: 'sandbox', address: '127.0.0.1', port: 4022, user: 'me', key: '/k' }))
  expect(await resolveRoute(wanted, program)).toMatchObject({
    address: '127.0.0.1',
    port: 4022,
    knownHostsFiles: [],
    identityFiles: ['/k'],
  })
})

test.each([
  ['bastion', { address: 'bastion' }],
  ['ops@bastion', { address: 'bastion', user: 'ops' }],
  ['ops@bastion:2022', { address: 'bastion', user: 'ops', port: 2022 }],
  ['ops@[2001:db8::1]:2022', { address: '2001:db8::1', user: 'ops', port: 2022 }],
  ['ssh://ops@bastion:2022', { address: 'bastion', user: 'ops', port: 2022 }],
])('the jump host %s', (spec, expected) => {
  const { address } = expected
  expect(wantedJump(spec, undefined, undefined)).toEqual({
    name: address,
    isJump: true,
    hostKeys: [],
    selfContained: false,
    ...expected,
  })
})

test('file names with blanks are put together again', () => {
  expect(splitFiles('/a b/c ~/d none /e')).toEqual(['/a b/c', '~/d', '/e'])
})

test('tokens that mean nothing are left as they are', () => {
  const route = { address: 'h', port: 22, user: 'r', original: 'n' }
  expect(expandTokens('%h:%p %r@%n %k %% %Z ${NO_SUCH_VARIABLE}', route)).toBe('h:22 r@n n % %Z ${NO_SUCH_VARIABLE}')
})
