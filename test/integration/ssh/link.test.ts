import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createPool, type Pool, type PoolOptions } from '../../../src/transport/pool.ts'
import { hostByAlias, hostOf } from '../../support/hosts.ts'
import { isRunning } from '../../support/processes.ts'
import { refusalOf } from '../../support/refusal.ts'
import { hasSshd, makeKey, startSshd, type Sshd } from '../../support/sshd.ts'
import { tcpLink, type TcpLink } from '../../support/tcp-link.ts'

describe.skipIf(!hasSshd)('a link that fails', () => {
  let sshd: Sshd
  const pools: Pool[] = []
  const links: TcpLink[] = []
  const open = (options: Partial<PoolOptions> = {}): Pool => {
    const pool = createPool({ warn: () => undefined, ...options })
    pools.push(pool)
    return pool
  }
  const link = async (): Promise<TcpLink> => {
    const made = await tcpLink(sshd.port)
    links.push(made)
    return made
  }

  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.close()))
    await Promise.all(links.splice(0).map((one) => one.stop()))
  })
  afterAll(() => sshd.stop())

  test('a host that is no longer answering is found out while a command runs', async () => {
    const hole = await link()
    const pool = open({ keepalive: { intervalMs: 100, countMax: 2 } })
    const transport = await pool.get(hostOf(sshd, { port: hole.port }))
    const { end, stdout } = await transport.exec('echo begun; sleep 300', {
      onOutput: () => {
        hole.swallow()
      },
    })
    expect({ end, stdout }).toEqual({
      end: { kind: 'lost', reason: 'the host no longer answers' },
      stdout: 'begun\n',
    })
  })

  test('a quiet command on a slow host is not taken for a dead link', async () => {
    const pool = open({ keepalive: { intervalMs: 20, countMax: 2 } })
    const { end } = await (await pool.get(hostOf(sshd))).exec('sleep 0.5')
    expect(end).toEqual({ kind: 'exit', code: 0 })
  })

  test('a reset under a command leaves its end unknown, and the command ends on the host', async () => {
    const rough = await link()
    const transport = await open().get(hostOf(sshd, { port: rough.port }))
    const { end, stdout } = await transport.exec('echo $$; sleep 300', {
      onOutput: () => {
        rough.reset()
      },
    })
    expect(end).toEqual({ kind: 'lost', reason: 'the connection was reset' })
    await expect.poll(() => isRunning(Number(stdout)), { timeout: 10_000 }).toBe(false)
  })

  test('a reset under a raw channel ends it, and its streams', async () => {
    const rough = await link()
    const transport = await open().get(hostOf(sshd, { port: rough.port }))
    const channel = await transport.open('cat')
    channel.stdin.on('error', () => undefined)
    channel.stdin.write('begun')
    await once(channel.stdout, 'data')
    const ended = once(channel.stdout.resume(), 'end')
    rough.reset()
    expect(await channel.end).toEqual({ kind: 'lost', reason: 'the connection was reset' })
    await ended
  })

  test('a reset while nothing runs hurts nobody, and who holds on to the transport is told', async () => {
    const rough = await link()
    const transport = await open().get(hostOf(sshd, { port: rough.port }))
    rough.reset()
    const lost = { kind: 'lost', reason: 'the connection was reset' }
    expect((await transport.exec('echo never')).end).toEqual(lost)
    expect((await transport.exec('echo never')).end).toEqual(lost)
    expect(await (await transport.open('echo never')).end).toEqual(lost)
  })

  test('after a loss one new log-in serves all that ask again', async () => {
    const rough = await link()
    const pool = open()
    const host = hostOf(sshd, { port: rough.port })
    const before = sshd.logins()
    const dead = await pool.get(host)
    rough.reset()
    expect((await dead.exec('true')).end.kind).toBe('lost')
    const again = await Promise.all([pool.get(host), pool.get(host), pool.get(host)])
    expect(new Set([dead, ...again]).size).toBe(2)
    expect(await Promise.all(again.map(async (one) => (await one.exec('echo here')).stdout))).toEqual([
      'here\n',
      'here\n',
      'here\n',
    ])
    expect({ logins: sshd.logins() - before, connections: rough.connections() }).toEqual({ logins: 2, connections: 2 })
  })

  test('a log-in that is refused after a loss is not tried again', async () => {
    const rough = await link()
    const pool = open()
    const key = makeKey(`${sshd.folder}/once`)
    const revoke = sshd.authorize(key)
    const host = hostOf(sshd, { port: rough.port, key })
    const dead = await pool.get(host)
    revoke()
    rough.reset()
    expect((await dead.exec('true')).end.kind).toBe('lost')
    expect([await refusalOf(pool.get(host)), await refusalOf(pool.get(host))]).toMatchObject([
      { code: 'SRV-210' },
      { code: 'SRV-210' },
    ])
    expect(rough.connections()).toBe(2)
  })

  test('a jump host that was lost is logged in to once more, for all that lie behind it', async () => {
    const bastion = await startSshd()
    const rough = await tcpLink(bastion.port)
    try {
      const config = sshd.sshConfig({
        one: { HostName: '127.0.0.1', ProxyJump: 'bastion' },
        two: { HostName: 'localhost', HostKeyAlias: `[127.0.0.1]:${String(sshd.port)}`, ProxyJump: 'bastion' },
        bastion: {
          HostName: '127.0.0.1',
          Port: String(rough.port),
          HostKeyAlias: `[127.0.0.1]:${String(bastion.port)}`,
          IdentityFile: bastion.clientKey,
          UserKnownHostsFile: bastion.knownHosts,
        },
      })
      const pool = open()
      const hosts = ['one', 'two'].map((alias) => hostByAlias(alias, config))
      const dead = await Promise.all(hosts.map((host) => pool.get(host)))
      rough.reset()
      const lost = { kind: 'lost', reason: 'the connection was closed by the other side' }
      expect(await Promise.all(dead.map(async (one) => (await one.exec('true')).end))).toEqual([lost, lost])
      const alive = await Promise.all(hosts.map((host) => pool.get(host)))
      const fine = { kind: 'exit', code: 0 }
      expect(await Promise.all(alive.map(async (one) => (await one.exec('true')).end))).toEqual([fine, fine])
      expect(bastion.logins()).toBe(2)
    } finally {
      await Promise.all(pools.splice(0).map((pool) => pool.close()))
      await rough.stop()
      await bastion.stop()
    }
  })

  test('closing gives up a log-in that nobody answers', async () => {
    const silent = await link()
    silent.swallow()
    const pool = open()
    const refused = refusalOf(pool.get(hostOf(sshd, { port: silent.port })))
    await silent.connected
    await pool.close()
    expect(await refused).toMatchObject({
      code: 'SRV-205',
      message: `web1 (127.0.0.1:${String(silent.port)}): the connection broke before the login, once: it was cancelled here.`,
    })
  })

  test('a silent server is given up after the time that ssh_config allows, and asked once', async () => {
    const silent = await link()
    silent.swallow()
    const { port } = silent
    const config = sshd.sshConfig({ mute: { HostName: '127.0.0.1', Port: String(port), ConnectTimeout: '1' } })
    expect(await refusalOf(open().get(hostByAlias('mute', config)))).toEqual({
      code: 'SRV-204',
      exitCode: 4,
      message: `mute (127.0.0.1:${String(port)}): no login within 1 s.`,
      hint: `Check the network, VPN or firewall between here and it: \`ssh -p ${String(port)} ${sshd.user}@127.0.0.1\`.`,
      output: [],
    })
    expect(silent.connections()).toBe(1)
  })
})
