import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'
import { stoppedClock } from '../support/stopped-clock.ts'

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('a snapshot before each deploy', () => {
  let sshd: Sshd
  let project: Project
  /** The commit of the first version. */
  let first = ''
  let second = ''
  /** Was gone back from. */
  let fourth = ''
  const folder = (): string => project.host('web1').path()
  const data = (name: string): string => project.host('web1').path('data', name)
  const tank = (...parts: readonly string[]): string => join(project.folder, 'tank', ...parts)
  const snapshots = (): readonly unknown[] =>
    existsSync(tank('web1/app'))
      ? readdirSync(tank('web1/app'))
          .filter((name) => /^\d{8}T\d{6}Z$/.test(name))
          .sort()
          .map((id): unknown => JSON.parse(readFileSync(tank('web1/app', id, 'snapshot.json'), 'utf8')))
      : []

  /** The versions that were started, one after the other. */
  const starts = (): readonly string[] =>
    [...readFileSync(project.host('web1').path('.srv/native/log'), 'utf8').matchAll(/^(\w+) listens$/gm)].map(
      ([, version = '']) => version,
    )

  /** Has all begin in one second until it is empty: what sorts by commits alone then has them in the wrong order. */
  let clock: Readonly<Record<string, string>> = {}

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1', '--json'], { env: clock })
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  const serving = (outcome: Outcome): string | null | undefined => runEnd(outcome).serving['app/native@web1']?.release
  const codes = (outcome: Outcome): readonly string[] => runEnd(outcome).errors.map(({ code }) => code)

  /** Commits a version until its commit is one that is looked for. */
  function commitWhere(version: string, isIt: (commit: string) => boolean): string {
    for (let count = 0; ; count++) {
      const commit = project.app.commit(version, { files: { count: String(count) } })
      if (isIt(commit)) return commit
    }
  }

  function configure(to: string, options = ''): void {
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: ${to}, ${options} acls: false, xattrs: false })]`,
      instance: `backup: 'before-deploy',`,
    })
  }

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.13.1', '127.9.13.2'] })
    project = cliProject(sshd, { web1: {}, nas: {} })
    configure(`{ folder: 'nas:${tank()}', way: 'laptop' }`)
    clock = stoppedClock(project.folder, new Date())
    first = commitWhere('one', (commit) => commit > '8')
    await srv(0, 'deploy', 'production')
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it('is made of what the release of before wrote, and gone back to with it', async () => {
    expect(snapshots()).toEqual([])
    writeFileSync(data('file'), 'by one')
    commitWhere('two', (commit) => commit < first)
    const deployed = await srv(0, 'deploy', 'production')
    clock = {}
    second = serving(deployed) ?? ''
    expect(snapshots()).toMatchObject([{ state: 'good', before: second }])
    expect(runEnd(deployed)).toMatchObject({ can_undo: true, undo_with_data: true })
    await srv(0, 'deploy', 'production')
    expect(snapshots()).toHaveLength(1)
    const listed = await srv(0, 'snapshots', 'production')
    expect(JSON.parse(listed.stdout)).toMatchObject({ snapshots: [{ before: second, pinned: false }] })
    writeFileSync(data('file'), 'by two')
    const back = await srv(0, 'rollback', 'production', '--with-data')
    expect(await project.host('web1').page()).toMatchObject({ version: 'one' })
    // The one that wrote the newer data was never started on the older ones.
    expect(starts()).toEqual(['one', 'two', 'one'])
    expect(readdirSync(project.host('web1').path('.srv/held'))).toEqual(['.lock'])
    expect(readFileSync(data('file'), 'utf8')).toBe('by one')
    const [kept = ''] = readdirSync(folder()).filter((name) => name.startsWith('data.before-'))
    expect(readFileSync(join(folder(), kept, 'file'), 'utf8')).toBe('by two')
    expect(eventsOf(back).find(({ reason }) => reason?.includes(' is in place; '))?.reason).toMatch(
      new RegExp(
        `^the data of the snapshot \\d{8}T\\d{6}Z is in place; .* is kept in ${join(folder(), kept)}; srv prune production app --old-data removes it once it is 7 days old$`,
      ),
    )
    expect(readdirSync(folder()).filter((name) => name.startsWith('.restore-'))).toEqual([])
  })

  it('is asked for in vain where none was made: then nothing is changed', async () => {
    const outcome = await srv(10, 'rollback', 'production', '--with-data', '--to', second)
    expect(runEnd(outcome).errors.map(({ code, message }) => [code, message])).toEqual([
      [
        'SRV-643',
        expect.stringContaining(`no snapshot of what ${second} left behind when another was deployed of app`),
      ],
    ])
    expect(await project.host('web1').page()).toMatchObject({ version: 'one' })
  })

  it('is needed: a deploy without it changes nothing', async () => {
    rmSync(tank(), { recursive: true })
    writeFileSync(tank(), 'no folder')
    project.app.commit('three')
    const outcome = await srv(10, 'deploy', 'production')
    expect(codes(outcome)).toEqual(['SRV-640'])
    expect(await project.host('web1').page()).toMatchObject({ version: 'one' })
    rmSync(tank())
    mkdirSync(tank())
    await srv(0, 'deploy', 'production')
    expect(await project.host('web1').page()).toMatchObject({ version: 'three' })
  })

  it('is not gone back to when it is dated in the future', async () => {
    const base = tank('web1/app')
    const [made = ''] = readdirSync(base).filter((name) => /^\d{8}T\d{6}Z$/.test(name))
    const later = `2999${made.slice(4)}`
    renameSync(join(base, made), join(base, later))
    const file = join(base, later, 'snapshot.json')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace(made, later))
    rmSync(join(base, later, 'snapshot.sum'))
    const outcome = await srv(10, 'rollback', 'production', '--with-data')
    expect(runEnd(outcome).errors.map(({ code, message }) => [code, message])).toEqual([
      ['SRV-643', expect.stringContaining(` except ${later}, which is dated in the future, of app on web1`)],
    ])
    expect(await project.host('web1').page()).toMatchObject({ version: 'three' })
    renameSync(join(base, later), join(base, made))
    writeFileSync(join(base, made, 'snapshot.json'), text)
    // The release before it never left any data to another one: it has those of the one before it, as when it was deployed.
    await srv(0, 'rollback', 'production', '--with-data')
    expect(await project.host('web1').page()).toMatchObject({ version: 'two' })
  })

  it('is needed in each destination, or in one where that is said to be enough', async () => {
    const none = `{ folder: 'tester@127.9.13.99:${tank()}', way: 'laptop' }`
    configure(`[${none}, { folder: 'nas:${tank()}', way: 'laptop' }]`)
    project.app.commit('four')
    expect(codes(await srv(4, 'deploy', 'production'))).not.toEqual([])
    expect(await project.host('web1').page()).toMatchObject({ version: 'two' })
    configure(`[${none}, { folder: 'nas:${tank()}', way: 'laptop' }]`, `beforeDeploy: 'any',`)
    writeFileSync(data('file'), 'by two again')
    const outcome = await srv(0, 'deploy', 'production')
    fourth = serving(outcome) ?? ''
    expect(snapshots().at(-1)).toMatchObject({ state: 'good', before: fourth })
    expect(eventsOf(outcome).filter(({ type }) => type === 'warning')).toMatchObject([
      { host: 'web1', message: expect.stringContaining(`could not be copied to 127.9.13.99:${tank()}/web1/app: `) },
    ])
    writeFileSync(data('file'), 'by four')
    await srv(0, 'rollback', 'production', '--with-data')
    expect(await project.host('web1').page()).toMatchObject({ version: 'three' })
    expect(readFileSync(data('file'), 'utf8')).toBe('by two again')
    // None is as little as before.
    configure(`[${none}, '${join(project.folder, 'file')}']`, `beforeDeploy: 'any',`)
    writeFileSync(join(project.folder, 'file'), '')
    expect(codes(await srv(10, 'deploy', 'production'))).toEqual(['SRV-640', 'SRV-640'])
    expect(await project.host('web1').page()).toMatchObject({ version: 'three' })
  })

  it('is the one that the release left that is gone back to, however many were deployed since', async () => {
    configure(`{ folder: 'nas:${tank()}', way: 'laptop' }`)
    const releases: string[] = []
    for (const name of ['five', 'six', 'seven']) {
      project.app.commit(name)
      releases.push(serving(await srv(0, 'deploy', 'production')) ?? '')
      writeFileSync(data('file'), `by ${name}`)
    }
    expect(codes(await srv(10, 'rollback', 'production', '--with-data', '--to', fourth))).toEqual(['SRV-643'])
    expect(await project.host('web1').page()).toMatchObject({ version: 'seven' })
    expect(readFileSync(data('file'), 'utf8')).toBe('by seven')
    await srv(0, 'rollback', 'production', '--with-data', '--to', releases[0] ?? '')
    expect(await project.host('web1').page()).toMatchObject({ version: 'five' })
    expect(readFileSync(data('file'), 'utf8')).toBe('by five')
  })
})
