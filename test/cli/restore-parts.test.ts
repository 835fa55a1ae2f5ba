import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

const odd = 'with\nnewline'

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('parts of a snapshot, and other places for it', () => {
  let sshd: Sshd
  let project: Project
  const folder = (host = 'web1'): string => project.host(host).path()
  const data = (...parts: readonly string[]): string => project.host('web1').path('data', ...parts)
  const left = (host = 'web1'): readonly string[] =>
    readdirSync(folder(host)).filter((name) => name.startsWith('.restore-'))
  const kept = (): readonly string[] =>
    readdirSync(folder())
      .filter((name) => name.startsWith('data.before-'))
      .sort()
  /** Every file below a folder with what is in it. */
  const contents = (root: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((name) => statSync(join(root, name)).isFile())
        .map((name) => [name, readFileSync(join(root, name), 'utf8')]),
    )

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  const restore = (code: number, ...args: readonly string[]): Promise<Outcome> =>
    srv(code, 'restore', 'production', '--host', 'web1', ...args)
  const problems = (outcome: Outcome): readonly string[] =>
    runEnd(outcome).errors.map(({ code, message }) => `${code} ${message}`)

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.14.1', '127.9.14.2', '127.9.14.3'] })
    project = cliProject(sshd, { web1: {}, web2: {}, nas: {} })
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false })]`,
    })
    mkdirSync(data('a', odd, 'deep'), { recursive: true })
    writeFileSync(data('a', odd, 'deep', 'file'), 'old')
    writeFileSync(data('a', odd, 'other'), 'old')
    writeFileSync(data('top'), 'old')
    await srv(0, 'backup', 'production', '--host', 'web1')
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it('a path comes back alone, also one whose folder is gone, and the rest stays', async () => {
    writeFileSync(data('a', odd, 'deep', 'file'), 'new')
    writeFileSync(data('a', odd, 'deep', 'later'), 'new')
    writeFileSync(data('a', odd, 'other'), 'new')
    writeFileSync(data('top'), 'new')
    await restore(0, '--path', `./a/${odd}/deep/`, '--confirm', 'app@web1')
    expect(contents(data())).toEqual({ [`a/${odd}/deep/file`]: 'old', [`a/${odd}/other`]: 'new', top: 'new' })
    const [first = ''] = kept()
    expect(contents(join(folder(), first))).toEqual({
      [`a/${odd}/deep/file`]: 'new',
      [`a/${odd}/deep/later`]: 'new',
    })
    rmSync(data('a'), { recursive: true })
    const outcome = await restore(0, '--path', `a/${odd}/deep/file`)
    expect(contents(data())).toEqual({ [`a/${odd}/deep/file`]: 'old', top: 'new' })
    const [id = ''] = readdirSync(join(project.folder, 'tank/web1/app')).filter((name) => /^\d/.test(name))
    expect(eventsOf(outcome).map(({ reason }) => reason)).toContain(
      `a/${odd}/deep/file of the snapshot ${id} is in place; what was there is kept in ${join(folder(), kept()[1] ?? '')}; srv prune production app --old-data removes it once it is 7 days old`,
    )
    expect(contents(join(folder(), kept()[1] ?? ''))).toEqual({})
    expect(left()).toEqual([])
  })

  it('a path is refused when the snapshot has none, or where a link leads elsewhere', async () => {
    expect(problems(await restore(10, '--path', 'none'))[0]).toMatch(
      /^SRV-643 There is no none in the snapshot \d{8}T\d{6}Z of app on web1 in nas:/,
    )
    rmSync(data('a'), { recursive: true })
    symlinkSync('/', data('a'))
    expect(problems(await restore(10, '--path', `a/${odd}/other`, '--confirm', 'app@web1'))).toEqual([
      `SRV-645 The data of app on web1 could not be restored: ${data('a')} is not a folder. The previous data is still in use.`,
    ])
    rmSync(data('a'))
  })

  it('a folder is made for it, and nothing else is touched', async () => {
    const before = contents(folder())
    const to = join(project.folder, 'found')
    mkdirSync(to)
    await restore(0, '--to', to)
    expect(contents(to)).toEqual({
      [`data/a/${odd}/deep/file`]: 'old',
      [`data/a/${odd}/other`]: 'old',
      'data/top': 'old',
    })
    expect(statSync(to).mode & 0o777).toBe(0o700)
    expect(problems(await restore(10, '--to', to))).toEqual([
      `SRV-645 The data of app on web1 could not be restored: ${to} exists, and is not empty. The previous data is still in use.`,
    ])
    const said = eventsOf(await restore(0, `--to=${to}/part/`, '--path', 'top')).map(({ reason }) => reason ?? '')
    expect(said.find((text) => text !== '')).toMatch(new RegExp(`^top of \\d{8}T\\d{6}Z is in ${to}/part$`))
    expect(contents(join(to, 'part'))).toEqual({ 'data/top': 'old' })
    expect(problems(await restore(2, '--to', data('inner')))).toEqual([
      `SRV-654 --to ${data('inner')} is not possible: it is inside the live data.`,
    ])
    expect(contents(folder())).toEqual(before)
    expect(readdirSync(project.folder).filter((name) => name.includes('.restore-'))).toEqual([])
  })

  it('a folder is refused where it would damage data, releases or snapshots, also where a link leads there', async () => {
    const own = join(project.folder, 'disk2')
    const plugins = (to: string): string => `[git(), rsyncBackup({ to: ${to}, acls: false, xattrs: false })]`
    const head = `import { rsyncBackup } from 'srvkit/rsync-backup'`
    project.configure({ head, plugins: plugins(`'${own}'`) })
    await srv(0, 'backup', 'production', '--host', 'web1')
    const [id = ''] = readdirSync(join(own, 'web1/app')).filter((name) => /^\d/.test(name))
    const before = [contents(own), contents(folder())]
    const link = join(project.folder, 'link')
    symlinkSync(data(), link)
    for (const [to, inside] of [
      [join(own, 'web1/app', id, 'data/oops'), join(own, 'web1')],
      [join(own, 'web1/found'), join(own, 'web1')],
      [join(folder(), '.srv/x'), join(folder(), '.srv')],
      [join(folder(), 'instances/native/current/y'), join(folder(), 'instances')],
      [join(link, 'x'), data()],
      // A keeper of others is one, too.
      [join(project.folder, 'tank/web1/app/found'), `the snapshots in ${join(project.folder, 'tank/web1/app')}`],
    ] as const) {
      expect(problems(await restore(10, '--to', to))).toEqual([
        `SRV-645 The data of app on web1 could not be restored: ${to} is inside ${inside}, where nothing else may be: name another folder with --to. The previous data is still in use.`,
      ])
    }
    expect([contents(own), contents(folder())]).toEqual(before)
    await restore(0, '--to', join(own, 'found'))
    rmSync(link)
    rmSync(own, { recursive: true })
    project.configure({ head, plugins: plugins(`{ folder: 'nas:${project.folder}/tank', way: 'laptop' }`) })
  })

  it('a plan names what was asked for, and says nothing of what was not done', async () => {
    const [id = ''] = readdirSync(join(project.folder, 'tank/web1/app')).filter((name) => /^\d/.test(name))
    const to = join(project.folder, 'planned')
    const base = `nas:${project.folder}/tank/web1/app`
    const planned = async (...args: readonly string[]) => {
      const events = eventsOf(await restore(0, '--dry-run', '--confirm', 'app@web1', ...args))
      const would = events.find(({ type }) => type === 'step.would')
      return [would?.what, ...events.flatMap(({ type, text }) => (type === 'step.progress' ? [text] : []))]
    }
    expect(await planned()).toEqual([
      `verify the newest good snapshot in ${base} and copy it to the host`,
      expect.stringMatching(new RegExp(`^the snapshot ${id}: \\d+ minutes? old, 3 files, 9 B$`)),
      `verifying 3 files of ${id}`,
    ])
    expect(await planned('--snapshot', id, '--path', './top')).toEqual([
      `verify top of the snapshot ${id} in ${base} and copy it to the host`,
      expect.stringContaining(`the snapshot ${id}: `),
      `verifying top of ${id}`,
    ])
    const extract = (...args: readonly string[]) =>
      srv(0, 'restore', 'production', '--host', 'web1', '--dry-run', '--to', to, ...args)
    const events = eventsOf(await extract('--at', '2999-01-01', '--path', 'top'))
    expect(events.find(({ type }) => type === 'step.would')?.what).toBe(
      `verify top of the newest good snapshot from before 2999-01-01 in ${base} and copy it to ${to}`,
    )
    expect(events.flatMap(({ type, text }) => (type === 'step.progress' ? [text] : []))).toEqual([
      `verifying top of ${id}`,
    ])
    expect(existsSync(to)).toBe(false)
  })

  it('another host gets it: an empty folder of data is nothing to lose', async () => {
    expect(problems(await srv(10, 'restore', 'production', '--host', 'web2'))).toEqual([
      `SRV-643 There is no good snapshot of app on web2 in nas:${project.folder}/tank/web2/app.`,
    ])
    mkdirSync(project.host('web2').path('data'), { recursive: true })
    await srv(0, 'restore', 'production', '--host', 'web2', '--from', 'web1')
    expect(contents(project.host('web2').path('data'))).toEqual({
      [`a/${odd}/deep/file`]: 'old',
      [`a/${odd}/other`]: 'old',
      top: 'old',
    })
    expect(left('web2')).toEqual([])
    expect(existsSync(join(project.folder, 'tank/web2'))).toBe(false)
  })

  it('a service moves house, and serves there with what it had', async () => {
    project.app.commit('one')
    await srv(0, 'deploy', 'production', 'app', '--host', 'web1')
    writeFileSync(data('top'), 'of web1')
    await srv(0, 'deploy', 'production', 'app', '--host', 'web2')
    await srv(0, 'stop', 'production', 'app', '--host', 'web1')
    await srv(0, 'backup', 'production', 'app', '--host', 'web1')
    await srv(0, 'restore', 'production', 'app', '--host', 'web2', '--from', 'web1', '--confirm', 'app@web2')
    expect(project.host('web1').processes()).toEqual([])
    expect(await project.host('web2').page()).toMatchObject({ version: 'one' })
    expect(readFileSync(project.host('web2').path('data/top'), 'utf8')).toBe('of web1')
  })
})
