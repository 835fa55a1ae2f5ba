import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noAccounts } from '../support/accounts.ts'
import { cliProject, type Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { startMachine, type Machine } from '../support/machine.ts'
import { hasPrograms, isRequired } from '../support/programs.ts'
import { startSshd, type Sshd } from '../support/sshd.ts'

/** As a manifest has it. */
const written = String.raw`data/\#303\#274n\#303\#257\#012of others`

const skipped =
  !isRequired && (noAccounts !== undefined || !hasPrograms('sshd', 'ssh', 'ssh-keygen', 'rsync', 'sqlite3'))

describe.skipIf(skipped)('a restore by a user who can give files to nobody else', () => {
  let sshd: Sshd
  let machine: Machine
  let project: Project
  let user = { uid: 0, gid: 0 }
  const from = (...parts: readonly string[]): string => project.host('web1').path('data', ...parts)
  const host = (...parts: readonly string[]): string => project.host('web2').path(...parts)

  async function bring(code: number, ...args: readonly string[]): Promise<Outcome> {
    const words = ['restore', 'production', '--host', 'web2', '--from', 'web1', '--json']
    const outcome = await project.srv([...words, ...args])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  async function backup(): Promise<void> {
    const outcome = await project.srv(['backup', 'production', '--host', 'web1', '--allow-shrunk', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(0)
  }
  const restore = (code: number, ...args: readonly string[]): Promise<Outcome> =>
    bring(code, '--confirm', 'app@web2', ...args)
  const refused = (path: string, owner: string) => [
    {
      code: 'SRV-659',
      message: expect.stringContaining(
        `: ${path} belongs to ${owner}, and the login user there, ${String(user.uid)}, is`,
      ),
    },
  ]

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.26.1', '127.9.26.2'] })
    machine = await startMachine('limited', '127.9.26.3')
    project = cliProject(sshd, { web1: {}, nas: {}, web2: machine.found })
    for (const folder of ['', 'hosts', 'hosts/web2']) chmodSync(join(project.folder, folder), 0o755)
    machine.give(join(project.folder, 'hosts/web2'))
    user = statSync(join(project.folder, 'hosts/web2'))
    project.configure({
      head: `import { rsyncBackup, sqlite } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false })]`,
      instance: `backup: { dumps: [sqlite({ file: 'mine/app.sqlite' })], exclude: ['/mine/app.sqlite'] },`,
    })
    for (const folder of ['db', 'mine/deep', 'group', 'ünï\nof others/his'])
      mkdirSync(from(folder), { recursive: true })
    for (const file of ['db/one', 'mine/deep/file', 'group/file', 'ünï\nof others/his/file'])
      writeFileSync(from(file), file)
    execFileSync('sqlite3', [from('mine/app.sqlite'), 'create table words (word)'])
    machine.give(from())
    chownSync(from('db'), 1234, 1234)
    chownSync(from('db/one'), 1234, 1234)
    chownSync(from('group/file'), user.uid, 1234)
    chownSync(from('ünï\nof others'), 1234, user.gid)
    await backup()
  })
  afterAll(async () => {
    await machine.remove()
    project.remove()
    await sshd.stop()
  })

  it('is refused before anything is brought or stopped, with the first path that would be lost', async () => {
    mkdirSync(host('data/mine'), { recursive: true })
    writeFileSync(host('data/mine/now'), 'now')
    machine.give(host())
    const outcome = await restore(9)
    expect(runEnd(outcome).errors).toMatchObject(refused(written, `1234:${String(user.gid)}`))
    expect(outcome.stdout).not.toContain('"step":"2.1"')
    expect(outcome.stdout).not.toContain('bringing')
    expect(readdirSync(host())).toEqual(expect.arrayContaining(['data']))
    expect(readdirSync(host()).filter((name) => /restore|before/.test(name))).toEqual([])
    expect(readFileSync(host('data/mine/now'), 'utf8')).toBe('now')
  })

  it('goes by the part that is brought, down to a group and a folder on the way that is not there', async () => {
    expect(runEnd(await restore(9, '--path', 'db')).errors).toMatchObject(refused('data/db', '1234:1234'))
    expect(runEnd(await restore(9, '--path', 'group')).errors).toMatchObject(
      refused('data/group/file', `${String(user.uid)}:1234`),
    )
    const inside = 'ünï\nof others/his/file'
    expect(runEnd(await restore(9, '--path', inside)).errors).toMatchObject(
      refused(written, `1234:${String(user.gid)}`),
    )
    await restore(0, '--path', 'mine/deep')
    expect(readFileSync(host('data/mine/deep/file'), 'utf8')).toBe('mine/deep/file')
    // The folder on the way is there and stays as it is.
    mkdirSync(host('data/ünï\nof others'))
    machine.give(host('data'))
    await restore(0, '--path', inside)
    expect(statSync(host('data', inside)).uid).toBe(user.uid)
  })

  it('is a warning where it is brought beside everything', async () => {
    const to = join(project.folder, 'hosts/web2/found')
    const warned = (outcome: Outcome): readonly string[] =>
      eventsOf(outcome).flatMap(({ type, message }) => (type === 'warning' ? [String(message)] : []))
    expect(warned(await bring(0, '--to', to))).toEqual([expect.stringContaining(`${written}, which belongs to 1234:`)])
    expect(statSync(join(to, 'data/db/one')).uid).toBe(user.uid)
    expect(warned(await bring(0, '--to', `${to}/mine`, '--path', 'mine'))).toEqual([])
  })

  it('goes by the dump of a file that is not brought', async () => {
    for (const folder of ['db', 'group', 'ünï\nof others']) rmSync(from(folder), { recursive: true })
    chownSync(from('mine/app.sqlite'), 1234, 1234)
    await backup()
    expect(runEnd(await restore(9)).errors).toMatchObject(refused('dumps/mine-app.sqlite', '1234:1234'))
    await restore(0, '--dumps', 'none')
    chownSync(from('mine/app.sqlite'), user.uid, user.gid)
    await backup()
    await restore(0)
    expect(statSync(host('data/mine/app.sqlite')).uid).toBe(user.uid)
  })
})
