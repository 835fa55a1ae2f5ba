import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

/** Only root can mount a file system. */
const isRoot = process.getuid?.() === 0

/** Everything that a copy has to keep of a folder: kinds, modes, sizes, times, contents, and which names are one file. */
function wholeOf(folder: string, below = ''): readonly string[] {
  const first = new Map<number, string>()
  const walk = (inner: string): readonly string[] =>
    readdirSync(join(folder, inner))
      .sort()
      .flatMap((name): readonly string[] => {
        const path = join(inner, name)
        const stat = lstatSync(join(folder, path))
        const head = `${JSON.stringify(path)} ${stat.mode.toString(8)} ${String(stat.mtimeMs)}`
        if (stat.isSymbolicLink()) return [`${head} -> ${readlinkSync(join(folder, path))}`]
        if (stat.isDirectory()) return [head, ...walk(path)]
        const same = first.get(stat.ino) ?? path
        first.set(stat.ino, same)
        return [`${head} = ${JSON.stringify(same)} ${readFileSync(join(folder, path), 'base64')}`]
      })
  return walk(below)
}

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('srv backup', () => {
  let sshd: Sshd
  let project: Project
  const data = (...parts: readonly string[]): string => project.host('web1').path('data', ...parts)
  const vault = (...parts: readonly string[]): string => join(project.folder, 'tank/web1/app', ...parts)
  const ids = (): readonly string[] =>
    existsSync(vault())
      ? readdirSync(vault())
          .filter((name) => /^\d{8}T\d{6}Z$/.test(name))
          .sort()
      : []

  /** Runs srv with `--json`, and expects that exit code. */
  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  const failed = (outcome: Outcome): readonly string[] => runEnd(outcome).errors.map(({ code }) => code)
  const described = (id: string): unknown => JSON.parse(readFileSync(vault(id, 'snapshot.json'), 'utf8'))

  function configure(
    options = '',
    instance = '',
    to = `{ folder: 'nas:${project.folder}/tank', way: 'laptop' }`,
  ): void {
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: ${to}, acls: false, xattrs: false, ${options} })]`,
      instance,
    })
  }

  beforeEach(async () => {
    sshd = await startSshd({ addresses: ['127.9.11.1', '127.9.11.2'] })
    project = cliProject(sshd, { web1: {}, nas: {} })
    // The machine that keeps the snapshots serves nothing itself.
    mkdirSync(data(), { recursive: true })
    writeFileSync(data('one'), 'one\n')
    configure()
  })
  afterEach(async () => {
    project.remove()
    await sshd.stop()
  })

  const backup = (code: number): Promise<Outcome> => srv(code, 'backup', 'production', '--host', 'web1')

  it('keeps all kinds of files as they are, and links what did not change', async () => {
    for (const name of [
      'with\nnewline',
      `it's "quoted"`,
      ' spaces  ',
      '-leading',
      'a | b',
      'x -> y',
      'ünïcode',
      '*?$HOME',
    ]) {
      writeFileSync(data(name), `content of ${name}`)
    }
    writeFileSync(data('sparse'), 'begins')
    truncateSync(data('sparse'), 4 << 20)
    linkSync(data('one'), data('same as one'))
    symlinkSync('nowhere -> else', data('link'))
    mkdirSync(data('folder/empty'), { recursive: true })
    writeFileSync(data('folder/secret'), 'secret')
    chmodSync(data('folder/secret'), 0o4710)
    chmodSync(data('folder'), 0o2751)
    await backup(0)
    await backup(0)
    const [first = '', second = ''] = ids()
    expect(ids()).toHaveLength(2)
    expect(wholeOf(vault(first, 'data'))).toEqual(wholeOf(data()))
    expect(wholeOf(vault(second, 'data'))).toEqual(wholeOf(data()))
    expect(statSync(vault(second, 'data/sparse')).blocks).toBeLessThan(100)
    expect(statSync(vault(second, 'data/-leading')).ino).toBe(statSync(vault(first, 'data/-leading')).ino)
    expect(described(second)).toMatchObject({ state: 'good', newFiles: 0, newBytes: 0 })
    expect(readFileSync(vault(second, 'manifest'), 'utf8')).toBe(readFileSync(vault(first, 'manifest'), 'utf8'))
    expect(readlinkSync(vault('latest'))).toBe(second)
    await srv(0, 'verify', 'production', '--host', 'web1')
  })

  it('copies to several destinations at once: a host, a folder of the same host, and this machine', async () => {
    const { folder } = project
    configure('', '', `['nas:${folder}/tank', '${folder}/disk2', { laptop: 'mine' }]`)
    const places = eventsOf(await backup(0)).flatMap(({ text }) => (text?.startsWith('copying to ') ? [text] : []))
    expect(places).toEqual([
      `copying to nas:${folder}/tank/web1/app`,
      `copying to web1:${folder}/disk2/web1/app`,
      `copying to ${folder}/mine/web1/app`,
    ])
    const [id = ''] = ids()
    for (const place of ['tank', 'disk2', 'mine']) {
      expect(wholeOf(join(folder, place, 'web1/app', id, 'data')), place).toEqual(wholeOf(data()))
    }
    const listed = await project.srv(['snapshots', 'production', '--host', 'web1', '--json'])
    const rows: unknown = JSON.parse(listed.stdout)
    const row = { service: 'app', host: 'web1', id, state: 'good', files: 1, bytes: 4 }
    expect(rows).toMatchObject({
      snapshots: [
        { ...row, on: 'nas', folder: `${folder}/tank/web1/app` },
        { ...row, on: 'web1', folder: `${folder}/disk2/web1/app` },
        { ...row, on: 'local', folder: `${folder}/mine/web1/app` },
      ],
      errors: [],
    })
  })

  it('says which snapshot was made where, and verify what it looked at', async () => {
    const said = (outcome: Outcome) =>
      eventsOf(outcome).flatMap(({ type, reason }) => (type === 'step.end' && reason !== undefined ? [reason] : []))
    const where = `nas:${vault()}`
    const first = said(await backup(0))
    expect(first).toEqual([`${ids()[0] ?? ''}: 1 file, 4 B, 4 B new, in ${where}`])
    writeFileSync(data('two'), 'x'.repeat(8000))
    const plain = await project.srv(['backup', 'production', '--host', 'web1', '--plain'])
    const id = ids()[1] ?? ''
    expect(transcript(plain)).toContain(` ${id}: 2 files, 8 kB, 8 kB new, in ${where}\n`)
    const verified = async (...args: readonly string[]) =>
      said(await srv(0, 'verify', 'production', '--host', 'web1', ...args))
    const looks = 'names, kinds, modes, owners, sizes and times of'
    expect([
      await verified(),
      await verified('--level', 'sample'),
      await verified('--level', 'quick', '--snapshot', ids()[0] ?? ''),
    ]).toEqual([
      [`${id} in ${where}: all content of 2 files was read: intact`],
      [`${id} in ${where}: the content of 2 of 2 files was read: intact, as are ${looks} all`],
      [`${ids()[0] ?? ''} in ${where}: ${looks} 1 file: intact; no content was read`],
    ])
    const shown = await project.srv(['verify', 'production', '--host', 'web1', '--plain'])
    expect(shown.stderr).toContain('Done: verify production')
  })

  it('goes on with the other destinations when one cannot be begun', async () => {
    const { folder } = project
    writeFileSync(join(folder, 'no-folder'), '')
    configure('', '', `['${folder}/no-folder', { folder: 'nas:${folder}/tank', way: 'laptop' }]`)
    const outcome = await backup(10)
    expect(failed(outcome)).toEqual(['SRV-640'])
    const [id = ''] = ids()
    expect(wholeOf(vault(id, 'data'))).toEqual(wholeOf(data()))
    const events = eventsOf(outcome)
    const warnings = events.flatMap(({ type, message }) => (type === 'warning' ? [message] : []))
    expect(warnings).toEqual([`The snapshot ${id} of app on web1 was made in nas:${vault()}.`])
    expect(events.map(({ text }) => text)).toContain(`${id}: 1 file, 4 B, 4 B new, in nas:${vault()}`)
  })

  it('tells of each destination that failed', async () => {
    const { folder } = project
    const none = ['one', 'two'].map((name) => join(folder, name))
    for (const place of none) writeFileSync(place, '')
    configure('', '', `['${none.join("', '")}', { folder: 'nas:${folder}/tank', way: 'laptop' }]`)
    const { errors } = runEnd(await backup(10))
    expect(
      errors.map(({ code, message }) => [code, message.replace(/^.* could not be copied to (\S+): .*$/, '$1')]),
    ).toEqual(none.map((place) => ['SRV-640', `web1:${place}/web1/app`]))
    expect(ids()).toHaveLength(1)
  })

  it('verifies, pins and prunes where a keeper can be reached, and says which one cannot', async () => {
    const { folder } = project
    const disk = (...parts: readonly string[]): string => join(folder, 'disk2/web1/app', ...parts)
    configure('keep: { last: 1 }', '', `['tester@127.9.11.99:${folder}/tank', '${folder}/disk2']`)
    await backup(10)
    const [id = ''] = readdirSync(disk()).filter((name) => /^\d/.test(name))
    const told = async (...args: readonly string[]): Promise<readonly (readonly [string, string])[]> =>
      runEnd(await srv(10, ...args, '--host', 'web1')).errors.map(({ code, message }) => [
        code,
        message.replace(/: .*[.] /, ': … '),
      ])
    const missed = (done: string): readonly [string, string] => [
      'SRV-658',
      `The snapshots of app on web1 in 127.9.11.99:${folder}/tank/web1/app could not be ${done}: … This did not stop the other destinations.`,
    ]
    const verified = await srv(10, 'verify', 'production', '--host', 'web1')
    expect(verified.stdout).toContain(`"text":"${id}: 1 files"`)
    expect(await told('verify', 'production')).toEqual([missed('verified')])
    // One error for a keeper, however many things were to be done there.
    expect(await told('prune', 'production', '--pin', id)).toEqual([missed('pinned')])
    expect(readFileSync(disk(id, 'snapshot.json'), 'utf8')).toContain('"pinned":true')
    await backup(10)
    expect(readdirSync(disk()).filter((name) => /^\d/.test(name))).toHaveLength(2)
    expect(await told('prune', 'production', '--unpin', id)).toEqual([missed('unpinned')])
    const [left = '', ...others] = readdirSync(disk()).filter((name) => /^\d/.test(name))
    expect([others, left === id]).toEqual([[], false])
    writeFileSync(disk(left, 'data/two'), 'two')
    expect((await told('verify', 'production')).map(([code]) => code).toSorted()).toEqual(['SRV-642', 'SRV-658'])
  })

  it('is no success when the keeper cannot do one of its steps', async () => {
    mkdirSync(vault('latest/a folder'), { recursive: true })
    expect(failed(await backup(10))).toEqual(['SRV-663'])
  })

  it('says how far it is, for people and for programs', async () => {
    truncateSync(data('one'), 800e6)
    const told = (outcome: Outcome) => eventsOf(outcome).filter(({ bytes }) => bytes !== undefined)
    const there = told(await backup(0))
    const back = told(await srv(0, 'restore', 'production', '--host', 'web1', '--confirm', 'app@web1'))
    expect(there).not.toEqual([])
    expect(back).not.toEqual([])
    for (const { text, bytes_per_second, seconds_left } of [...there, ...back]) {
      expect(text).toMatch(/^[\d.]+ .?B, \d+ %, [\d.]+ .?B\/s(, \d+ (s|min|h) left)?$/)
      expect(typeof bytes_per_second).toBe('number')
      expect(text?.endsWith(' left')).toBe(seconds_left !== undefined)
    }
  })

  it('removes what no rule keeps', async () => {
    configure('keep: { last: 2 }')
    await backup(0)
    const [oldest = ''] = ids()
    await backup(0)
    await backup(0)
    expect(ids()).toHaveLength(2)
    expect(ids()).not.toContain(oldest)
  })

  it('tells that old snapshots were not removed as that, and not as a copy that was not made', async () => {
    configure('keep: { last: 1 }')
    await backup(0)
    const [first = ''] = ids()
    // It is to be taken out of sight under a name that is taken.
    mkdirSync(vault(`.trash-${first}`, first, 'in the way'), { recursive: true })
    const [error] = runEnd(await backup(10)).errors
    expect(ids()).toHaveLength(2)
    const made = `The snapshot ${ids()[1] ?? ''} of app on web1 was made. Older snapshots of app on web1 were not removed`
    expect([error?.code, error?.message]).toEqual(['SRV-662', expect.stringContaining(made)])
    const pruned = runEnd(await srv(10, 'prune', 'production', '--host', 'web1')).errors
    expect(pruned.map(({ code, message }) => [code, message.startsWith('Older ')])).toEqual([['SRV-662', true]])
    rmSync(vault(`.trash-${first}`), { recursive: true })
    // A machine that lost its power may have left this.
    writeFileSync(vault(first, 'snapshot.json'), '')
    const outcome = await backup(0)
    expect(ids()).toEqual([first, ids().at(-1)])
    expect(eventsOf(outcome).map(({ text }) => text)).toContain(
      `nas:${vault()}: ${first} unreadable: its snapshot.json says nothing`,
    )
  })

  it('keeps what is pinned, until it is not', async () => {
    configure('keep: { last: 1 }')
    await backup(0)
    const [first = ''] = ids()
    const unknown = await srv(10, 'prune', 'production', '--host', 'web1', '--pin', '20200101T000000Z')
    expect(failed(unknown)).toEqual(['SRV-643'])
    await srv(0, 'backup', 'prune', 'production', '--host', 'web1', '--pin', first)
    expect(described(first)).toMatchObject({ pinned: true, state: 'good' })
    await backup(0)
    const listed = await project.srv(['snapshots', 'production', '--host', 'web1', '--json'])
    expect(JSON.parse(listed.stdout)).toMatchObject({
      snapshots: [
        { pinned: false, before: null },
        { id: first, pinned: true, before: null },
      ],
    })
    expect(ids()).toHaveLength(2)
    await srv(0, 'prune', 'production', '--host', 'web1', '--unpin', first)
    expect(ids()).toHaveLength(1)
    expect(ids()).not.toContain(first)
    await srv(0, 'backup', 'verify', 'production', '--host', 'web1')
  })

  it('refuses empty data, and makes nothing', async () => {
    rmSync(data('one'))
    await backup(9)
    expect(ids()).toEqual([])
  })

  it('refuses data that are not mounted where they have to be', async () => {
    configure('', 'backup: { mountpoint: true },')
    expect(runEnd(await backup(9)).errors.map(({ code, message, hint }) => [code, message, hint])).toEqual([
      [
        'SRV-301',
        `web1 is not ready: data for backups (app/native): ${data()} is not mounted.`,
        'Mount it. If it need not be a mount point, take `mountpoint` out of `backup` of the service in the config.',
      ],
    ])
    expect(ids()).toEqual([])
  })

  it('refuses data in which something is not mounted that has to be', async () => {
    mkdirSync(data('uploads'))
    configure('', `backup: { mountpoint: ['uploads'] },`)
    const { errors } = runEnd(await backup(9))
    expect(errors.map(({ message }) => message).join()).toContain(`${data('uploads')} is not mounted`)
    expect(ids()).toEqual([])
  })

  it.skipIf(!isRoot)('says that something is not mounted any more, and copies nothing over the good one', async () => {
    mkdirSync(data('a b'))
    execFileSync('mount', ['-t', 'tmpfs', 'none', data('a b')])
    try {
      writeFileSync(data('a b', 'small'), '')
      configure('', `backup: { mountpoint: ['a b'] },`)
      await backup(0)
    } finally {
      execFileSync('umount', ['-l', data('a b')])
    }
    configure()
    const [first = ''] = ids()
    expect(described(first)).toMatchObject({ mounts: 'a%040b' })
    const { errors } = runEnd(await backup(10))
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['SRV-641', expect.stringContaining(`it has nothing mounted any more at data/a b, as there was for ${first}. `)],
    ])
    expect(readlinkSync(vault('latest'))).toBe(first)
    await srv(0, 'backup', 'production', '--host', 'web1', '--allow-shrunk')
    expect(readlinkSync(vault('latest'))).toBe(ids().at(-1))
  })

  it('does not take a disk that is not mounted for lost snapshots', async () => {
    await backup(0)
    const tank = `${project.folder}/tank`
    configure('keep: { last: 1 }', '', `{ folder: 'nas:${tank}', mountpoint: '${tank}', way: 'laptop' }`)
    const verbs = [['verify'], ['prune'], ['restore', '--confirm', 'app@web1'], ['restore', '--rehearse']]
    for (const [verb = '', ...flags] of verbs) {
      const { errors } = runEnd(await srv(10, verb, 'production', '--host', 'web1', ...flags))
      expect(errors.map(({ code, message }) => [code, message])).toEqual([
        [
          'SRV-667',
          `What is kept of app on web1 in nas:${vault()} could not be looked at: ${tank} is not mounted. This says nothing about the snapshots there, and nothing of them was changed.`,
        ],
      ])
    }
    const listed = await project.srv(['snapshots', 'production', '--host', 'web1'])
    expect(listed.code).toBe(4)
    expect(listed.stdout).toBe(`
✖ SRV-302 nas was reached, but could not answer: ${tank} is not mounted.
  → Mend what that names, such as a disk that is not mounted. Where it names nothing, check that /bin/sh works for the login user on nas.
`)
    expect(ids()).toHaveLength(1)
  })

  it('calls shrunken data suspect, and removes nothing for them', async () => {
    configure('keep: { last: 1 }')
    writeFileSync(data('much'), 'x'.repeat(10_000))
    await backup(0)
    const [good = ''] = ids()
    rmSync(data('much'))
    expect(failed(await backup(10))).toEqual(['SRV-641'])
    expect(ids()).toHaveLength(2)
    expect(readlinkSync(vault('latest'))).toBe(good)
    const [, suspect = ''] = ids()
    expect(described(suspect)).toMatchObject({ state: 'suspect' })
    const document = await srv(0, 'status', 'production', '--host', 'web1')
    expect(JSON.parse(document.stdout)).toMatchObject({ backups: [{ last_good: good, newest_suspect: suspect }] })
    const shown = await project.srv(['status', 'production', '--host', 'web1'])
    expect(shown.stdout).toMatch(/\napp +web1 +\d+ (s|min), newest is suspect +never /)
    await srv(0, 'backup', 'production', '--host', 'web1', '--allow-shrunk')
    const after = await srv(0, 'status', 'production', '--host', 'web1')
    expect(JSON.parse(after.stdout)).toMatchObject({ backups: [{ last_good: ids().at(-1), newest_suspect: null }] })
  })

  it('says that the keeper cannot be reached before anything is done', async () => {
    configure('', '', `'tester@127.9.11.99:${project.folder}/tank'`)
    await backup(4)
    expect(existsSync(join(project.folder, 'tank'))).toBe(false)
  })

  it('goes on with the other destinations when a keeper cannot be reached, and restores from one of them', async () => {
    const { folder } = project
    configure('', '', `['tester@127.9.11.99:${folder}/tank', '${folder}/disk2']`)
    const [error] = runEnd(await backup(10)).errors
    expect([error?.code, error?.message]).toEqual([
      'SRV-640',
      expect.stringContaining('could not be copied to 127.9.11.99:' + `${folder}/tank/web1/app: 127.9.11.99`),
    ])
    const [id = ''] = readdirSync(join(folder, 'disk2/web1/app')).filter((name) => /^\d/.test(name))
    expect(wholeOf(join(folder, 'disk2/web1/app', id, 'data'))).toEqual(wholeOf(data()))
    writeFileSync(data('one'), 'later')
    const restore = (code: number, ...args: readonly string[]): Promise<Outcome> =>
      srv(code, 'restore', 'production', '--host', 'web1', '--confirm', 'app@web1', ...args)
    expect(failed(await restore(4))).not.toEqual([])
    expect(runEnd(await restore(2, '--source', 'nsa')).errors.map(({ message, hint }) => [message, hint])).toEqual([
      [
        '--source nsa is not possible: in the config, snapshots are kept by 127.9.11.99, web1. Nothing was changed.',
        'Name one of these machines, or one of its folders as in the config: --source nas:/tank/srv. `srv snapshots` lists what each keeps.',
      ],
    ])
    expect(readFileSync(data('one'), 'utf8')).toBe('later')
    await srv(0, 'restore', 'production', '--host', 'web1', '--source', 'web1', '--to', join(folder, 'found'))
    expect(readFileSync(join(folder, 'found/data/one'), 'utf8')).toBe('one\n')
    await srv(0, 'restore', 'production', '--host', 'web1', '--source', `web1:${folder}/disk2`, '--rehearse')
    await restore(0, '--source', 'web1')
    expect(readFileSync(data('one'), 'utf8')).toBe('one\n')
  })

  it.each([
    [
      'differs in content: one',
      (id: string) => {
        execFileSync('sh', ['-c', 'cp -p one ../was; printf "onE\\n" >one; touch -r ../was one; rm ../was'], {
          cwd: vault(id, 'data'),
        })
      },
    ],
    [
      'missing one',
      (id: string) => {
        rmSync(vault(id, 'data/one'))
      },
    ],
    [
      'differs in mode: one',
      (id: string) => {
        chmodSync(vault(id, 'data/one'), 0o600)
      },
    ],
    [
      'new two',
      (id: string) => {
        writeFileSync(vault(id, 'data/two'), 'two')
      },
    ],
    [
      'the manifest itself was changed',
      (id: string) => {
        writeFileSync(vault(id, 'manifest'), '')
      },
    ],
  ])('verify says: %s', async (line, change) => {
    chmodSync(data('one'), 0o640)
    await backup(0)
    const [id = ''] = ids()
    // The folder's own time is no part of what is looked for here.
    const before = statSync(vault(id, 'data'))
    change(id)
    execFileSync('touch', ['-d', before.mtime.toISOString(), vault(id, 'data')])
    const outcome = await srv(10, 'verify', 'production', '--host', 'web1')
    expect(runEnd(outcome).errors.map(({ code, output }) => [code, output])).toEqual([['SRV-642', [line]]])
  })
})
