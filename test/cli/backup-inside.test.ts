import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { runEnd, transcript } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('a destination in the data themselves', () => {
  let sshd: Sshd
  let project: Project
  const service = (...parts: readonly string[]): string => project.host('web1').path(...parts)

  async function refused(to: string, ...args: readonly string[]): Promise<void> {
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: ['${to}'], acls: false, xattrs: false })]`,
    })
    const outcome = await project.srv(['backup', 'production', '--host', 'web1', '--json', ...args])
    expect(outcome.code, transcript(outcome)).toBe(9)
    const [error] = runEnd(outcome).errors
    expect([error?.code, error?.message]).toEqual(['SRV-661', expect.stringContaining(service('data'))])
    expect(readdirSync(service('data'))).toEqual(['one'])
  }

  beforeEach(async () => {
    sshd = await startSshd({ addresses: ['127.9.42.1', '127.9.42.2'] })
    project = cliProject(sshd, { web1: {}, nas: {} })
    mkdirSync(service('data'), { recursive: true })
    writeFileSync(service('data/one'), 'one')
  })
  afterEach(async () => {
    project.remove()
    await sshd.stop()
  })

  it('is refused by its path, also in a dry run', async () => {
    await refused(service('data/backups'))
    await refused(service('data'), '--dry-run')
  })

  it('is refused where links and other names of the machine lead into them', async () => {
    symlinkSync(service('data'), join(project.folder, 'disk'))
    await refused(join(project.folder, 'disk/backups'))
    await refused(`nas:${service('data/backups')}`)
  })

  it('is refused as the second of two, before a snapshot is begun in the first', async () => {
    symlinkSync(service('data'), join(project.folder, 'disk'))
    for (const second of [service('data/backups'), join(project.folder, 'disk/backups')]) {
      await refused(`${join(project.folder, 'first')}', '${second}`)
      expect(existsSync(join(project.folder, 'first'))).toBe(false)
    }
  })

  it('is refused where the data are in it', async () => {
    const moved = join(project.folder, 'disk/web1/app/moved')
    mkdirSync(moved, { recursive: true })
    writeFileSync(join(moved, 'one'), 'one')
    rmSync(service('data'), { recursive: true })
    symlinkSync(moved, service('data'))
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: '${join(project.folder, 'disk')}', acls: false, xattrs: false })]`,
    })
    const outcome = await project.srv(['backup', 'production', '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(9)
    expect(runEnd(outcome).errors.map(({ code }) => code)).toEqual(['SRV-661'])
    expect(existsSync(join(project.folder, 'disk/web1/app/.lock'))).toBe(false)
  })
})
