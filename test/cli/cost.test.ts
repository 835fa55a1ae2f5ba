import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { transcript } from '../support/cli-run.ts'
import { startSshd, type Sshd } from '../support/sshd.ts'

describe('what a run costs a host', () => {
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

  it('logs in once and sends few commands, whatever the number of steps', { timeout: 240_000 }, async () => {
    expect({
      'first deploy': await cost(project, 'deploy', 'production'),
      'nothing to do': await cost(project, 'deploy', 'production'),
      update: (project.app.commit('two'), await cost(project, 'deploy', 'production')),
      rollback: await cost(project, 'rollback', 'production'),
      restart: await cost(project, 'restart', 'production'),
      status: await cost(project, 'status', 'production'),
      'dry run': await cost(project, 'deploy', 'production', '--dry-run'),
      exec: await cost(project, 'exec', 'production', '--', 'true'),
      'one host': await cost(project, 'status', 'production', '--host', 'web2'),
    }).toMatchInlineSnapshot(`
      {
        "dry run": {
          "127.9.0.1": "1 log-ins, 1 commands",
          "127.9.0.2": "1 log-ins, 1 commands",
        },
        "exec": {
          "127.9.0.1": "1 log-ins, 1 commands",
          "127.9.0.2": "1 log-ins, 1 commands",
        },
        "first deploy": {
          "127.9.0.1": "1 log-ins, 5 commands",
          "127.9.0.2": "1 log-ins, 5 commands",
        },
        "nothing to do": {
          "127.9.0.1": "1 log-ins, 3 commands",
          "127.9.0.2": "1 log-ins, 3 commands",
        },
        "one host": {
          "127.9.0.1": "0 log-ins, 0 commands",
          "127.9.0.2": "1 log-ins, 1 commands",
        },
        "restart": {
          "127.9.0.1": "1 log-ins, 4 commands",
          "127.9.0.2": "1 log-ins, 4 commands",
        },
        "rollback": {
          "127.9.0.1": "1 log-ins, 3 commands",
          "127.9.0.2": "1 log-ins, 3 commands",
        },
        "status": {
          "127.9.0.1": "1 log-ins, 1 commands",
          "127.9.0.2": "1 log-ins, 1 commands",
        },
        "update": {
          "127.9.0.1": "1 log-ins, 5 commands",
          "127.9.0.2": "1 log-ins, 5 commands",
        },
      }
    `)
  })

  it('is no more where the checkout itself is moved', { timeout: 240_000 }, async () => {
    const inPlace = cliProject(sshd)
    try {
      inPlace.configure({
        plugins: `[git({ strategy: 'in-place' })]`,
        instance: `build: 'git rev-parse HEAD > REVISION', env: { A: 'b' },`,
      })
      const files = { '.gitignore': 'REVISION\n' }
      const measure = async (...args: readonly string[]): Promise<readonly string[]> =>
        Object.values(await cost(inPlace, ...args))
      inPlace.app.commit('one', { files })
      const first = await measure('deploy', 'production')
      inPlace.app.commit('two', { files })
      expect({
        first,
        update: await measure('update', 'production'),
        rollback: await measure('rollback', 'production'),
      }).toMatchInlineSnapshot(`
        {
          "first": [
            "1 log-ins, 5 commands",
            "1 log-ins, 5 commands",
          ],
          "rollback": [
            "1 log-ins, 3 commands",
            "1 log-ins, 3 commands",
          ],
          "update": [
            "1 log-ins, 5 commands",
            "1 log-ins, 5 commands",
          ],
        }
      `)
    } finally {
      inPlace.remove()
    }
  })
})
