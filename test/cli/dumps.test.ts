import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd || !hasPrograms('rsync', 'sqlite3'))('dumps in srv backup', () => {
  let sshd: Sshd
  let project: Project
  const service = (...parts: readonly string[]): string => project.host('web1').path(...parts)
  const data = (...parts: readonly string[]): string => service('data', ...parts)
  const vault = (...parts: readonly string[]): string => join(project.folder, 'tank/web1/app', ...parts)
  const ids = (): readonly string[] =>
    existsSync(vault())
      ? readdirSync(vault())
          .filter((name) => /^\d{8}T\d{6}Z$/.test(name))
          .sort()
      : []
  const sql = (file: string, statements: string): string =>
    execFileSync('sqlite3', [file, statements], { encoding: 'utf8' }).trim()

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  const errors = (outcome: Outcome): readonly unknown[] =>
    runEnd(outcome).errors.map(({ code, message, output }) => [code, message, output])

  function configure(
    dumps: string,
    instance = '',
    to = `{ folder: 'nas:${project.folder}/tank', way: 'laptop' }`,
  ): void {
    project.configure({
      head: `import { dump, postgres, rsyncBackup, sqlite } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: ${to}, acls: false, xattrs: false })]`,
      instance: `backup: { dumps: [${dumps}], ${instance} },`,
    })
  }

  beforeEach(async () => {
    sshd = await startSshd({ addresses: ['127.9.13.1', '127.9.13.2'] })
    project = cliProject(sshd, { web1: {}, nas: {} })
    mkdirSync(data(), { recursive: true })
    sql(data('app.sqlite'), 'create table words (word); insert into words values (1)')
  })
  afterEach(async () => {
    project.remove()
    await sshd.stop()
  })

  it('are in each snapshot and its manifest, and nowhere else', async () => {
    configure(
      `sqlite({ file: 'app.sqlite' }), dump({ name: 'kept', command: 'cat "$SRV_DATA/../secret"' })`,
      '',
      `[{ folder: 'nas:${project.folder}/tank', way: 'laptop' }, '${project.folder}/disk2']`,
    )
    writeFileSync(service('secret'), 'of a server')
    // A run that died may have left its own.
    mkdirSync(service('.dumps-of-a-dead-run'))
    await srv(0, 'backup', 'production')
    await srv(0, 'backup', 'production')
    const [first = '', id = ''] = ids()
    for (const one of [vault(first), vault(id), join(project.folder, 'disk2/web1/app', id)]) {
      expect(readdirSync(one).sort()).toEqual([
        'data',
        'dumps',
        'manifest',
        'release.json',
        'snapshot.json',
        'snapshot.sum',
      ])
      expect(statSync(join(one, 'dumps')).mode & 0o777).toBe(0o700)
      expect(readdirSync(join(one, 'dumps')).sort()).toEqual(['app.sqlite', 'kept.dump'])
      expect(readFileSync(join(one, 'dumps/kept.dump'), 'utf8')).toBe('of a server')
      expect(sql(join(one, 'dumps/app.sqlite'), 'pragma integrity_check; select word from words')).toBe('ok\n1')
      const names = readFileSync(join(one, 'manifest'), 'utf8').replaceAll(/^(\S+ ){7}/gm, '')
      expect(names).toBe('../dumps/./\n../dumps/app.sqlite\n../dumps/kept.dump\n./\napp.sqlite\n')
    }
    expect(readdirSync(service()).filter((name) => name.startsWith('.dumps-'))).toEqual([])
    const bytes = 2 * statSync(data('app.sqlite')).size + 'of a server'.length
    expect(JSON.parse(readFileSync(vault(id, 'snapshot.json'), 'utf8'))).toMatchObject({
      state: 'good',
      files: 3,
      bytes,
    })
    await srv(0, 'verify', 'production', '--level', 'sample')
    writeFileSync(vault(id, 'dumps/kept.dump'), 'of a Server')
    const outcome = await srv(10, 'verify', 'production')
    expect(runEnd(outcome).errors.map(({ output }) => output)).toEqual([
      ['differs in content time: ../dumps/kept.dump'],
    ])
  })

  it('are not made in a dry run, nor is that said', async () => {
    configure(`sqlite({ file: 'app.sqlite' })`)
    const outcome = await srv(0, 'backup', 'production', '--dry-run')
    expect(outcome.stdout).not.toContain('dumping')
    expect((await srv(0, 'backup', 'production')).stdout).toContain('"text":"dumping"')
  })

  it('can be all that there is', async () => {
    rmSync(data('app.sqlite'))
    configure(`dump({ name: 'kept', command: 'echo all' })`, 'allowEmpty: true')
    await srv(0, 'backup', 'production')
    const [id = ''] = ids()
    expect(readFileSync(vault(id, 'dumps/kept.dump'), 'utf8')).toBe('all\n')
    await srv(0, 'verify', 'production')
  })

  it.each([
    [`command: 'echo half; echo no disk >&2; exit 3'`, 'the dump bad failed with exit status 3', ['no disk']],
    [`command: 'echo told nothing >&2'`, 'the dump bad is empty', ['told nothing']],
    [`command: 'echo locked >&2; sleep 3217'`, 'the dump bad did not end within 2 s', ['locked']],
  ])('one with %s is no snapshot', async (command, problem, said) => {
    configure(`sqlite({ file: 'app.sqlite' }), dump({ name: 'bad', ${command} })`, 'dumpSeconds: 2')
    const outcome = await srv(10, 'backup', 'production')
    expect(errors(outcome)).toEqual([
      [
        'SRV-652',
        `The databases of app on web1 could not be dumped: ${problem}. No snapshot was made; older ones are unchanged.`,
        said,
      ],
    ])
    expect(ids()).toEqual([])
    expect(readdirSync(service()).filter((name) => name.startsWith('.dumps-'))).toEqual([])
  })

  it('are gone when the run is interrupted', async () => {
    configure(`dump({ name: 'slow', command: 'echo begun; sleep 600' })`)
    const running = project.start(['backup', 'production', '--host', 'web1', '--json'])
    const dumps = (): readonly string[] => readdirSync(service()).filter((name) => name.startsWith('.dumps-'))
    await expect.poll(() => dumps().length, { timeout: 20_000 }).toBe(1)
    running.child.kill('SIGINT')
    expect((await running.outcome).code).toBe(130)
    expect(dumps()).toEqual([])
    expect(ids()).toEqual([])
  })

  it('that cannot be made are told before anything is done', async () => {
    configure(`postgres({ in: 'db' })`)
    const outcome = await srv(2, 'backup', 'production')
    expect(errors(outcome)).toEqual([
      [
        'SRV-650',
        'The dump postgres is to be made in the compose service db, but the service has no compose project.',
        [],
      ],
    ])
    expect(existsSync(vault())).toBe(false)
  })

  describe('in srv restore', () => {
    const server = (): string => readFileSync(service('server'), 'utf8')
    const words = (): string => sql(data('app.sqlite'), 'select word from words')
    const kept = (): readonly string[] => readdirSync(service()).filter((name) => /^(dumps|data)\.before-/.test(name))
    const served = (load: string): string =>
      `sqlite({ file: 'app.sqlite' }), dump({ name: 'server', command: 'cat "$SRV_DATA/../server"', load: '${load}' })`
    const write = 'cat >"$SRV_DATA/../server"'

    /** What files and databases hold after the snapshot. */
    function change(): void {
      sql(data('app.sqlite'), 'insert into words values (2)')
      writeFileSync(service('server'), 'now')
    }

    it('of a file that is excluded come back with its owner and mode', async () => {
      mkdirSync(data('db'), { mode: 0o750 })
      sql(data('db/app.sqlite'), 'create table words (word); insert into words values (1)')
      const isRoot = process.getuid?.() === 0
      if (isRoot) for (const path of ['db', 'db/app.sqlite']) chownSync(data(path), 1234, 1235)
      chmodSync(data('db/app.sqlite'), 0o640)
      configure(`sqlite({ file: 'db/app.sqlite' })`, `exclude: ['/db/*']`)
      await srv(0, 'backup', 'production')
      rmSync(data(), { recursive: true })
      await srv(0, 'restore', 'production')
      expect(sql(data('db/app.sqlite'), 'select word from words')).toBe('1')
      const { mode, uid, gid } = statSync(data('db/app.sqlite'))
      expect((mode & 0o777).toString(8)).toBe('640')
      if (isRoot) expect([uid, gid]).toEqual([1234, 1235])
      // What a dump stands for is not lost.
      const again = await srv(0, 'restore', 'production', '--confirm', 'app@web1')
      expect(again.stdout).not.toContain('left out of snapshots')
    })

    it('are loaded, and what was there is kept', async () => {
      configure(served(write))
      writeFileSync(service('server'), 'then')
      await srv(0, 'backup', 'production')
      change()
      expect(errors(await srv(9, 'restore', 'production'))).toEqual([
        [
          'SRV-653',
          `The contents of the databases of app on web1 (server) may be newer than the snapshot ${ids()[0] ?? ''}, whose dumps would replace them. Nothing was changed.`,
          [],
        ],
      ])
      await srv(0, 'restore', 'production', '--confirm', 'app@web1')
      expect([server(), words()]).toEqual(['then', '1'])
      const [dataKept = '', dumpsKept = ''] = kept()
      expect(readFileSync(service(dumpsKept, 'server.dump'), 'utf8')).toBe('now')
      expect(sql(service(dataKept, 'app.sqlite'), 'select word from words')).toBe('1\n2')
      // One that fails half way is taken back, with all that was loaded and swapped before it.
      configure(served(`${write}; ! grep -q then "$SRV_DATA/../server"`))
      change()
      const outcome = await srv(5, 'restore', 'production', '--confirm', 'app@web1')
      expect(errors(outcome)).toEqual([
        [
          'SRV-501',
          'backup:swap failed on app/native@web1: loading server failed with exit status 1.',
          ['loading server failed with exit status 1:'],
        ],
      ])
      expect([server(), words()]).toEqual(['now', '1\n2'])
      expect(readdirSync(service()).filter((name) => name.startsWith('.restore-'))).toEqual([])
    })

    it('are loaded in a rehearsal where nothing else is replaced by that, and the proof says which are not', async () => {
      const configureRehearsal = (dumps: string, exclude = ''): void => {
        const holds = `test "$(sqlite3 "$SRV_DATA/app.sqlite" 'select word from words')" = 1`
        const rehearsal = `{ start: false, assert: ${JSON.stringify(holds)} }`
        project.configure({
          head: `import { dump, rsyncBackup, sqlite } from 'srvkit/rsync-backup'`,
          plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false })]`,
          instance: `backup: { dumps: [${dumps}], exclude: [${exclude}], allowEmpty: true, rehearsal: ${rehearsal} },`,
        })
      }
      const proof = (): unknown =>
        JSON.parse(
          readFileSync(`${project.folder}/tank/web1/app/rehearsals.jsonl`, 'utf8').trimEnd().split('\n').at(-1) ?? '',
        )
      configureRehearsal(served(write), `'/app.sqlite'`)
      writeFileSync(service('server'), 'then')
      await srv(0, 'backup', 'production')
      change()
      await srv(0, 'restore', 'production', '--rehearse')
      const only = 'only the data was restored: the config says `start: false`'
      expect(proof()).toMatchObject({
        ok: true,
        checked: ['data', 'dumps', 'assert'],
        note: `${only}; not loaded: server`,
      })
      expect([server(), words(), kept()]).toEqual(['now', '1\n2', []])

      configureRehearsal(`sqlite({ file: 'app.sqlite' }), sqlite({ file: 'other.sqlite' })`)
      const [missing] = runEnd(await srv(10, 'restore', 'production', '--rehearse')).errors
      expect([missing?.code, missing?.message]).toEqual([
        'SRV-655',
        expect.stringContaining('the dump other.sqlite is missing'),
      ])
      expect(proof()).toMatchObject({ ok: false, checked: ['data'] })
    })

    it('are taken back when the service is not healthy with them', async () => {
      project.app.commit('one')
      configure(served(write))
      project.configure({
        head: `import { dump, rsyncBackup, sqlite } from 'srvkit/rsync-backup'`,
        plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false })]`,
        health: `command('test ! -e "$SRV_DATA/bad"', { samples: 1, intervalMs: 100, timeoutMs: 2000 })`,
        instance: `backup: { dumps: [${served(write)}] },`,
      })
      writeFileSync(service('server'), 'then')
      await srv(0, 'deploy', 'production')
      writeFileSync(data('bad'), '')
      await srv(0, 'backup', 'production')
      rmSync(data('bad'))
      change()
      const outcome = await srv(5, 'restore', 'production', '--confirm', 'app@web1')
      expect(runEnd(outcome).serving['app/native@web1']).toMatchObject({ state: 'unchanged' })
      expect([server(), words(), existsSync(data('bad'))]).toEqual(['now', '1\n2', false])
    })

    it('that srv cannot load are told before anything is done, and can be left out', async () => {
      configure(`dump({ name: 'server', command: 'cat "$SRV_DATA/../server"' })`)
      writeFileSync(service('server'), 'then')
      await srv(0, 'backup', 'production')
      change()
      expect(errors(await srv(10, 'restore', 'production', '--confirm', 'app@web1'))).toEqual([
        [
          'SRV-651',
          'srv cannot load the dump server: the config does not say how to load server.dump: give it a `load` command.',
          [],
        ],
      ])
      expect(kept()).toEqual([])
      expect(errors(await srv(2, 'restore', 'production', '--dumps', 'db'))).toEqual([
        ['SRV-654', '--dumps db is not possible: it must be all, none, or comma-separated names: server.', []],
      ])
      const { stderr } = await project.srv(['restore', 'production', '--host', 'web1', '--dumps', 'db'])
      expect(stderr).toContain('--dumps none restores the files alone')
      await srv(0, 'restore', 'production', '--dumps', 'none', '--confirm', 'app@web1')
      expect([server(), words(), kept().length]).toEqual(['now', '1', 1])
    })
  })
})
