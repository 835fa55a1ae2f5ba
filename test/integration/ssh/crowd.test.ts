import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createPool, type Pool } from '../../../src/transport/pool.ts'
import { hostByAlias, hostOf } from '../../support/hosts.ts'
import { refusalOf } from '../../support/refusal.ts'
import { hasSshd, startSshd, type Sshd, type SshdOptions } from '../../support/sshd.ts'

const fine = { kind: 'exit', code: 0 }

/** Aliases of many machines that are all one sshd: to srv each is a host of its own, with a log-in of its own. */
function aliases(sshd: Sshd, count: number, settings: Readonly<Record<string, string>> = {}) {
  const names = Array.from({ length: count }, (_, index) => `web${String(index + 1)}`)
  const key = { HostName: '127.0.0.1', Port: String(sshd.port), UserKnownHostsFile: sshd.knownHosts, ...settings }
  const one = (index: number) => ({
    ...key,
    HostKeyAlias: `[127.0.0.1]:${String(sshd.port)}`,
    User: sshd.user,
    ConnectTimeout: String(60 + index),
  })
  return { names, blocks: Object.fromEntries(names.map((name, index) => [name, one(index)])) }
}

/** A hop to itself: where a jump host listens and which keys belong to it. */
function hop(sshd: Sshd, settings: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    HostName: '127.0.0.1',
    Port: String(sshd.port),
    IdentityFile: sshd.clientKey,
    UserKnownHostsFile: sshd.knownHosts,
    ...settings,
  }
}

