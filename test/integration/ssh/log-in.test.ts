import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isSrvError } from '../../../src/error/srv-error.ts'
import { createPool, type Pool, type PoolOptions } from '../../../src/transport/pool.ts'
import { fingerprint, fromText } from '../../../src/transport/ssh/public-key.ts'
import { addKnownHost, presentedHostKey } from '../../../src/transport/ssh/trust.ts'
import { hostByAlias, hostOf } from '../../support/hosts.ts'
import { hasSshd, makeKey, publicHalf, startSshd, type Sshd } from '../../support/sshd.ts'

const noWarning = (message: string): never => {
  throw new Error(`a warning: ${message}`)
}
const fingerprintOf = (text: string | undefined): string => {
  const key = fromText(text ?? '')
  return key === undefined ? 'no key' : fingerprint(key)
}

describe.skipIf(!hasSshd)('logging in', () => {
  let sshd: Sshd
  let otherKey: string
  let lockedKey: string
  const pools: Pool[] = []
  const open = (options: Partial<PoolOptions> = {}): Pool => {
    const pool = createPool({ warn: noWarning, environment: 'production', ...options })
    pools.push(pool)
    return pool
  }
  const refusal = async (promise: Promise<unknown>) => {
    const error: unknown = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    if (!isSrvError(error)) throw new Error(`no error of srv: ${String(error)}`)
    const { code, exitCode, message, hint } = error
    return { code, exitCode, message, hint }
  }

  beforeAll(async () => {
    const keys = await startSshd()
    lockedKey = makeKey(join(keys.folder, 'locked'), 'ed25519', 'open sesame')
    otherKey = makeKey(join(keys.folder, 'other'))
    sshd = await startSshd({
      addresses: ['127.0.0.1', '127.0.0.2', '127.0.0.3'],
      hostKeyTypes: ['ed25519', 'rsa'],
      authorized: [publicHalf(lockedKey)],
    })
    afterAll(async () => {
      await sshd.stop()
      await keys.stop()
    })
  })
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.close()))
  })

  test('many that ask for a host at once share one log-in', async () => {
    const before = sshd.logins()
    const pool = open()
    const transports = await Promise.all(Array.from({ length: 5 }, () => pool.get(hostOf(sshd))))
    expect(new Set(transports).size).toBe(1)
    expect(sshd.logins() - before).toBe(1)
  })

  test('an unknown key is shown, and nothing is logged in to', async () => {
    const before = sshd.logins()
    expect(await refusal(open().get(hostOf(sshd, { hostKeys: [] })))).toEqual({
      code: 'SRV-221',
      exitCode: 9,
      message: `web1 (127.0.0.1:${String(sshd.port)}): its host key is not known here. It shows:\n  ED25519 ${fingerprintOf(sshd.hostKeys[0])}`,
      hint: "Compare it with the machine's own (`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` there), then `srv hosts trust production web1`.",
    })
    expect(sshd.logins()).toBe(before)
  })

  test('a changed key stops before the log-in', async () => {
    const file = join(sshd.folder, 'changed')
    const wrong = publicHalf(otherKey)
    writeFileSync(file, `[127.0.0.1]:${String(sshd.port)} ${wrong}\n`)
    const config = sshd.sshConfig({ web: { HostName: '127.0.0.1', UserKnownHostsFile: file } })
    const before = sshd.log()
    const error = await refusal(open().get(hostByAlias('web', config)))
    expect(error).toMatchObject({ code: 'SRV-222', exitCode: 9 })
    expect(error.message).toBe(
      `web (127.0.0.1:${String(sshd.port)}): its host key has CHANGED. Either the machine was reinstalled, or somebody is intercepting the connection. No login was attempted.\n` +
        `known:\n  ED25519 ${fingerprintOf(wrong)}\nshown:\n  ED25519 ${fingerprintOf(sshd.hostKeys[0])}\nfrom: ${file}`,
    )
    expect(sshd.log().slice(before.length)).not.toMatch(/Accepted|Failed publickey/)
  })

  test('a revoked key is refused though it is trusted as well', async () => {
    const file = join(sshd.folder, 'revoked')
    writeFileSync(file, `${readFileSync(sshd.knownHosts, 'utf8')}@revoked * ${sshd.hostKeys[0] ?? ''}\n`)
    const config = sshd.sshConfig({ web: { HostName: '127.0.0.1', UserKnownHostsFile: file } })
    expect(await refusal(open().get(hostByAlias('web', config)))).toMatchObject({ code: 'SRV-223', exitCode: 9 })
  })

  test('a certificate authority is said to be no help', async () => {
    const file = join(sshd.folder, 'authority')
    writeFileSync(file, `@cert-authority * ${publicHalf(otherKey)}\n`)
    const config = sshd.sshConfig({ web: { HostName: '127.0.0.1', UserKnownHostsFile: file } })
    expect(await refusal(open().get(hostByAlias('web', config)))).toMatchObject({ code: 'SRV-225', exitCode: 9 })
  })

  test('a known_hosts that cannot be read is not taken for an empty one', async () => {
    const config = sshd.sshConfig({ web: { HostName: '127.0.0.1', UserKnownHostsFile: sshd.folder } })
    expect(await refusal(open().get(hostByAlias('web', config)))).toMatchObject({
      code: 'SRV-224',
      message: `web: the known host keys cannot be read from ${sshd.folder}: EISDIR. No login was attempted.`,
    })
  })

  test('a hashed key with a port is found', async () => {
    const file = join(sshd.folder, 'hashed')
    writeFileSync(file, readFileSync(sshd.knownHosts))
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
    expect(readFileSync(file, 'utf8')).not.toContain('127.0.0.1')
    const config = sshd.sshConfig({ web: { HostName: '127.0.0.1', UserKnownHostsFile: file } })
    expect((await (await open().get(hostByAlias('web', config))).exec('true')).end).toEqual({ kind: 'exit', code: 0 })
  })

  test('a host of which only the RSA key is known shows that one', async () => {
    const rsa = sshd.hostKeys.filter((key) => key.startsWith('ssh-rsa'))
    expect((await (await open().get(hostOf(sshd, { hostKeys: rsa }))).exec('true')).end).toEqual({
      kind: 'exit',
      code: 0,
    })
  })

  test('a refused log-in says what was tried, and is not tried again', async () => {
    const before = sshd.log()
    expect(await refusal(open().get(hostOf(sshd, { key: otherKey })))).toEqual({
      code: 'SRV-210',
      exitCode: 4,
      message: `web1 (127.0.0.1:${String(sshd.port)}): the login as ${sshd.user} was refused.\nTried:\n  ${otherKey} (ED25519 ${fingerprintOf(publicHalf(otherKey))})`,
      hint: `Find out why: \`ssh -p ${String(sshd.port)} ${sshd.user}@127.0.0.1\`. If that works, set the same user and key for web1.`,
    })
    expect(sshd.log().slice(before.length).split('Connection from').length - 1).toBe(1)
  })

  test('a key with a passphrase is asked for once, for all hosts', async () => {
    const asked: string[] = []
    const pool = open({
      askPassphrase: (path) => {
        asked.push(path)
        return Promise.resolve('open sesame')
      },
    })
    const hosts = sshd.addresses.map((address) => hostOf(sshd, { name: address, address, key: lockedKey }))
    const ends = await Promise.all(hosts.map(async (host) => (await (await pool.get(host)).exec('true')).end))
    expect(ends).toEqual(hosts.map(() => ({ kind: 'exit', code: 0 })))
    expect(asked).toEqual([lockedKey])
  })

  test('a key with a passphrase that nobody can be asked for', async () => {
    expect(await refusal(open().get(hostOf(sshd, { key: lockedKey })))).toMatchObject({
      code: 'SRV-211',
      exitCode: 4,
      hint: `Add it to your agent: \`ssh-add ${lockedKey}\`.`,
    })
  })

  test('a key that is not there', async () => {
    expect(await refusal(open().get(hostOf(sshd, { key: '/no/such/key' })))).toEqual({
      code: 'SRV-212',
      exitCode: 2,
      message: 'web1: the key file /no/such/key cannot be used: there is no such file.',
      hint: 'Correct the `key` of the host, or look at the file: `ssh-keygen -y -f /no/such/key`.',
    })
  })

  test('a dead agent is a warning', async () => {
    const socket = join(sshd.folder, 'no-agent')
    const config = sshd.sshConfig({ web: { HostName: '127.0.0.1', IdentityAgent: socket } })
    const warnings: string[] = []
    const pool = open({ warn: (message) => warnings.push(message) })
    expect((await (await pool.get(hostByAlias('web', config))).exec('true')).end).toEqual({ kind: 'exit', code: 0 })
    expect(warnings).toEqual([
      `the SSH agent at ${socket} does not answer (Failed to connect to agent): its keys are not tried`,
    ])
  })

  test('a key is used from the agent, and IdentitiesOnly keeps others out', async () => {
    const socket = join(sshd.folder, 'agent')
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] })
    try {
      await once(agent.stdout, 'data')
      execFileSync('ssh-add', ['-q', otherKey, sshd.clientKey], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
        stdio: 'ignore',
      })
      const missing = join(sshd.folder, 'missing')
      const agentOnly = { HostName: '127.0.0.1', IdentityAgent: socket, IdentityFile: missing }
      const config = sshd.sshConfig({
        any: { ...agentOnly, IdentitiesOnly: 'no' },
        only: { ...agentOnly, HostName: '127.0.0.2', IdentityFile: otherKey },
      })
      writeFileSync(config, readFileSync(config, 'utf8').replace(`  IdentityFile ${sshd.clientKey}\n`, ''))
      const pool = open()
      expect((await (await pool.get(hostByAlias('any', config))).exec('true')).end).toEqual({ kind: 'exit', code: 0 })
      expect(await refusal(pool.get(hostByAlias('only', config)))).toMatchObject({
        code: 'SRV-210',
        message: `only (127.0.0.2:${String(sshd.port)}): the login as ${sshd.user} was refused.\nTried:\n  agent: test-ed25519 (ED25519 ${fingerprintOf(publicHalf(otherKey))})`,
      })
    } finally {
      agent.kill()
      await once(agent, 'exit')
    }
  })

  test('nobody listens, and nobody has the name', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    expect(await refusal(open().get(hostOf(sshd, { port })))).toMatchObject({ code: 'SRV-202', exitCode: 4 })
    expect(await refusal(open().get(hostOf(sshd, { address: 'no-such-host.invalid' })))).toMatchObject({
      code: 'SRV-201',
      exitCode: 4,
    })
  })

  test('a server that hangs up is asked four times', async () => {
    let connections = 0
    const rude = createServer((socket) => {
      connections++
      socket.on('error', () => undefined).destroy()
    }).listen(0, '127.0.0.1')
    await once(rude, 'listening')
    const { port } = rude.address() as AddressInfo
    expect(await refusal(open().get(hostOf(sshd, { port })))).toMatchObject({ code: 'SRV-205', exitCode: 4 })
    expect(connections).toBe(4)
    rude.close()
  })

  test('hosts behind a jump host take one log-in there, each under its own name', async () => {
    const bastion = await startSshd({ addresses: ['127.0.0.9'] })
    try {
      const before = sshd.logins()
      const behind = { ProxyJump: 'bastion' }
      const config = sshd.sshConfig({
        one: { HostName: '127.0.0.1', ...behind },
        two: { HostName: '127.0.0.2', ...behind },
        closed: { HostName: '127.0.0.3', Port: '1', ...behind },
        bastion: {
          HostName: '127.0.0.9',
          Port: String(bastion.port),
          IdentityFile: bastion.clientKey,
          UserKnownHostsFile: bastion.knownHosts,
        },
      })
      const pool = open()
      const names = ['one', 'two'].map((alias) => hostByAlias(alias, config))
      const said = await Promise.all(
        names.map(async (host) => (await pool.get(host)).exec('echo ${SSH_CONNECTION#* * }')),
      )
      expect(said.map(({ stdout }) => stdout)).toEqual([
        `127.0.0.1 ${String(sshd.port)}\n`,
        `127.0.0.2 ${String(sshd.port)}\n`,
      ])
      expect({ bastion: bastion.logins(), behind: sshd.logins() - before }).toEqual({ bastion: 1, behind: 2 })
      expect(await refusal(pool.get(hostByAlias('closed', config)))).toMatchObject({
        code: 'SRV-231',
        message: `closed (127.0.0.3:1, through ${sshd.user}@127.0.0.9:${String(bastion.port)}): the jump host ${sshd.user}@127.0.0.9:${String(bastion.port)} could not connect to it: Connection refused.`,
      })
    } finally {
      await Promise.all(pools.splice(0).map((pool) => pool.close()))
      await bastion.stop()
    }
  })

  test('a ProxyCommand carries the connection, or says why not', async () => {
    const config = sshd.sshConfig({
      good: {
        HostName: '127.0.0.1',
        ProxyCommand: `${process.execPath} -e 'const s=require("net").connect(%p,"%h");process.stdin.pipe(s).pipe(process.stdout)'`,
      },
      bad: { HostName: '127.0.0.1', ProxyCommand: "sh -c 'echo no way >&2; exit 3'" },
    })
    const pool = open()
    expect((await (await pool.get(hostByAlias('good', config))).exec('true')).end).toEqual({ kind: 'exit', code: 0 })
    expect(await refusal(pool.get(hostByAlias('bad', config)))).toMatchObject({
      code: 'SRV-232',
      message: `bad (127.0.0.1:${String(sshd.port)}): its ProxyCommand ended: no way.\n  sh -c 'echo no way >&2; exit 3'`,
    })
  })

  test('a key is fetched without a log-in, added for its owner alone, and trusted from then on', async () => {
    const file = join(sshd.folder, 'new', 'known_hosts')
    const config = sshd.sshConfig({ web: { HostName: '127.0.0.1', UserKnownHostsFile: file } })
    const host = hostByAlias('web', config)
    const before = sshd.log()
    const { signal } = new AbortController()
    const presented = await presentedHostKey(host, { warn: noWarning, signal })
    expect(presented).toEqual({
      host: 'web',
      name: `[127.0.0.1]:${String(sshd.port)}`,
      shown: `ED25519 ${fingerprintOf(sshd.hostKeys[0])}`,
      expected: [],
      judgement: 'unknown',
      line: `[127.0.0.1]:${String(sshd.port)} ${sshd.hostKeys[0] ?? ''}`,
      file,
    })
    expect(sshd.log().slice(before.length)).not.toMatch(/Accepted|Failed publickey/)
    await addKnownHost(presented)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect((await presentedHostKey(host, { warn: noWarning, signal })).judgement).toBe('trusted')
    expect((await (await open().get(host)).exec('true')).end).toEqual({ kind: 'exit', code: 0 })
  })
})
