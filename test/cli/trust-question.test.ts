import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { env as environment, execPath } from 'node:process'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { program } from '../support/project-folder.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'
import { onTerminal, type Terminal } from '../support/terminal.ts'

describe.skipIf(!hasSshd || !hasPrograms('script'))('the question whether a host key is to be trusted', () => {
  let sshd: Sshd
  let project: Project
  const question = 'Trust it? [y/N] '
  const file = (): string => join(sshd.folder, 'known_hosts_of_stranger')
  const names = (): readonly string[] =>
    readFileSync(file(), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' ')[0] ?? '')
  const nameOf = (address: string): string => `[${address}]:${String(sshd.port)}`

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.19.1', '127.9.19.2'] })
    const settings = { UserKnownHostsFile: file() }
    project = cliProject(sshd, { web1: settings, web2: settings })
  })
  beforeEach(() => {
    writeFileSync(file(), '')
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  function terminal(): Terminal {
    return onTerminal([execPath, program, 'hosts', 'trust', 'production'], project.folder, {
      PATH: environment['PATH'] ?? '',
      HOME: join(project.folder, 'home'),
      TERM: 'xterm',
    })
  }

  it('is asked for each host, and answered by yes or anything else', async () => {
    const seat = terminal()
    await seat.shows(question)
    seat.type('\r')
    await seat.shows('web1: not trusted, nothing was written.')
    await seat.shows('web2: [127')
    seat.type('y\r')
    const { code, screen } = await seat.ended
    expect(code, screen).toBe(0)
    expect(names()).toEqual([nameOf('127.9.19.2')])
  })

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('ends srv with %s, and adds nothing', async (_name, typed) => {
    writeFileSync(file(), `${nameOf('127.9.19.1')} ${sshd.hostKeys[0] ?? ''}\n`)
    const seat = terminal()
    await seat.shows(question)
    seat.type(typed)
    const { code, screen } = await seat.ended
    expect(code, screen).toBe(130)
    expect(screen).toContain('is already trusted.')
    // This terminal does not say how wide it is.
    expect(screen.replaceAll(/\s+/g, ' ')).toContain('Interrupted before the key of web2 was trusted.')
    expect(screen).not.toContain('SRV-900')
    expect(names()).toEqual([nameOf('127.9.19.1')])
  })
})
