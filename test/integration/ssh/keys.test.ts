import { execFileSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createPool, type Pool } from '../../../src/transport/pool.ts'
import { fingerprint, fromText } from '../../../src/transport/ssh/public-key.ts'
import { makeFidoKey } from '../../support/fido-key.ts'
import { hostByAlias, hostOf } from '../../support/hosts.ts'
import { refusalOf } from '../../support/refusal.ts'
import { startAgent, type TestAgent } from '../../support/ssh-agent.ts'
import { hasSshd, makeKey, publicHalf, startSshd, type Sshd } from '../../support/sshd.ts'

describe.skipIf(!hasSshd)('keys that srv has to choose from, or cannot use', () => {
  let sshd: Sshd
  let authority: string
  const pools: Pool[] = []
  const agents: TestAgent[] = []
  const open = (): Pool => {
    const pool = createPool({
      warn(message) {
        throw new Error(message)
      },
    })
    pools.push(pool)
    return pool
  }
  const agentWith = async (...keys: readonly string[]): Promise<string> => {
    const agent = await startAgent(join(sshd.folder, `agent-${String(agents.length)}`))
    agents.push(agent)
    agent.add(...keys)
    return agent.socket
  }
  const inFolder = (name: string): string => join(sshd.folder, name)
  const certified = (path: string): string => {
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'me', '-n', sshd.user, `${path}.pub`])
    return path
  }
  const place = (host: string): string => `${host} (127.0.0.1:${String(sshd.port)})`
  const shown = (path: string): string => {
    const key = fromText(publicHalf(path))
    return `${path} (ED25519 ${key === undefined ? '' : fingerprint(key)})`
  }
  /** Settings of an alias whose log-in can only work by what the settings add. */
  const own = (settings: Readonly<Record<string, string>>) => ({
    HostName: '127.0.0.1',
    IdentityFile: inFolder('none'),
    ...settings,
  })
  /** The `IdentityFile` of all aliases would let everybody in. */
  const configOf = (aliases: Parameters<Sshd['sshConfig']>[0]): string => sshd.sshConfig(aliases, { withKey: false })

  beforeAll(async () => {
    sshd = await startSshd({ config: ['MaxAuthTries 6'] })
    authority = makeKey(inFolder('authority'))
    sshd.authorizeAuthority(authority)
  })
  afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())))
  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.stop()))
    await sshd.stop()
  })

  describe('an agent with more keys than the server lets anybody try', () => {
    let socket: string
    let keys: readonly string[]
    beforeAll(async () => {
      keys = Array.from({ length: 8 }, (_, index) => makeKey(inFolder(`many${String(index)}`)))
      socket = await agentWith(...keys, sshd.clientKey)
    })

    test('is no hindrance when ssh_config names the key', async () => {
      const config = configOf({
        only: own({ IdentityAgent: socket, IdentityFile: sshd.clientKey, IdentitiesOnly: 'yes' }),
        first: own({ IdentityAgent: socket, IdentityFile: sshd.clientKey, IdentitiesOnly: 'no', User: sshd.user }),
      })
      const before = sshd.log()
      const pool = open()
      for (const alias of ['only', 'first']) {
        expect((await (await pool.get(hostByAlias(alias, config))).exec('true')).end).toEqual({ kind: 'exit', code: 0 })
      }
      expect(sshd.log().slice(before.length)).not.toContain('Failed publickey')
    })

    test('is refused when nothing names the key, and srv says which keys were tried', async () => {
      const config = configOf({ web: own({ IdentityAgent: socket, IdentitiesOnly: 'no' }) })
      const before = sshd.log()
      const { code, message, hint } = await refusalOf(open().get(hostByAlias('web', config)))
      expect(code).toBe('SRV-210')
      expect(message).toMatch(
        new RegExp(
          `^web \\(127\\.0\\.0\\.1:${String(sshd.port)}\\): the login as ${sshd.user} was refused, and the server allows no more than 6 keys to be tried\\.\nTried:\n(  agent: test-ed25519 \\(ED25519 SHA256:\\S+\\)\n?){6}$`,
        ),
      )
      expect(hint).toBe(
        'Name the key of web: `key` in the config, or IdentityFile and IdentitiesOnly in your ssh_config.',
      )
      expect(sshd.log().slice(before.length).split('Connection from').length - 1).toBe(1)
    })
  })

  describe('what only OpenSSH can use is named when the log-in is refused', () => {
    const hint = 'Give web a plain key: certificates and FIDO keys work with ssh, but not yet with srv.'
    const refused = (needs: string, tried: readonly string[]) => ({
      code: 'SRV-213',
      exitCode: 4,
      message: `${place('web')}: the login as ${sshd.user} was refused, and srv cannot use what your ssh_config sets for it:\n  ${needs}${
        tried.length === 0 ? '' : `\nTried:\n${tried.map((one) => `  ${one}`).join('\n')}`
      }`,
      hint,
      output: [],
    })
    const ask = async (settings: Readonly<Record<string, string>>) =>
      refusalOf(open().get(hostByAlias('web', configOf({ web: own(settings) }))))

    test('a certificate beside the key, which lets ssh in', async () => {
      const key = certified(makeKey(inFolder('with-certificate')))
      const config = configOf({ web: own({ IdentityFile: key }) })
      execFileSync('ssh', ['-F', config, '-o', 'BatchMode=yes', 'web', 'true'], { stdio: 'ignore' })
      expect(await ask({ IdentityFile: key })).toEqual(refused(`certificate ${key}-cert.pub`, [shown(key)]))
    })

    test('a CertificateFile', async () => {
      const key = certified(makeKey(inFolder('moved')))
      const certificate = inFolder('elsewhere.pub')
      copyFileSync(`${key}-cert.pub`, certificate)
      execFileSync('rm', [`${key}-cert.pub`])
      expect(await ask({ IdentityFile: key, CertificateFile: certificate })).toEqual(
        refused(`certificate ${certificate}`, [shown(key)]),
      )
    })

    test('a FIDO key file', async () => {
      const key = makeFidoKey(inFolder('fido'))
      expect(await ask({ IdentityFile: key })).toEqual(refused(`FIDO key ${key}`, []))
    })

    test('a FIDO key file with a passphrase, for which nobody is asked', async () => {
      const key = makeFidoKey(inFolder('fido-locked'), true)
      const pool = createPool({
        warn: () => undefined,
        askPassphrase: () => Promise.reject(new Error('asked')),
      })
      pools.push(pool)
      const config = configOf({ web: own({ IdentityFile: key }) })
      expect(await refusalOf(pool.get(hostByAlias('web', config)))).toEqual(refused(`FIDO key ${key}`, []))
    })

    test('a certificate in the agent', async () => {
      const key = certified(makeKey(inFolder('in-agent')))
      const socket = await agentWith(key)
      const tried = `agent: test-ed25519 (${shown(key).replace(/^.*\(/, '')}`
      expect(await ask({ IdentityAgent: socket, IdentitiesOnly: 'no' })).toEqual(
        refused('certificate test-ed25519 of the agent', [tried]),
      )
    })
  })

  test('a FIDO key that the config names is refused before any connection', async () => {
    const key = makeFidoKey(inFolder('named'))
    const connections = () => sshd.log().split('Connection from').length
    const before = connections()
    expect(await refusalOf(open().get(hostOf(sshd, { key })))).toEqual({
      code: 'SRV-212',
      exitCode: 2,
      message: `web1: the key file ${key} cannot be used: srv cannot use FIDO keys.`,
      hint: `Correct the \`key\` of the host, or look at the file: \`ssh-keygen -y -f ${key}\`.`,
      output: [],
    })
    expect(connections()).toBe(before)
  })

  test('a key with a passphrase, and nobody to ask', async () => {
    const key = makeKey(inFolder('locked'), 'ed25519', 'open sesame')
    expect(await refusalOf(open().get(hostOf(sshd, { key })))).toEqual({
      code: 'SRV-211',
      exitCode: 4,
      message: `${place('web1')}: the login as ${sshd.user} needs a key with a passphrase, and srv cannot ask for it:\n  ${key}`,
      hint: `Add it to your agent: \`ssh-add ${key}\`.`,
      output: [],
    })
  })

  test('an agent that has the key with a passphrase needs no prompt', async () => {
    const key = makeKey(inFolder('unlocked'))
    const socket = await agentWith(key)
    execFileSync('ssh-keygen', ['-q', '-p', '-N', 'open sesame', '-f', key])
    const end = sshd.authorize(key)
    const config = configOf({ web: own({ IdentityAgent: socket, IdentityFile: key, IdentitiesOnly: 'yes' }) })
    expect((await (await open().get(hostByAlias('web', config))).exec('true')).end).toEqual({ kind: 'exit', code: 0 })
    end()
  })
})
