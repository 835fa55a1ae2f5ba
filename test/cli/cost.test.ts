import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { transcript } from '../support/cli-run.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd)('what a run costs a host', () => {
  let sshd: Sshd
  let project: Project

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.0.1', '127.9.0.2'] })
    project = cliProject(sshd)
    project.configure({ instance: `build: 'true', env: { A: 'b' }, git: { shared: ['storage/'] },` })
    project.app.commit('one')
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  /** Runs srv, and counts its log-ins and commands on each host. */
  async function cost(of: Project, ...args: readonly string[]): Promise<Readonly<Record<string, string>>> {
    const from = sshd.log().length
    const outcome = await of.srv(args)
    expect(outcome.code, transcript(outcome)).toBe(0)
    const said = sshd.log().slice(from)
    const count = (pattern: RegExp): number => said.match(pattern)?.length ?? 0
    // A connection says its server's address once, when it begins; its later lines have the port of the client.
    return Object.fromEntries(
      sshd.addresses.map((address) => {
        const clients = [...said.matchAll(/Connection from 127\.\S+ port (\d+) on (\S+)/g)]
          .filter(([, , server]) => server === address)
          .map(([, port]) => port ?? '')
        const of = (start: string): number =>
          clients.reduce((sum, port) => sum + count(new RegExp(`${start} .* from 127\\.\\S+ port ${port}\\b`, 'g')), 0)
        const [logins, commands] = [of('Accepted publickey for'), of('Starting session: command for')]
        return [address, `${String(logins)} log-ins, ${String(commands)} commands`]
      }),
    )
  }

  const each = (said: string): object => ({ '127.9.0.1': said, '127.9.0.2': said })

  it('logs in once for a first deploy, and sends five commands', async () => {
    expect(await cost(project, 'deploy', 'production')).toEqual(each('1 log-ins, 5 commands'))
  })

  it('sends three commands when there is nothing to do', async () => {
    expect(await cost(project, 'deploy', 'production')).toEqual(each('1 log-ins, 3 commands'))
  })

  it('sends five commands for an update, whatever the number of steps', async () => {
    project.app.commit('two')
    expect(await cost(project, 'deploy', 'production')).toEqual(each('1 log-ins, 5 commands'))
  })

  it('sends three commands for a rollback', async () => {
    expect(await cost(project, 'rollback', 'production')).toEqual(each('1 log-ins, 3 commands'))
  })

  it('sends four commands for a restart', async () => {
    expect(await cost(project, 'restart', 'production')).toEqual(each('1 log-ins, 4 commands'))
  })

  it.each([
    ['status', ['status', 'production']],
    ['a dry run', ['deploy', 'production', '--dry-run']],
    ['exec', ['exec', 'production', '--', 'true']],
  ])('sends one command for %s', async (_name, args) => {
    expect(await cost(project, ...args)).toEqual(each('1 log-ins, 1 commands'))
  })

  it('asks no host that was not named', async () => {
    expect(await cost(project, 'status', 'production', '--host', 'web2')).toEqual({
      '127.9.0.1': '0 log-ins, 0 commands',
      '127.9.0.2': '1 log-ins, 1 commands',
    })
  })

  describe('where the checkout itself is moved', () => {
    const files = { '.gitignore': 'REVISION\n' }
    let inPlace: Project

    beforeAll(() => {
      inPlace = cliProject(sshd)
      inPlace.configure({
        plugins: `[git({ strategy: 'in-place' })]`,
        instance: `build: 'git rev-parse HEAD > REVISION', env: { A: 'b' },`,
      })
      inPlace.app.commit('one', { files })
    })
    afterAll(() => {
      inPlace.remove()
    })

    it('sends five commands for a first deploy', async () => {
      expect(await cost(inPlace, 'deploy', 'production')).toEqual(each('1 log-ins, 5 commands'))
    })

    it('sends five commands for an update', async () => {
      inPlace.app.commit('two', { files })
      expect(await cost(inPlace, 'update', 'production')).toEqual(each('1 log-ins, 5 commands'))
    })

    it('sends three commands for a rollback', async () => {
      expect(await cost(inPlace, 'rollback', 'production')).toEqual(each('1 log-ins, 3 commands'))
    })
  })
})
