import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hosts } from '../support/chaos.ts'
import { cliProject, type Project } from '../support/cli-project.ts'
import { runEnd, states, transcript } from '../support/cli-run.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

/** A boundary of a deploy, and what `--json` tells there. */
const boundaries: readonly (readonly [string, string])[] = [
  ['the log-in', '"type":"host.connect"'],
  ['the checks', '"type":"check.start"'],
  ...['git:resolve', 'git:push', 'git:fetch', 'build', 'git:switch', 'restart', 'health', 'git:record', 'readme'].map(
    (task) => [task, `"task":"${task}","target"`] as const,
  ),
]

/** The steps that change something that runs, in the folder that it runs from. */
const inPlace = boundaries.filter(([task]) => ['git:switch', 'build', 'restart', 'health'].includes(task))

describe.skipIf(!hasSshd).each([
  ['releases', '127.9.4.1', boundaries],
  ['in-place', '127.9.4.3', inPlace],
] as const)('Ctrl-C in any step of the strategy %s', (strategy, address, all) => {
  let sshd: Sshd
  let project: Project
  let version = 0
  const pages = (): Promise<readonly unknown[]> => Promise.all(hosts.map((host) => project.host(host).page()))

  beforeAll(async () => {
    sshd = await startSshd({ addresses: [address, address.replace(/\d$/, (last) => String(Number(last) + 1))] })
    project = cliProject(sshd)
    const build = strategy === 'in-place' ? 'git rev-parse HEAD > REVISION' : 'true'
    project.configure({ plugins: `[git({ strategy: '${strategy}' })]`, instance: `build: '${build}',` })
    project.app.commit('first', { files: { '.gitignore': 'REVISION\n' } })
    const outcome = await project.srv(['deploy', 'production'])
    expect(outcome.code, transcript(outcome)).toBe(0)
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it.each(all)('%s: says what each host has, which is so, and leaves no lease and no process', async (_, text) => {
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
  })
})
