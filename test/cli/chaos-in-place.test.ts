import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { boundaries, expectWhole, hosts, killAt, letLeasesEnd } from '../support/chaos.ts'
import { cliProject, type Project } from '../support/cli-project.ts'
import { transcript } from '../support/cli-run.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

const rolling = ['git:switch', 'build', 'restart', 'health']
const finish = ['git:record', 'readme']
const deploySteps = { prepare: ['git:push', 'git:fetch'], rolling, finish }
const rollbackSteps = { once: ['git:select'], rolling, finish }

describe.skipIf(!hasSshd)('srv is killed while it works in a checkout', () => {
  let sshd: Sshd
  let project: Project
  let version = 0

  function commit(): string {
    const files = { 'build.sh': 'git rev-parse HEAD > REVISION\n', '.gitignore': 'REVISION\n' }
    return project.app.commit(`version ${++version}`, { files })
  }

  /** The checkout is at the commit, on its branch, and nothing in it is changed. */
  function expectClean(wanted: string): void {
    for (const host of hosts) {
      const cwd = project.host(host).path('instances/native')
      const git = (...args: readonly string[]): string => execFileSync('git', args, { cwd, encoding: 'utf8' }).trim()
      expect([git('rev-parse', 'HEAD'), git('symbolic-ref', '--short', 'HEAD'), git('status', '--porcelain')]).toEqual([
        wanted,
        'main',
        '',
      ])
    }
  }

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.2.3', '127.9.2.4'] })
    project = cliProject(sshd)
    project.configure({ plugins: `[git({ strategy: 'in-place' })]`, instance: `build: 'sh build.sh',` })
    for (let number = 0; number < 2; number++) {
      commit()
      const outcome = await project.srv(['deploy', 'production', '--json'])
      expect(outcome.code, transcript(outcome)).toBe(0)
    }
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it.each(boundaries(deploySteps))(
    'at %s of %s on %s in a deploy, and the next deploy makes it whole',
    async (...at) => {
      const wanted = commit()
      await killAt(project, ['deploy', 'production'], at)
      letLeasesEnd(project)
      const outcome = await project.srv(['deploy', 'production', '--json'])
      expect(outcome.code, transcript(outcome)).toBe(0)
      expectClean(wanted)
      await expectWhole(project, [wanted])
    },
  )

  it.each(boundaries(rollbackSteps))(
    'at %s of %s on %s in a rollback, and the next deploy makes it whole',
    async (...at) => {
      const wanted = commit()
      await killAt(project, ['rollback', 'production'], at)
      letLeasesEnd(project)
      const outcome = await project.srv(['deploy', 'production', '--json'])
      expect(outcome.code, transcript(outcome)).toBe(0)
      expectClean(wanted)
      await expectWhole(project, [wanted])
    },
  )
})
