import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { boundaries, expectWhole, hosts, killAt, letLeasesEnd } from '../support/chaos.ts'
import { cliProject, type Project } from '../support/cli-project.ts'
import { runEnd, transcript } from '../support/cli-run.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

const rolling = ['git:switch', 'restart', 'health']
const finish = ['git:record', 'readme']
const deploySteps = { prepare: ['git:push', 'git:fetch', 'build'], rolling, finish }
const rollbackSteps = { once: ['git:select'], rolling, finish }

describe.skipIf(!hasSshd)('srv is killed', () => {
  let sshd: Sshd
  let project: Project
  let version = 0

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.2.1', '127.9.2.2'] })
    project = cliProject(sshd)
    project.configure({ instance: `build: 'true',` })
    for (const name of ['first', 'second']) {
      project.app.commit(name)
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
      const commit = project.app.commit(`version ${++version}`)
      await killAt(project, ['deploy', 'production'], at)
      letLeasesEnd(project)
      const outcome = await project.srv(['deploy', 'production', '--json'])
      expect(outcome.code, transcript(outcome)).toBe(0)
      for (const host of hosts) expect(project.host(host).releases()).toContain(project.host(host).current())
      await expectWhole(project, [commit])
    },
  )

  it.each(boundaries(rollbackSteps))(
    'at %s of %s on %s in a rollback, and the next deploy makes it whole',
    async (...at) => {
      const commit = project.app.commit(`version ${++version}`)
      await killAt(project, ['rollback', 'production'], at)
      letLeasesEnd(project)
      const outcome = await project.srv(['deploy', 'production', '--json'])
      expect(outcome.code, transcript(outcome)).toBe(0)
      expect(runEnd(outcome).errors).toEqual([])
      await expectWhole(project, [commit])
    },
  )
})
