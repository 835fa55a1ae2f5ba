import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endProcessesBelow } from '../../support/cli-processes.ts'
import { cliProject, type HostFolder, type Project } from '../../support/cli-project.ts'
import { transcript } from '../../support/cli-run.ts'
import { normalised, summaryOf } from '../../support/cli-text.ts'
import { isRequired } from '../../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../../support/sshd.ts'

const mayMount = isRequired || process.getuid?.() === 0

/** The steps of a deploy that write on the host, and for each what makes the host's disk full just before it. */
const steps = ['git:push', 'git:fetch', 'env', 'build', 'git:switch', 'restart'] as const

function fillBefore(step: string): string {
  const fill = 'async ({ run, paths }) => { await run`cat /dev/zero > ${paths.service}/filler 2>/dev/null || :` }'
  return `hooks: { 'before:${step}': ${fill} },`
}

/** A host on a file system of its own, which is small: only root can mount one. */
describe.skipIf(!mayMount || !hasSshd)('a disk that gets full', () => {
  let sshd: Sshd
  let project: Project
  const web1 = (): HostFolder => project.host('web1')
  const instance = `build: 'head -c 100000 /dev/zero > built', env: { GREETING: 'hello' },`

  const kept = async (): Promise<object> => ({
    current: web1().current(),
    releases: web1().releases(),
    history: readFileSync(web1().path('.srv/native/history'), 'utf8'),
    page: await web1().page(),
  })
  const makeRoom = (): void => {
    execFileSync('rm', ['-f', web1().path('filler')])
  }

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.0.1'] })
    project = cliProject(sshd, { web1: {} })
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=130m', 'tmpfs', web1().root])
    project.configure({ instance })
    project.app.commit('one')
    const outcome = await project.srv(['deploy', 'production'])
    expect(outcome.code, transcript(outcome)).toBe(0)
  })
  afterAll(async () => {
    endProcessesBelow(project.folder)
    execFileSync('umount', ['-l', web1().root])
    project.remove()
    await sshd.stop()
  })

  it('before the run is told as what it is, and nothing is changed', async () => {
    const before = await kept()
    execFileSync('sh', ['-c', 'cat /dev/zero > "$1" 2>/dev/null || :', 'sh', web1().path('filler')])
    const outcome = await project.srv(['deploy', 'production'])
    makeRoom()
    expect(summaryOf(normalised(outcome.stderr, project, sshd)), transcript(outcome)).toMatchSnapshot()
    expect(outcome.code).toBe(9)
    expect(await kept()).toEqual(before)
  })

  it.for(steps)('before %s leaves what serves, and the next deploy works', async (step) => {
    const before = await kept()
    project.app.commit(`with no room for ${step}`)
    project.configure({ instance, further: fillBefore(step) })
    const outcome = await project.srv(['deploy', 'production'])
    expect(summaryOf(normalised(outcome.stderr, project, sshd)), transcript(outcome)).toMatchSnapshot()
    expect(outcome.code).toBe(5)
    makeRoom()
    expect(await kept()).toEqual(before)

    project.configure({ instance })
    const again = await project.srv(['deploy', 'production'])
    expect(again.code, transcript(again)).toBe(0)
    expect(await web1().page()).toMatchObject({ version: `with no room for ${step}`, greeting: 'hello' })
  })
  it.for(['git:record', 'readme'])('before %s, when the new release serves already, says so', async (step) => {
    project.app.commit(`with no room for ${step}`)
    project.configure({ instance, further: fillBefore(step) })
    const outcome = await project.srv(['deploy', 'production'])
    makeRoom()
    expect(summaryOf(normalised(outcome.stderr, project, sshd)), transcript(outcome)).toMatchSnapshot()
    expect(outcome.code).toBe(6)
    expect(await web1().page()).toMatchObject({ version: `with no room for ${step}`, greeting: 'hello' })
    project.configure({ instance })
    const again = await project.srv(['deploy', 'production'])
    expect(again.code, transcript(again)).toBe(0)
  })
})
