import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd || !hasPrograms('rsync', 'sqlite3'))('databases in srv restore', () => {
  let sshd: Sshd
  let project: Project
  const service = (...parts: readonly string[]): string => project.host('web1').path(...parts)
  const data = (...parts: readonly string[]): string => service('data', ...parts)
  const ids = (): readonly string[] =>
    readdirSync(join(project.folder, 'tank/web1/app'))
      .filter((name) => /^\d{8}T\d{6}Z$/.test(name))
      .sort()
  const sql = (file: string, statements: string): string =>
    execFileSync('sqlite3', [file, statements], { encoding: 'utf8' }).trim()

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  const errors = (outcome: Outcome): readonly (readonly [string, string])[] =>
    runEnd(outcome).errors.map(({ code, message }) => [code, message])

  function configure(dumps: string): void {
    project.configure({
      head: `import { dump, rsyncBackup, sqlite } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false })]`,
      instance: `backup: { dumps: [${dumps}], rehearsal: { start: false } },`,
    })
  }

  beforeEach(async () => {
    sshd = await startSshd({ addresses: ['127.9.53.1', '127.9.53.2'] })
    project = cliProject(sshd, { web1: {}, nas: {} })
    mkdirSync(data(), { recursive: true })
  })
  afterEach(async () => {
    project.remove()
    await sshd.stop()
  })

  it('are not loaded to where a link in the data leads, before anything is brought, and the data can be restored without them', async () => {
    const live = join(project.folder, 'fast')
    mkdirSync(live)
    sql(join(live, 'app.sqlite'), 'create table words (word); insert into words values (1)')
    symlinkSync(live, data('db'))
    configure(`sqlite({ file: 'db/app.sqlite' })`)
    await srv(0, 'backup', 'production')
    sql(join(live, 'app.sqlite'), 'insert into words values (2)')
    const reason = `in the snapshot ${ids()[0] ?? ''} the way to data/db/app.sqlite is a link that leads out of the data, and loading it there would replace a file that is in use`
    const restored = await srv(10, 'restore', 'production', '--confirm', 'app@web1')
    expect(errors(restored)).toEqual([['SRV-651', `srv cannot load the dump db-app: ${reason}.`]])
    expect(restored.stdout).not.toContain('bringing ')
    expect(errors(await srv(10, 'restore', 'production', '--rehearse'))).toEqual([
      ['SRV-655', expect.stringContaining(`the dump db-app cannot be loaded: ${reason}`)],
    ])
    expect([readdirSync(live), sql(join(live, 'app.sqlite'), 'select count(*) from words')]).toEqual([
      ['app.sqlite'],
      '2',
    ])
    await srv(0, 'restore', 'production', '--confirm', 'app@web1', '--dumps', 'none')
    expect(readdirSync(service()).filter((name) => name.startsWith('.re'))).toEqual([])
  })
  it('that cannot be dumped any more are restored where that is said, and what was put back is kept nowhere else', async () => {
    const server = (): string => readFileSync(service('server'), 'utf8')
    const kept = (): readonly string[] => readdirSync(service()).filter((name) => name.startsWith('dumps.before-'))
    const dump = (load: string): string =>
      `dump({ name: 'db', command: 'cat "$SRV_DATA/../server"; if [ -e "$SRV_DATA/../broken" ]; then echo a page is gone >&2; exit 3; fi', load: '${load}' })`
    const write = 'cat >"$SRV_DATA/../server"'
    configure(dump(write))
    writeFileSync(data('file'), 'one')
    writeFileSync(service('server'), 'then')
    await srv(0, 'backup', 'production')
    const restore = ['restore', 'production', '--confirm', 'app@web1'] as const

    // A load that fails is put back, and nothing else needs what was kept for it.
    configure(dump(`${write}; grep -q now "$SRV_DATA/../server"`))
    writeFileSync(service('server'), 'now')
    await srv(5, ...restore)
    expect([server(), kept()]).toEqual(['now', []])

    configure(dump(write))
    writeFileSync(service('broken'), '')
    const { errors: told } = runEnd(await srv(5, ...restore))
    expect(told).toMatchObject([
      {
        code: 'SRV-668',
        message:
          'What the databases of app on web1 hold now could not be kept before the restore: the dump db failed with exit status 3. Nothing was replaced.',
        output: expect.arrayContaining(['a page is gone']),
        hint: expect.stringContaining('--without-old-dumps'),
      },
    ])
    expect([server(), kept()]).toEqual(['now', []])
    await srv(0, ...restore, '--without-old-dumps')
    expect(server()).toBe('then')

    // What was not kept cannot be put back, and that is told.
    configure(dump(`${write}; false`))
    writeFileSync(service('server'), 'now')
    const lost = await srv(5, ...restore, '--without-old-dumps')
    expect(lost.stdout).toContain('What db held before was not kept (--without-old-dumps), and cannot be put back')
    expect(server()).toBe('then')

    // Empty is what a new database may be: that is kept too.
    configure(dump(write))
    rmSync(service('broken'))
    writeFileSync(service('server'), '')
    await srv(0, ...restore)
    expect(server()).toBe('then')
  })
})