describe.skipIf(!hasSshd)('many hosts, and hosts behind hosts', () => {
  const pools: Pool[] = []
  const servers: Sshd[] = []
  const open = (): Pool => {
    const pool = createPool({ warn: () => undefined })
    pools.push(pool)
    return pool
  }
  const start = async (options: SshdOptions = {}): Promise<Sshd> => {
    const sshd = await startSshd(options)
    servers.push(sshd)
    return sshd
  }
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.close()))
    await Promise.all(servers.splice(0).map((sshd) => sshd.stop()))
  })
  /** What sshd has as it comes: from ten log-ins under way on it drops new ones, at random. */
  const stock = { config: ['MaxStartups 10:30:100', 'MaxSessions 10'] }

  test('thirty machines at one address take one log-in each, and none is turned away for good', async () => {
    const sshd = await start(stock)
    const pool = open()
    // Hosts that differ in their pinned keys are machines of their own, though they are behind one door.
    const hosts = Array.from({ length: 30 }, (_, index) => {
      const pins = Array.from({ length: index + 1 }, () => sshd.hostKeys[0] ?? '')
      return hostOf(sshd, { name: `web${String(index + 1)}`, hostKeys: pins })
    })
    const ends = await Promise.all(hosts.map(async (host) => (await (await pool.get(host)).exec('true')).end))
    expect(ends).toEqual(hosts.map(() => fine))
    expect(sshd.logins()).toBe(30)
  })

  test('thirty machines at thirty addresses do not wait for each other, and Node warns of nothing', async () => {
    const sshd = await start({ ...stock, addresses: ['0.0.0.0'] })
    const warnings: string[] = []
    const warn = ({ message }: Error) => warnings.push(message)
    process.on('warning', warn)
    try {
      const pool = open()
      const addresses = Array.from({ length: 30 }, (_, index) => `127.0.3.${String(index + 1)}`)
      const transports = await Promise.all(
        addresses.map((address) => pool.get(hostOf(sshd, { name: address, address }))),
      )
      const said = await Promise.all(transports.map((one) => one.exec('echo ${SSH_CONNECTION#* * }')))
      expect(said.map(({ stdout }) => stdout.split(' ')[0])).toEqual(addresses)
      expect(sshd.logins()).toBe(30)
    } finally {
      process.off('warning', warn)
    }
    expect(warnings).toEqual([])
  })

  test('thirty hosts behind one jump host take one log-in there', async () => {
    const [bastion, sshd] = [await start(stock), await start(stock)]
    const { names, blocks } = aliases(sshd, 30, { ProxyJump: 'bastion' })
    // Each under a name of its own, so that each is a connection of its own.
    const named = Object.fromEntries(
      Object.entries(blocks).map(([name, block]) => [name, { ...block, HostKeyAlias: name }]),
    )
    const config = sshd.sshConfig({ ...named, bastion: hop(bastion) })
    const pool = open()
    const hosts = names.map((name) => ({ ...hostByAlias(name, config), hostKeys: sshd.hostKeys }))
    const ends = await Promise.all(hosts.map(async (host) => (await (await pool.get(host)).exec('true')).end))
    expect(ends).toEqual(hosts.map(() => fine))
    expect({ bastion: bastion.logins(), behind: sshd.logins() }).toEqual({ bastion: 1, behind: 30 })
  })

  // sshd counts an ended session until it has handled all that came in the same packet, so it may still refuse one of
  // those that follow at once; such a command is sent again, since nothing of it ran.
  test('of twenty commands at once eight at the most run on a connection, and each runs once', async () => {
    const sshd = await start(stock)
    const transport = await open().get(hostOf(sshd))
    const folder = mkdtempSync(join(tmpdir(), 'srv-crowd-'))
    const script = (code: number): string =>
      `cd ${folder} && mkdir ${String(code)} && ls | wc -l; sleep 0.1; mv ${String(code)} .ran${String(code)}; exit ${String(code)}`
    const results = await Promise.all(Array.from({ length: 20 }, (_, code) => transport.exec(script(code))))
    const atOnce = results.map(({ stdout }) => Number(stdout))
    const ran = readdirSync(folder)
    rmSync(folder, { recursive: true })
    expect(results.map(({ end }) => end)).toEqual(Array.from({ length: 20 }, (_, code) => ({ kind: 'exit', code })))
    expect(Math.max(...atOnce)).toBeLessThanOrEqual(8)
    expect(ran).toHaveLength(20)
    expect(sshd.logins()).toBe(1)
  })

  test('two jump hosts in a row are logged in to once each, whether a host lists both or the second knows the first', async () => {
    const [outer, inner, sshd] = [
      await start(),
      await start(),
      await start({ addresses: ['127.0.0.1', '127.0.0.2', '127.0.0.3'] }),
    ]
    const config = sshd.sshConfig({
      listed: { HostName: '127.0.0.1', ProxyJump: 'outer,inner' },
      known: { HostName: '127.0.0.2', ProxyJump: 'inner' },
      known2: { HostName: '127.0.0.3', ProxyJump: 'inner' },
      outer: hop(outer),
      inner: hop(inner, { ProxyJump: 'outer' }),
    })
    const pool = open()
    const hosts = ['listed', 'known', 'known2'].map((alias) => hostByAlias(alias, config))
    const said = await Promise.all(
      hosts.map(async (host) => (await pool.get(host)).exec('echo ${SSH_CONNECTION#* * }')),
    )
    expect(said.map(({ stdout }) => stdout.split(' ')[0])).toEqual(['127.0.0.1', '127.0.0.2', '127.0.0.3'])
    expect([outer.logins(), inner.logins(), sshd.logins()]).toEqual([1, 1, 3])
  })

  test('the key of each hop is checked under its own name', async () => {
    const [outer, inner, sshd] = [await start(), await start(), await start()]
    const config = sshd.sshConfig({
      web: { HostName: '127.0.0.1', ProxyJump: 'outer,inner' },
      outer: hop(outer),
      inner: hop(inner, { UserKnownHostsFile: outer.knownHosts }),
    })
    expect(await refusalOf(open().get(hostByAlias('web', config)))).toMatchObject({
      code: 'SRV-221',
      message: expect.stringMatching(
        `^jump host inner \\(127.0.0.1:${String(inner.port)}, through ${outer.user}@127.0.0.1:${String(outer.port)}\\): its host key is not known here.`,
      ) as unknown,
    })
    expect([outer.logins(), inner.logins(), sshd.logins()]).toEqual([1, 0, 0])
  })

  test('jump hosts that go round in a circle are refused', async () => {
    const sshd = await start()
    const config = sshd.sshConfig({
      web: { HostName: '127.0.0.1', ProxyJump: 'a' },
      a: { HostName: '127.0.0.1', ProxyJump: 'b' },
      b: { HostName: '127.0.0.1', ProxyJump: 'a' },
    })
    expect(await refusalOf(open().get(hostByAlias('web', config)))).toMatchObject({ code: 'SRV-214', exitCode: 2 })
    expect(sshd.logins()).toBe(0)
  })
})
