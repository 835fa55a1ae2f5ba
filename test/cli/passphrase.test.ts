import { join } from 'node:path'
import { env as environment, execPath } from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { transcript } from '../support/cli-run.ts'
import { normalised } from '../support/cli-text.ts'
import { program } from '../support/project-folder.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, makeKey, publicHalf, startSshd, type Sshd } from '../support/sshd.ts'
import { onTerminal, type Terminal } from '../support/terminal.ts'

describe.skipIf(!hasSshd || !hasPrograms('script'))('a key with a passphrase', () => {
  let sshd: Sshd
  let project: Project
  let key: string
  const args = ['exec', 'production', '--host', 'locked1', '--host', 'locked2', '--', 'echo', 'inside']

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.0.1', '127.9.0.2'] })
    project = cliProject(sshd, { web1: {} })
    key = makeKey(join(sshd.folder, 'locked'), 'ed25519', 'open sesame')
    sshd.authorize(key)
    const aliases = { locked1: '127.9.0.1', locked2: '127.9.0.2' }
    const sshConfig = sshd.sshConfig(
      Object.fromEntries(
        Object.entries(aliases).map(([name, address]) => [name, { HostName: address, IdentityFile: key }]),
      ),
      { withKey: false },
    )
    const host = (name: string): string =>
      `${name}: { address: '${name}', sshConfig: '${sshConfig}', root: '${project.folder}/hosts/${name}' },`
    project.configure({ hosts: Object.keys(aliases).map(host).join(' ') })
    expect(publicHalf(key)).toContain('ssh-ed25519')
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  function terminal(): Terminal {
    return onTerminal([execPath, program, ...args], project.folder, {
      PATH: environment['PATH'] ?? '',
      HOME: join(project.folder, 'home'),
      TERM: 'xterm',
    })
  }

  it('is asked for once on a terminal, for both hosts, and is not shown', async () => {
    const before = sshd.logins()
    const seat = terminal()
    await seat.shows(`Passphrase for ${key}: `)
    seat.type('open sesame\r')
    const { code, screen } = await seat.ended
    expect(code, screen).toBe(0)
    expect(screen.split('Passphrase for').length - 1).toBe(1)
    expect(screen).not.toContain('sesame')
    expect(screen.match(/inside/g)).toHaveLength(2)
    expect(sshd.logins() - before).toBe(2)
  })

  it('may be mistyped, and is then asked for again', async () => {
    const seat = terminal()
    await seat.shows(`Passphrase for ${key}: `)
    seat.type('open sesam\r')
    await seat.shows(`Passphrase for ${key}: \r\nPassphrase for ${key}: `)
    seat.type('open sesame\r')
    const { code, screen } = await seat.ended
    expect(code, screen).toBe(0)
  })

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('is not waited for after %s', async (_name, typed) => {
    const seat = terminal()
    await seat.shows(`Passphrase for ${key}: `)
    seat.type(typed)
    const { code, screen } = await seat.ended
    expect(code, screen).toBe(130)
  })

  it('is an error that says what to do where there is no terminal', async () => {
    const outcome = await project.srv(args)
    expect(outcome.code, transcript(outcome)).toBe(4)
    expect(normalised(outcome.stderr, project, sshd)).toMatchSnapshot()
  })
})
