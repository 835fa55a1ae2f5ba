import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { transcript } from '../support/cli-run.ts'
import { normalised } from '../support/cli-text.ts'
import { hasSshd, noBashrc, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd)('where hosts fetch the code from', () => {
  let sshd: Sshd
  let project: Project
  let settings: string
  let bare: string

  beforeEach(async () => {
    settings = mkdtempSync(join(tmpdir(), 'srv-cli-git-'))
    // Hosts have an SSH client of their own, which reads this when the repository is one that is reached over SSH.
    const config = [`SetEnv ${noBashrc} GIT_SSH_COMMAND="ssh -F ${settings}/ssh_config"`]
    sshd = await startSshd({ addresses: ['127.9.0.1', '127.9.0.2'], config })
    project = cliProject(sshd, { web1: {} })
    bare = join(project.folder, 'remote.git')
    project.app.git('init', '--quiet', '--bare', '--initial-branch=main', bare)
  })
  afterEach(async () => {
    project.remove()
    rmSync(settings, { recursive: true, force: true })
    await sshd.stop()
  })

  it('fetches from a path on the host, and takes the branch there rather than the one here', async () => {
    const there = project.app.commit('there')
    project.app.git('push', '--quiet', bare, 'main')
    project.app.commit('here')
    project.configure({ source: `repository: '${bare}',`, plugins: `[git({ source: 'remote' })]` })
    const outcome = await project.srv(['deploy', 'production'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    expect(await project.host('web1').page()).toMatchObject({ version: 'there', commit: there })
    const steps = outcome.stderr.split('\n').filter((line) => line.startsWith('▸ git:'))
    expect(steps.join('\n')).not.toContain('git:push')
  })

  it('fetches a tag over SSH with the key of the host', async () => {
    const aliases = sshd.sshConfig({})
    writeFileSync(join(settings, 'ssh_config'), `Include ${aliases}\n`)
    const commit = project.app.commit('one')
    project.app.git('tag', 'v1')
    project.app.git('push', '--quiet', bare, 'main', 'v1')
    const url = `ssh://${sshd.user}@127.9.0.2:${String(sshd.port)}${bare}`
    project.configure({ source: `repository: '${url}', ref: 'v1',`, plugins: '[git()]' })
    const outcome = await project.srv(['deploy', 'production'], { env: { GIT_SSH_COMMAND: `ssh -F ${aliases}` } })
    expect(outcome.code, transcript(outcome)).toBe(0)
    expect(await project.host('web1').page()).toMatchObject({ version: 'one', commit })
  })

  it('refuses a remote that cannot be read before anything is changed', async () => {
    project.configure({ source: `repository: '${bare}-gone',`, plugins: `[git({ source: 'remote' })]` })
    const outcome = await project.srv(['deploy', 'production'])
    expect(outcome.code, transcript(outcome)).toBe(9)
    expect(normalised(outcome.stderr, project, sshd).split('\n\n')[1]).toMatchInlineSnapshot(`
      "✖ SRV-330 local git:resolve: This machine cannot read the repository <project>/remote.git-gone: '<project>/remote.git-gone' does not appear to be a git repository. Nothing was changed.
        fatal: '<project>/remote.git-gone' does not appear to be a git repository
        fatal: Could not read from remote repository.
        Please make sure you have the correct access rights
        and the repository exists.
        → Try it by hand: \`git ls-remote <project>/remote.git-gone\`."
    `)
    expect(readdirSync(project.host('web1').root)).toEqual([])
  })
})
