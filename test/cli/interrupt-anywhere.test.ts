import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hosts } from '../support/chaos.ts'
import { cliProject, type Project } from '../support/cli-project.ts'
import { runEnd, states, transcript } from '../support/cli-run.ts'
import { startSshd, type Sshd } from '../support/sshd.ts'

/** A boundary of a deploy, and what `--json` tells there. */
const boundaries: readonly (readonly [string, string])[] = [
  ['the log-in', '"type":"host.connect"'],
  ['the checks', '"type":"check.start"'],
  ...['git:resolve', 'git:push', 'git:fetch', 'build', 'git:switch', 'restart', 'health', 'git:record', 'readme'].map(
    (task) => [task, `"task":"${task}","target"`] as const,
  ),
]

describe('Ctrl-C in any step', () => {
  let sshd: Sshd
  let project: Project
  let version = 0
  const pages = (): Promise<readonly unknown[]> => Promise.all(hosts.map((host) => project.host(host).page()))

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.4.1', '127.9.4.2'] })
    project = cliProject(sshd)
    project.configure({ instance: `build: 'true',` })
    project.app.commit('first')
    const outcome = await project.srv(['deploy', 'production'])
    expect(outcome.code, transcript(outcome)).toBe(0)
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it.each(boundaries)(
    '%s: says what each host has, which is so, and leaves no lease and no process',
    async (_, text) => {
      const before = await pages()
      const wanted = project.app.commit(`version ${++version}`)
      const running = project.start(['deploy', 'production', '--json'])
      await running.printed(text)
      running.child.kill('SIGINT')
      const outcome = await running.outcome
      expect(outcome.code, transcript(outcome)).toBe(130)
      expect(runEnd(outcome)).toMatchObject({ status: 'cancelled', exit_code: 130 })
      const said = states(outcome)
      const after = await pages()
      for (const [index, host] of hosts.entries()) {
        const folder = project.host(host)
        expect(existsSync(folder.path('.srv/lease')), `lease on ${host}`).toBe(false)
        expect(folder.processes(), `processes on ${host}`).toHaveLength(1)
        const state = said[`app/native@${host}`] ?? 'unchanged'
        if (state === 'new') expect(after[index]).toMatchObject({ commit: wanted })
        else expect([state, after[index]]).toEqual([expect.stringMatching(/^(old|unchanged)$/), before[index]])
      }
    },
  )
})
