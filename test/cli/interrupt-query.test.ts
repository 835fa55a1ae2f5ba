import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'
import { tcpLink, type TcpLink } from '../support/tcp-link.ts'

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('a command that asks a host which never answers', () => {
  let sshd: Sshd
  let project: Project
  /** The way to a machine that takes connections and says nothing. */
  let silent: TcpLink

  /** How often the host that lets srv in, and then says nothing, was given a command. */
  const commands = (): number => sshd.log().split('Starting session: forced-command').length - 1

  /** Runs srv, and interrupts it once that host has been asked. */
  async function interrupted(args: readonly string[], signal: NodeJS.Signals = 'SIGINT'): Promise<Outcome> {
    const before = commands()
    const run = project.start(args)
    await expect.poll(commands, { timeout: 60_000 }).toBeGreaterThan(before)
    run.child.kill(signal)
    return run.outcome
  }

  beforeAll(async () => {
    const matches = ['Match LocalAddress 127.9.17.2', '  ForceCommand exec cat >/dev/null']
    sshd = await startSshd({ addresses: ['127.9.17.1', '127.9.17.2'], matches })
    silent = await tcpLink(sshd.port, '127.9.17.1')
    silent.swallow()
    project = cliProject(sshd, {
      web1: {},
      mute: {},
      deaf: { HostName: '127.0.0.1', Port: String(silent.port), ConnectTimeout: '3600' },
    })
    const to = `'mute:${join(project.folder, 'tank')}'`
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: ${to}, schedule: { at: '03:00' } })]`,
    })
  })
  afterAll(async () => {
    project.remove()
    await silent.stop()
    await sshd.stop()
  })

  it.each([
    ['status production'],
    ['status production --host mute'],
    ['releases production --host web1,mute'],
    ['snapshots production --host web1'],
    ['schedule list production --host web1'],
    ['lock status production --host mute'],
    ['lock release production app --host mute'],
  ])('srv %s ends with the first Ctrl-C', async (line) => {
    const outcome = await interrupted(line.split(' '))
    expect(outcome, transcript(outcome)).toMatchObject({ code: 130, stdout: '' })
    expect(outcome.stderr).toContain('✖ SRV-516 Interrupted before every host had answered. Nothing was changed.\n')
    expect(outcome.stderr.match(/SRV-/g)).toHaveLength(1)
  })

  it('exits 143 after SIGTERM, and says so to programs', async () => {
    const outcome = await interrupted(['status', 'production', '--json'], 'SIGTERM')
    expect(outcome.code, transcript(outcome)).toBe(143)
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      schema: 'srv.error/1',
      exit_code: 143,
      error: { code: 'SRV-516' },
    })
  })

  it.each([
    ['status production', 'every host had answered'],
    ['exec production -- true', 'srv was logged in to deaf'],
    ['logs production', 'srv was logged in to deaf'],
    ['hosts trust production deaf --yes', 'the key of deaf was trusted'],
  ])('srv %s ends while it logs in', async (line, until) => {
    const before = silent.connections()
    const words = line.split(' ')
    const run = project.start(
      words[0] === 'hosts' ? words : [...words.slice(0, 2), '--host', 'deaf', ...words.slice(2)],
    )
    await expect.poll(() => silent.connections(), { timeout: 60_000 }).toBeGreaterThan(before)
    run.child.kill('SIGINT')
    const outcome = await run.outcome
    expect(outcome, transcript(outcome)).toMatchObject({ code: 130, stdout: '' })
    expect(outcome.stderr).toContain(`SRV-516 Interrupted before ${until}.`)
  })
})
