import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd || !hasPrograms('rsync', 'sqlite3'))('a part of the data with an SQLite database', () => {
  let sshd: Sshd
  let project: Project
  const service = (...parts: readonly string[]): string => project.host('web1').path(...parts)
  const db = (): string => service('data/db')
  const rows = (): string => sql('select count(*) from words; pragma integrity_check')

  /** What is written stays in the log beside the database, as where an app was ended in the middle. */
  function sql(...statements: readonly string[]): string {
    const input = ['.dbconfig no_ckpt_on_close on', ...statements].join(';\n').replace(';', '')
    return execFileSync('sqlite3', [join(db(), 'app')], { encoding: 'utf8', input: `${input};\n` })
      .replace(/^.*no_ckpt_on_close on\n/, '')
      .trim()
  }
  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  const problems = (outcome: Outcome): readonly string[] =>
    runEnd(outcome).errors.map(({ code, message }) => `${code} ${message}`)
  function configure(dumps: string, exclude = ''): void {
    project.configure({
      head: `import { dump, rsyncBackup, sqlite } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false })]`,
      instance: `backup: { dumps: [${dumps}], exclude: [${exclude}] },`,
    })
  }

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.72.1', '127.9.72.2'] })
    project = cliProject(sshd, { web1: {}, nas: {} })
    mkdirSync(service('data/db'), { recursive: true })
    writeFileSync(join(db(), 'file'), '')
    sql('pragma journal_mode=wal', 'create table words (word)', 'insert into words values (1), (2)')
    configure(`sqlite({ file: 'db/app' }), dump({ name: 'server', command: 'echo 1', load: 'false' })`)
    await srv(0, 'backup', 'production')
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it('is newer where only the log of the database is', async () => {
    // Neither the folder nor the database itself.
    execFileSync('find', [service('data'), '!', '-name', '*-wal', '-exec', 'touch', '-d', '2026-01-01', '{}', '+'])
    sql('insert into words values (3)')
    execFileSync('touch', ['-d', '2026-01-01', join(db(), 'app')])
    const refused = problems(await srv(9, 'restore', 'production', '--path', 'db/app'))
    expect(refused).toEqual([expect.stringMatching(/^SRV-644 .*\/data\/db\/app-wal was written since/)])
  })

  it('has the database as its dump has it, and nothing of the log of now', async () => {
    expect(rows()).toBe('3\nok')
    const vault = join(project.folder, 'tank/web1/app')
    const [id = ''] = readdirSync(vault).filter((name) => /^\d{8}T/.test(name))
    // That of a server is not loaded, and is not brought or verified.
    truncateSync(join(vault, id, 'dumps/server.dump'))
    await srv(0, 'restore', 'production', '--path', 'db/app', '--confirm', 'app@web1')
    expect(rows()).toBe('2\nok')
    const [before = ''] = readdirSync(service()).filter((name) => name.startsWith('data.before-'))
    expect(existsSync(service(before, 'db/app-wal'))).toBe(true)
    sql('insert into words values (3)')
    await srv(0, 'restore', 'production', '--path', 'db', '--confirm', 'app@web1')
    expect([rows(), existsSync(join(db(), 'file'))]).toEqual(['2\nok', true])
  })

  it('is refused where the dump is not what it was', async () => {
    const vault = join(project.folder, 'tank/web1/app')
    const [id = ''] = readdirSync(vault).filter((name) => /^\d{8}T/.test(name))
    const kept = join(vault, id, 'dumps/db-app.sqlite')
    const before = readFileSync(kept)
    writeFileSync(kept, Buffer.concat([before.subarray(0, -1), Buffer.from('x')]))
    const outcome = await srv(10, 'restore', 'production', '--path', 'db/app', '--confirm', 'app@web1')
    expect(runEnd(outcome).errors).toMatchObject([
      { code: 'SRV-642', output: [expect.stringMatching(/^differs in content.*: \.\.\/dumps\/db-app\.sqlite$/)] },
    ])
    writeFileSync(kept, before)
  })

  it('is not the database alone where its log is in the snapshot, and no dump is loaded', async () => {
    configure('')
    sql('insert into words values (3)')
    await srv(0, 'backup', 'production')
    const restore = ['restore', 'production', '--confirm', 'app@web1'] as const
    const refused = [
      expect.stringMatching(/^SRV-645 .* the SQLite database db\/app is damaged without app-wal beside it: /),
    ]
    expect(problems(await srv(10, ...restore, '--path', 'db/app'))).toEqual(refused)
    configure(`sqlite({ file: 'db/app' })`)
    expect(problems(await srv(10, ...restore, '--path', 'db/app', '--dumps', 'none'))).toEqual(refused)
    configure('')
    sql('delete from words')
    await srv(0, ...restore, '--path', 'db')
    expect(rows()).toBe('3\nok')
  })

  it('is the database also where copies leave it out', async () => {
    configure(`sqlite({ file: 'db/app' })`, `'/db/app*'`)
    await srv(0, 'backup', 'production', '--allow-shrunk')
    const before = rows()
    sql('insert into words values (4)')
    const restore = ['restore', 'production', '--path', 'db/app'] as const
    expect(problems(await srv(9, ...restore))).toEqual([expect.stringMatching(/^SRV-644 /)])
    await srv(0, ...restore, '--confirm', 'app@web1')
    expect([rows(), existsSync(join(db(), 'file'))]).toEqual([before, true])
    expect(problems(await srv(10, ...restore, '--dumps', 'none', '--confirm', 'app@web1'))).toEqual([
      expect.stringMatching(/^SRV-643 There is no db\/app in /),
    ])
  })
})
