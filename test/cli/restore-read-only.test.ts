import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noAccounts } from '../support/accounts.ts'
import { cliProject, type Project } from '../support/cli-project.ts'
import { runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { startMachine, type Machine } from '../support/machine.ts'
import { hasPrograms, isRequired } from '../support/programs.ts'
import { startSshd, type Sshd } from '../support/sshd.ts'

const skipped = !isRequired && (noAccounts !== undefined || !hasPrograms('sshd', 'ssh', 'ssh-keygen', 'rsync', 'curl'))

describe.skipIf(skipped)('a restore of folders that their own user may not write to', () => {
  let sshd: Sshd
  let machine: Machine
  let project: Project
  const host = (...parts: readonly string[]): string => project.host('web1').path(...parts)
  const left = (): readonly string[] => readdirSync(host()).filter((name) => /^[.]restore-|before-/.test(name))
  const mode = (path: string): number => statSync(path).mode & 0o777

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.71.1', '127.9.71.2'] })
    machine = await startMachine('reader', '127.9.71.3')
    project = cliProject(sshd, { web1: machine.found, nas: {} })
    for (const folder of ['', 'hosts', 'hosts/web1']) {
      mkdirSync(join(project.folder, folder), { recursive: true })
      chmodSync(join(project.folder, folder), 0o755)
    }
    machine.give(join(project.folder, 'hosts/web1'))
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false })]`,
      health: `command('! test -e "$SRV_DATA/sick" || { : >"$SRV_DATA/asked"; until test -e "$SRV_DATA/go"; do sleep 0.1; done; false; }', { samples: 2, intervalMs: 100, timeoutMs: 5_000 })`,
    })
    project.app.commit('one')
    await srv(0, 'deploy', 'production')
    mkdirSync(host('data/modules/deep'), { recursive: true })
    writeFileSync(host('data/modules/deep/file'), 'then')
    writeFileSync(host('data/sick'), '')
    machine.give(host('data'))
    chmodSync(host('data/modules/deep'), 0o555)
    chmodSync(host('data/modules'), 0o555)
    await srv(0, 'backup', 'production')
    rmSync(host('data/sick'))
  })
  afterAll(async () => {
    project.remove()
    await machine.remove()
    await sshd.stop()
  })

  /** A restore that is undone, with what somebody does to the restored data while their health is asked. */
  async function undone(meanwhile: () => void): Promise<void> {
    rmSync(host('data/asked'), { force: true })
    const restored = srv(5, 'restore', 'production', '--confirm', 'app@web1')
    await expect.poll(() => existsSync(host('data/asked')), { timeout: 20_000 }).toBe(true)
    meanwhile()
    writeFileSync(host('data/go'), '')
    const outcome = await restored
    expect(runEnd(outcome).errors.map(({ code }) => code)).toEqual(['SRV-501'])
    expect(existsSync(host('data/sick'))).toBe(false)
    expect(await project.host('web1').page()).toMatchObject({ version: 'one' })
  }

  it('is undone where the service is not healthy, and nothing of it is left', async () => {
    await undone(() => undefined)
    expect(left()).toEqual([])
  })

  it('is undone where somebody else wrote among what was restored, and only that is left', async () => {
    await undone(() => {
      mkdirSync(host('data/of root'), { mode: 0o700 })
      writeFileSync(host('data/of root/file'), '')
    })
    const [staging = '', ...others] = left()
    expect(others).toEqual([])
    expect(readdirSync(host(staging, 'data'))).toEqual(['of root'])
    const outcome = await srv(0, 'backup', 'production')
    expect(outcome.stdout).toContain(`${staging} could not be removed`)
    rmSync(host(staging), { recursive: true })
  })

  it('puts one in place of another', async () => {
    chmodSync(host('data/modules/deep'), 0o755)
    writeFileSync(host('data/modules/deep/file'), 'now')
    chmodSync(host('data/modules/deep'), 0o555)
    await srv(0, 'restore', 'production', '--confirm', 'app@web1', '--path', 'modules')
    expect(readFileSync(host('data/modules/deep/file'), 'utf8')).toBe('then')
    expect([mode(host('data/modules')), mode(host('data/modules/deep'))]).toEqual([0o555, 0o555])
    const [before = ''] = left()
    expect(readFileSync(host(before, 'modules/deep/file'), 'utf8')).toBe('now')
    expect(mode(host(before, 'modules'))).toBe(0o555)
  })
})
