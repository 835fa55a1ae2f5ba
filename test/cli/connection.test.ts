import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { transcript, type Outcome } from '../support/cli-run.ts'
import { normalised, treeOf } from '../support/cli-text.ts'
import { makeKey, publicHalf, hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd)('hosts that srv cannot or must not log in to', () => {
  let sshd: Sshd
  let project: Project
  let stranger: Project

  const shown = (outcome: Outcome, of = project): string => normalised(outcome.stderr, of, sshd)
  const trees = (of: Project): readonly (readonly string[])[] =>
    ['web1', 'web2', 'web3'].map((name) => treeOf(of.host(name).root))

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.0.1', '127.9.0.2'] })
    // Nobody listens at the address of the third host.
    project = cliProject(sshd, { web1: {}, web2: {}, web3: { HostName: '127.9.0.99' } })
    project.app.commit('one')
    const outcome = await project.srv(['deploy', 'production', '--host', 'web1,web2'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    const file = join(sshd.folder, 'known_hosts_of_stranger')
    stranger = cliProject(sshd, {
      web1: { UserKnownHostsFile: file },
      web2: { UserKnownHostsFile: file },
      web3: { HostName: '127.9.0.1', UserKnownHostsFile: file },
    })
    writeFileSync(file, '')
    stranger.app.commit('one')
  })
  afterAll(async () => {
    project.remove()
    stranger.remove()
    await sshd.stop()
  })

  it('changes nothing anywhere when one of three hosts does not answer', async () => {
    const before = [trees(project), project.host('web1').pid(), project.host('web2').pid()]
    project.app.commit('two')
    const outcome = await project.srv(['deploy', 'production'])
    expect(outcome.code, transcript(outcome)).toBe(4)
    expect(outcome.stdout).toBe('')
    expect(shown(outcome).split('\n\n').slice(1).join('\n\n')).toMatchInlineSnapshot(`
      "✖ SRV-202 web3 (127.9.0.99:<port>): the connection was refused. The machine is there, but nothing listens on port <port>.
        → Check that sshd is running, and on which port: \`ssh -p <port> <user>@127.9.0.99\`.

      ✖ Not reachable: deploy production  3 hosts · <duration>
        No host was changed.
        Log: .srv/runs/<run>/web3.log
      "
    `)
    expect([trees(project), project.host('web1').pid(), project.host('web2').pid()]).toEqual(before)
  })

  describe('with keys that are not known', () => {
    const file = (): string => join(sshd.folder, 'known_hosts_of_stranger')
    const names = (): string => `[127.9.0.1]:${String(sshd.port)}`

    it('refuses a host whose key it does not know, and shows the fingerprint', async () => {
      writeFileSync(file(), '')
      const logins = sshd.logins()
      const outcome = await stranger.srv(['deploy', 'production', '--host', 'web1'])
      expect(outcome.code, transcript(outcome)).toBe(9)
      expect(shown(outcome, stranger)).toMatchInlineSnapshot(`
        "deploy production: 1 host, 9 steps
        web1  connect  ✖ SRV-221 web1 (127.9.0.1:<port>): its host key is not known here. It shows:  ED25519 SHA256:<fingerprint>

        ✖ SRV-221 web1 (127.9.0.1:<port>): its host key is not known here. It shows:
          ED25519 SHA256:<fingerprint>
          → Compare it with the machine's own (\`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\` there), then \`srv hosts trust production web1\`.

        ✖ Refused: deploy production  1 host · <duration>
          No host was changed.
          Log: .srv/runs/<run>/web1.log
        "
      `)
      expect(sshd.logins()).toBe(logins)
      expect(readFileSync(file(), 'utf8')).toBe('')
    })

    it('does not trust without being told to, when there is nobody to ask', async () => {
      writeFileSync(file(), '')
      const log = sshd.log()
      const outcome = await stranger.srv(['hosts', 'trust', 'production', 'web1'])
      expect(outcome.code, transcript(outcome)).toBe(2)
      expect(shown(outcome, stranger)).toMatchInlineSnapshot(`
        "✖ SRV-100 There is no terminal to ask on: compare the fingerprints, then add --yes. Nothing was contacted.
          → \`srv --help\` lists the commands, \`srv <command> --help\` its options.
        "
      `)
      expect(sshd.log()).toBe(log)
      expect(readFileSync(file(), 'utf8')).toBe('')
    })

    it('writes what it is told to trust into known_hosts, and logs in from then on', async () => {
      writeFileSync(file(), '')
      const trust = await stranger.srv(['hosts', 'trust', 'production', 'web1', 'web2', '--yes'])
      expect(trust.code, transcript(trust)).toBe(0)
      expect(trust.stdout).toBe('')
      expect(shown(trust, stranger)).toMatchInlineSnapshot(`
        "web1: [127.9.0.1]:<port> shows ED25519 SHA256:<fingerprint>
        web1: added to <sshd>/known_hosts_of_stranger
        web2: [127.9.0.2]:<port> shows ED25519 SHA256:<fingerprint>
        web2: added to <sshd>/known_hosts_of_stranger
        "
      `)
      const again = await stranger.srv(['hosts', 'trust', 'production', 'web1', '--yes', '--json'])
      expect(again.code, transcript(again)).toBe(0)
      expect(JSON.parse(again.stdout)).toEqual({ schema: 'srv.hosts.trust/1', added: 0, errors: [] })
      const outcome = await stranger.srv(['deploy', 'production', '--host', 'web1,web2'])
      expect(outcome.code, transcript(outcome)).toBe(0)
      expect(await stranger.host('web2').page()).toMatchObject({ version: 'one' })
    })

    it('asks the other hosts too when one of them cannot be reached or has another key, and tells of it in the end', async () => {
      const other = publicHalf(makeKey(join(stranger.folder, 'another')))
      writeFileSync(file(), `[127.9.0.2]:${String(sshd.port)} ${other}\n`)
      const hosts = `away: { address: '127.9.0.98', port: ${String(sshd.port)}, sshConfig: '${stranger.sshConfig}' },`
      stranger.configure({ hosts })
      const trust = await stranger.srv(['hosts', 'trust', 'production', '--yes', '--json'])
      stranger.configure({})
      expect(trust.code, transcript(trust)).toBe(4)
      expect(JSON.parse(trust.stdout)).toMatchObject({
        schema: 'srv.hosts.trust/1',
        added: 1,
        errors: [
          { code: 'SRV-227', where: { host: 'web2' }, exit_code: 9 },
          { code: 'SRV-202', where: { host: 'away' }, exit_code: 4 },
        ],
      })
      expect(shown(trust, stranger).split('\n').slice(0, 3)).toEqual([
        'web1: [127.9.0.1]:<port> shows ED25519 SHA256:<fingerprint>',
        'web1: added to <sshd>/known_hosts_of_stranger',
        'web3: ED25519 SHA256:<fingerprint> is already trusted.',
      ])
      expect(trust.stderr.match(/✖ SRV-\d+/g)).toEqual(['✖ SRV-227', '✖ SRV-202'])
    })

    it('refuses a host whose key has changed, and does not replace the key', async () => {
      const other = publicHalf(makeKey(join(stranger.folder, 'other')))
      const known = `${names()} ${other}\n`
      writeFileSync(file(), known)
      const logins = sshd.logins()
      const before = trees(stranger)
      const outcome = await stranger.srv(['deploy', 'production', '--host', 'web1'])
      expect(outcome.code, transcript(outcome)).toBe(9)
      expect(shown(outcome, stranger)).toMatchInlineSnapshot(`
        "deploy production: 1 host, 9 steps
        web1  connect  ✖ SRV-222 web1 (127.9.0.1:<port>): its host key has CHANGED. Either the machine was reinstalled, or somebody is intercepting the connection. No login was attempted. known:  ED25519 SHA256:<fingerprint> shown:  ED25519 SHA256:<fingerprint> from: <sshd>/known_hosts_of_stranger

        ✖ SRV-222 web1 (127.9.0.1:<port>): its host key has CHANGED. Either the machine was reinstalled, or somebody is intercepting the connection. No login was attempted.
          known:
          ED25519 SHA256:<fingerprint>
          shown:
          ED25519 SHA256:<fingerprint>
          from: <sshd>/known_hosts_of_stranger
          → Before anything else, ask whoever runs web1. If the machine is new: \`ssh-keygen -R '[127.9.0.1]:<port>' -f <sshd>/known_hosts_of_stranger\`, then \`srv hosts trust production web1\`.

        ✖ Refused: deploy production  1 host · <duration>
          No host was changed.
          Log: .srv/runs/<run>/web1.log
        "
      `)
      const trust = await stranger.srv(['hosts', 'trust', 'production', 'web1', '--yes'])
      expect(trust.code, transcript(trust)).toBe(9)
      expect(shown(trust, stranger)).toMatchInlineSnapshot(`
        "✖ SRV-227 web1 shows ED25519 SHA256:<fingerprint>, but <sshd>/known_hosts_of_stranger says ED25519 SHA256:<fingerprint>. No key of it was written.
          → Find out why the key changed. If the host was reinstalled: ssh-keygen -R '[127.9.0.1]:<port>' -f <sshd>/known_hosts_of_stranger, then trust it again.
        "
      `)
      expect(readFileSync(file(), 'utf8')).toBe(known)
      expect(sshd.logins()).toBe(logins)
      expect(trees(stranger)).toEqual(before)
    })
  })
})
