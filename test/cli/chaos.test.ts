import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { runEnd, transcript } from '../support/cli-run.ts'
import { startSshd, type Sshd } from '../support/sshd.ts'

const hosts = ['web1', 'web2'] as const

const deploySteps = ['git:push', 'git:fetch', 'build', 'git:switch', 'restart', 'health', 'git:record', 'readme']
const rollbackSteps = ['git:select', 'git:switch', 'restart', 'health', 'git:record', 'readme']

/** Every boundary between two steps is the beginning of one of them; the last one is an end. */
function boundaries(steps: readonly string[]): readonly (readonly [string, string, string])[] {
  const starts = steps.map((task, index) => ['step.start', task, hosts[index % 2] ?? 'web1'] as const)
  return [...starts, ['step.end', steps.at(-1) ?? '', 'web2']]
}

describe('srv is killed', () => {
  let sshd: Sshd
  let project: Project
  let version = 0

  const release = (host: string): string | undefined => project.host(host).current()
  const releaseOf = async (host: string): Promise<unknown> => (await project.host(host).page()) ?? 'nothing'

  /** Starts a run and kills it as soon as it tells of a boundary. */
  async function killAt(args: readonly string[], type: string, task: string, host: string): Promise<void> {
    const running = project.start([...args, '--json'])
    const place = task === 'git:select' ? '"host":"local"' : `"host":"${host}"`
    await new Promise<void>((resolve) => {
      let text = ''
      const look = (chunk: string): void => {
        text += chunk
        const isThere = text
          .split('\n')
          .some(
            (line) => line.includes(`"type":"${type}"`) && line.includes(`"task":"${task}"`) && line.includes(place),
          )
        if (isThere) running.child.kill('SIGKILL')
      }
      running.child.stdout?.on('data', look)
      void running.outcome.then(() => {
        resolve()
      })
    })
    const outcome = await running.outcome
    expect(outcome.code, `${type} ${task} on ${host} was never told\n${transcript(outcome)}`).toBe('SIGKILL')
  }

  /** As if 45 s had passed: then nobody holds the leases of the dead run. */
  function letLeasesEnd(): void {
    const uptime = Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]))
    for (const host of hosts) {
      const beat = join(project.host(host).path('.srv/lease'), 'beat')
      if (existsSync(beat)) writeFileSync(beat, `${uptime - 45}\n`)
    }
  }

  /** One release serves on each host, it is one of those that could, and nothing else runs or is locked. */
  async function expectWhole(serving: readonly unknown[]): Promise<void> {
    for (const host of hosts) {
      const folder = project.host(host)
      expect(existsSync(folder.path('.srv/lease')), `lease on ${host}`).toBe(false)
      expect(folder.releases()).toContain(release(host))
      expect(await releaseOf(host)).toMatchObject({ commit: expect.any(String) as string })
      expect(serving).toContainEqual(((await folder.page()) as { commit: string }).commit)
      // Whatever else was started has ended.
      expect(folder.processes(), `processes on ${host}`).toHaveLength(1)
    }
  }

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.2.1', '127.9.2.2'] })
    project = cliProject(sshd)
    project.configure({ instance: `build: 'true',` })
    project.app.commit('first')
    const outcome = await project.srv(['deploy', 'production', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(0)
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it.each(boundaries(deploySteps))(
    'at %s of %s on %s in a deploy, and the next deploy makes it whole',
    async (...at) => {
      const commit = project.app.commit(`version ${++version}`)
      await killAt(['deploy', 'production'], ...at)
      letLeasesEnd()
      const outcome = await project.srv(['deploy', 'production', '--json'])
      expect(outcome.code, transcript(outcome)).toBe(0)
      await expectWhole([commit])
    },
  )

  it.each(boundaries(rollbackSteps))(
    'at %s of %s on %s in a rollback, and the next deploy makes it whole',
    async (...at) => {
      const commit = project.app.commit(`version ${++version}`)
      expect((await project.srv(['deploy', 'production'])).code).toBe(0)
      await killAt(['rollback', 'production'], ...at)
      letLeasesEnd()
      const outcome = await project.srv(['deploy', 'production', '--json'])
      expect(outcome.code, transcript(outcome)).toBe(0)
      expect(runEnd(outcome).errors).toEqual([])
      await expectWhole([commit])
    },
  )
})
