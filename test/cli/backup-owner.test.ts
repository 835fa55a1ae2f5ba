import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('hosts of two environments that have one name', () => {
  let sshd: Sshd
  let project: Project
  const vault = (...parts: readonly string[]): string => join(project.folder, 'tank/web1/app', ...parts)
  const ids = (): readonly string[] => readdirSync(vault()).filter((name) => /^\d{8}T\d{6}Z$/.test(name))
  const data = (host: string): string => project.host(host).path('data/of')
  const errors = (outcome: Outcome) => runEnd(outcome).errors

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }

  /** The host that `staging` calls web1 as well has another root on another address. */
  function configure(root: string, to = `{ laptop: 'tank' }`, address = 'other'): void {
    const other = { address, sshConfig: project.sshConfig, root }
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      environments: `staging: { hosts: { web1: ${JSON.stringify(other)} } },`,
      plugins: `[git(), rsyncBackup({ to: ${to}, keep: { last: 1 }, schedule: { at: '03:00' }, acls: false, xattrs: false })]`,
    })
  }

  beforeEach(async () => {
    sshd = await startSshd({ addresses: ['127.9.41.1', '127.9.41.2'] })
    project = cliProject(sshd, { web1: {}, other: {} })
    for (const host of ['web1', 'other']) {
      mkdirSync(project.host(host).path('data'), { recursive: true })
      writeFileSync(data(host), host)
    }
    configure(project.host('other').root)
    await srv(0, 'backup', 'production', '--host', 'web1')
  })
  afterEach(async () => {
    project.remove()
    await sshd.stop()
  })

  it('keeps the snapshots of one from the other, until they are taken over', async () => {
    const [id = ''] = ids()
    const owner = readFileSync(vault('owner'), 'utf8')
    expect(owner).toMatch(new RegExp(`^\\S+ ${project.host('web1').path()}\\n$`))
    const [error] = errors(await srv(9, 'backup', 'staging'))
    expect(error?.code).toBe('SRV-660')
    expect(error?.message).toContain(`it was started for ${owner.trim()}`)
    expect(errors(await srv(9, 'prune', 'staging')).map(({ code }) => code)).toEqual(['SRV-660'])
    const confirmed = ['--confirm', 'app@web1']
    expect(errors(await srv(9, 'restore', 'staging', ...confirmed)).map(({ code }) => code)).toEqual(['SRV-660'])
    for (const action of ['install', 'remove']) {
      const refused = errors(await srv(9, 'schedule', action, 'staging'))
      expect(refused.map(({ code }) => code)).toEqual(['SRV-660'])
    }
    expect(readFileSync(data('other'), 'utf8')).toBe('other')
    expect(ids()).toEqual([id])
    expect(readdirSync(vault()).toSorted()).toEqual(['.lock', id, 'latest', 'owner'])
    await srv(0, 'backup', 'production', '--host', 'web1')
    // What the machine in its place is to have is said by the name that both have.
    await srv(0, 'restore', 'staging', '--from', 'web1', ...confirmed)
    expect(readFileSync(data('other'), 'utf8')).toBe('web1')
    await srv(0, 'backup', 'staging', '--adopt')
    expect(readFileSync(vault('owner'), 'utf8').trim()).toMatch(new RegExp(` ${project.host('other').path()}$`))
    expect(errors(await srv(9, 'backup', 'production', '--host', 'web1')).map(({ code }) => code)).toEqual(['SRV-660'])
    await srv(0, 'prune', 'staging')
  })

  it('takes snapshots from before it was written down for those of whoever comes first', async () => {
    rmSync(vault('owner'))
    await srv(0, 'restore', 'production', '--host', 'web1', '--confirm', 'app@web1')
    expect(existsSync(vault('owner'))).toBe(false)
    await srv(0, 'backup', 'production', '--host', 'web1')
    await srv(9, 'backup', 'staging')
  })

  it('are told apart in status and in the list, which count the snapshots of one for it alone', async () => {
    const [id = ''] = ids()
    const shown = async (command: string, environment: string, ...args: readonly string[]): Promise<unknown> =>
      JSON.parse((await srv(0, command, environment, '--host', 'web1', ...args)).stdout)
    const other = { on: 'local', of_another_machine: true }
    expect(await shown('snapshots', 'staging')).toMatchObject({ snapshots: [{ ...other, id, state: 'good' }] })
    expect(await shown('status', 'staging')).toMatchObject({ backups: [{ ...other, last_good: null, error: null }] })
    const own = { on: 'local', of_another_machine: false }
    expect(await shown('snapshots', 'production')).toMatchObject({ snapshots: [{ ...own, id }] })
    expect(await shown('status', 'production')).toMatchObject({ backups: [{ ...own, last_good: id }] })
    const text = async (command: string): Promise<string> => (await project.srv([command, 'staging'])).stdout
    expect(await text('snapshots')).toContain(' good, of another machine ')
    expect(await text('status')).toContain(' none, of another machine ')
    rmSync(vault(id), { recursive: true })
    expect(await shown('status', 'staging')).toMatchObject({ backups: [{ ...own, last_good: null }] })
  })

  it('lists the snapshots of a host that cannot be asked, and does not know whose they are', async () => {
    const [id = ''] = ids()
    configure(project.host('other').root, undefined, 'nobody')
    const { stdout } = await srv(0, 'snapshots', 'staging')
    expect(JSON.parse(stdout)).toMatchObject({ snapshots: [{ id, of_another_machine: null }], errors: [] })
  })

  it('is refused as the second of two destinations, before a snapshot is begun in the first', async () => {
    configure(project.host('other').root, `[{ laptop: 'first' }, { laptop: 'tank' }]`)
    expect(errors(await srv(9, 'backup', 'staging')).map(({ code }) => code)).toEqual(['SRV-660'])
    expect(existsSync(join(project.folder, 'first'))).toBe(false)
    await srv(0, 'backup', 'staging', '--adopt')
    expect(readdirSync(join(project.folder, 'first/web1/app'))).toContain('owner')
  })

  it('knows one machine under two names of its root', async () => {
    configure(project.host('web1').root)
    await srv(0, 'backup', 'staging')
    expect(ids()).toHaveLength(1)
  })
})
