import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endProcessesBelow } from '../../support/cli-processes.ts'
import { cliProject, type HostFolder, type Project } from '../../support/cli-project.ts'
import { transcript } from '../../support/cli-run.ts'
import { normalised, summaryOf } from '../../support/cli-text.ts'
import { isRequired } from '../../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../../support/sshd.ts'

const mayMount = isRequired || process.getuid?.() === 0

/** The steps of a deploy in place that write on the host. */
const steps = ['git:push', 'git:fetch', 'git:switch', 'env', 'build', 'restart'] as const

/** Makes the host's disk full just before a step; `first` is done before that. */
function fillBefore(step: string, first = ':'): string {
  const fill = `${first}; cat /dev/zero > \${paths.service}/filler 2>/dev/null || :`
  return `hooks: { 'before:${step}': async ({ run, paths }) => { await run\`${fill}\` } },`
}

/** Which of two files `git:switch` cannot write depends on the pages that the file system has just got back. */
const firstFull = (text: string): string =>
  text.replace(
    /^( *)fatal: sha1 file '.*[/]index[.]lock' write error[.] Out of diskspace$/m,
    "$1head: error writing 'standard output': No space left on device",
  )

/** A host on a file system of its own, which is small: only root can mount one. */
describe.skipIf(!mayMount || !hasSshd)('a disk that gets full below a checkout', () => {
  let sshd: Sshd
  let project: Project
  const web1 = (): HostFolder => project.host('web1')
  const build = 'head -c 100000 /dev/zero > building; mv building built; git rev-parse HEAD > REVISION'
  const instance = (greeting: string): string => `build: '${build}', env: { GREETING: '${greeting}' },`
  const parts = {
    plugins: `[git({ strategy: 'in-place' })]`,
    instance: instance('hello'),
  }
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { cwd: web1().path('instances/native'), encoding: 'utf8' }).trim()

  /** The checkout, what srv knows about it, and what answers. */
  const kept = async (): Promise<object> => ({
    head: git('rev-parse', 'HEAD'),
    status: git('status', '--porcelain', '--branch'),
    variables: readFileSync(web1().path('instances/native/.env'), 'utf8'),
    built: readFileSync(web1().path('instances/native/built'), 'latin1').length,
    history: readFileSync(web1().path('.srv/native/history'), 'utf8'),
    page: await web1().page(),
  })
  const commit = (version: string): string =>
    project.app.commit(version, { files: { '.gitignore': 'buil*\nREVISION\n' } })
  const makeRoom = (): void => {
    execFileSync('rm', ['-f', web1().path('filler')])
  }
  async function deploysAgain(version: string): Promise<void> {
    project.configure(parts)
    const again = await project.srv(['deploy', 'production'])
    expect(again.code, transcript(again)).toBe(0)
    expect(await web1().page()).toMatchObject({ version, greeting: 'hello' })
    expect(git('status', '--porcelain')).toBe('')
  }

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.0.1'] })
    project = cliProject(sshd, { web1: {} })
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=130m', 'tmpfs', web1().root])
    project.configure(parts)
    commit('one')
    const outcome = await project.srv(['deploy', 'production'])
    expect(outcome.code, transcript(outcome)).toBe(0)
  })
  afterAll(async () => {
    endProcessesBelow(project.folder)
    execFileSync('umount', ['-l', web1().root])
    project.remove()
    await sshd.stop()
  })

  it.for(steps)('before %s leaves what serves, and the next deploy works', async (step) => {
    const before = await kept()
    commit(`with no room for ${step}`)
    project.configure({ ...parts, instance: instance(`before ${step}`), further: fillBefore(step) })
    const outcome = await project.srv(['deploy', 'production'])
    makeRoom()
    expect(firstFull(summaryOf(normalised(outcome.stderr, project, sshd))), transcript(outcome)).toMatchSnapshot()
    expect(outcome.code).toBe(5)
    expect(await kept()).toEqual(before)
    await deploysAgain(`with no room for ${step}`)
  })

  it('says so when not even the way back has room, and the next deploy repairs it', async () => {
    project.app.commit('with more files', { files: { 'extra/large': 'x'.repeat(3_000_000) } })
    await deploysAgain('with more files')
    project.app.git('rm', '--quiet', '-r', 'extra')
    commit('with no way back')
    project.configure({ ...parts, further: fillBefore('build', 'rm ${paths.instance}/.git/srv-reserve') })
    const outcome = await project.srv(['deploy', 'production'])
    expect(summaryOf(normalised(outcome.stderr, project, sshd)), transcript(outcome)).toMatchSnapshot()
    expect(outcome.code).toBe(7)
    makeRoom()
    expect(git('status', '--porcelain')).not.toBe('')
    await deploysAgain('with no way back')
    expect(existsSync(web1().path('instances/native/extra'))).toBe(false)
    expect(existsSync(web1().path('instances/native/.git/srv-reserve'))).toBe(false)
  })

  it.for(['git:record', 'readme'])('before %s, when the new commit serves already, says so', async (step) => {
    commit(`with no room for ${step}`)
    project.configure({ ...parts, further: fillBefore(step) })
    const outcome = await project.srv(['deploy', 'production'])
    makeRoom()
    expect(summaryOf(normalised(outcome.stderr, project, sshd)), transcript(outcome)).toMatchSnapshot()
    expect(outcome.code).toBe(6)
    expect(await web1().page()).toMatchObject({ version: `with no room for ${step}`, greeting: 'hello' })
    await deploysAgain(`with no room for ${step}`)
  })
})
