import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('what srv says of snapshots that are not as they should be', () => {
  let sshd: Sshd
  let project: Project
  const data = (...parts: readonly string[]): string => project.host('web1').path('data', ...parts)
  const vault = (...parts: readonly string[]): string => join(project.folder, 'tank/web1/app', ...parts)
  const ids = (): readonly string[] => readdirSync(vault()).filter((name) => /^\d{8}T\d{6}Z$/.test(name))

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  /** The errors of a run, by their codes. */
  async function errors(...args: readonly string[]): Promise<readonly (readonly [string, string])[]> {
    return runEnd(await srv(10, ...args, '--json')).errors.map(({ code, message }) => [code, message])
  }
  function configure(to: string): void {
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: ${to}, acls: false, xattrs: false })]`,
    })
  }
  const tank = (name: string): string => `{ folder: 'nas:${project.folder}/${name}', way: 'laptop' }`

  beforeEach(async () => {
    sshd = await startSshd({ addresses: ['127.9.61.1', '127.9.61.2'] })
    project = cliProject(sshd, { web1: {}, nas: {} })
    mkdirSync(data(), { recursive: true })
    for (const name of ['one', 'two', 'three']) writeFileSync(data(name), name)
    configure(tank('tank'))
  })
  afterEach(async () => {
    project.remove()
    await sshd.stop()
  })

  it('of one that is suspect, in which destination', async () => {
    configure(`[${tank('tank')}, ${tank('disk')}]`)
    await srv(0, 'backup', 'production')
    for (const name of ['one', 'two']) rmSync(data(name))
    const told = await errors('backup', 'production')
    expect(told.map(([code, message]) => [code, /(?<=, in )[^,]*/.exec(message)?.[0]])).toEqual(
      ['tank', 'disk'].map((name) => ['SRV-641', `nas:${project.folder}/${name}/web1/app`]),
    )
    expect(ids()).toHaveLength(2)
  })

  it('of one that differs: it failed, what is whole comes back, and how to take the rest without srv', async () => {
    await srv(0, 'backup', 'production')
    const [id = ''] = ids()
    utimesSync(vault(id, 'data'), 1_700_000_000, 1_700_000_000)
    const verified = await srv(10, 'verify', 'production', '--plain')
    expect(transcript(verified)).toContain('✖ Failed: verify production')
    const restored = await srv(10, 'restore', 'production', '--json')
    const { status, errors: found } = runEnd(restored)
    expect([status, found.map(({ code, output }) => [code, output])]).toEqual([
      'failed',
      [['SRV-642', ['differs in time: ./']]],
    ])
    expect(found[0]?.hint).toContain(`: rsync -aHAX --numeric-ids nas:${vault(id)}/data/ <folder>, with`)
    rmSync(data('one'))
    await srv(0, 'restore', 'production', '--path', 'one')
    expect(readFileSync(data('one'), 'utf8')).toBe('one')
  })

  it('while one is read: how far that is', async () => {
    writeFileSync(data('big'), Buffer.alloc(64 * 1024 * 1024, 1))
    // Each name is read, and takes no room.
    for (let name = 1; name < 400; name++) linkSync(data('big'), data(`big ${String(name)}`))
    await srv(0, 'backup', 'production')
    const { stdout } = await srv(0, 'verify', 'production', '--json')
    const told = stdout.split('\n').filter((line) => line.includes('"step.progress"') && line.includes('"bytes"'))
    expect(JSON.parse(told.at(-1) ?? '')).toMatchObject({
      text: expect.stringMatching(/^[\d.]+ GB, \d+ %, [\d.]+ [MG]B\/s, \d+ s left$/),
      bytes_per_second: expect.any(Number),
      seconds_left: expect.any(Number),
    })
  })

  it('of one whose description is lost, wherever snapshots are looked at', async () => {
    await srv(0, 'backup', 'production')
    await srv(0, 'backup', 'production')
    const [older = '', newest = ''] = ids().toSorted()
    writeFileSync(vault(newest, 'snapshot.json'), '')
    const listed = await srv(0, 'snapshots', 'production', '--json')
    expect(JSON.parse(listed.stdout)).toMatchObject({
      snapshots: [
        { id: newest, state: 'unreadable', files: null, bytes: null, note: 'no snapshot.json that can be read' },
        { id: older, state: 'good', files: 3 },
      ],
    })
    const state = await srv(0, 'status', 'production', '--json')
    expect(JSON.parse(state.stdout)).toMatchObject({ backups: [{ last_good: older, newest_unreadable: newest }] })
    const lost = [
      'SRV-666',
      expect.stringContaining(`The snapshot ${newest} of app on web1, in nas:${vault()}, has no`),
    ]
    expect(await errors('verify', 'production')).toEqual([lost])
    expect(await errors('restore', 'production', '--snapshot', newest)).toEqual([lost])
    expect(await errors('prune', 'production', '--pin', newest)).toEqual([lost])
    rmSync(data('one'))
    const restored = await srv(0, 'restore', 'production', '--confirm', 'app@web1', '--plain')
    expect(transcript(restored)).toContain(`${newest} in nas:${vault()} is newer than ${older}, which is taken, but`)
  })

  it('of one whose description was changed, which is taken for nothing', async () => {
    await srv(0, 'backup', 'production')
    await srv(0, 'backup', 'production')
    const [older = '', newest = ''] = ids().toSorted()
    await srv(0, 'prune', 'production', '--pin', newest)
    await srv(0, 'verify', 'production', '--snapshot', newest, '--level', 'quick')
    const described = vault(newest, 'snapshot.json')
    const text = readFileSync(described, 'utf8')
    writeFileSync(described, text.replace('"startedAt":"20', '"startedAt":"21'))
    expect((await srv(0, 'snapshots', 'production')).stdout).toMatch(
      new RegExp(`\\n${newest} of app on web1 has a snapshot.json that was changed after it was written\\n`),
    )
    const changed = ['SRV-666', expect.stringContaining('it does not match its checksum, snapshot.sum')]
    expect(await errors('verify', 'production', '--level', 'quick')).toEqual([changed])
    for (const args of [['restore'], ['restore', '--rehearse'], ['verify']]) {
      expect(await errors(...args, 'production', '--snapshot', newest)).toEqual([changed])
    }
    expect(await errors('prune', 'production', '--unpin', newest)).toEqual([changed])
    const restored = await srv(0, 'restore', 'production', '--confirm', 'app@web1', '--plain')
    expect(transcript(restored)).toContain(
      `${newest} in nas:${vault()} is newer than ${older}, which is taken, but its snapshot.json was changed`,
    )
    writeFileSync(described, text)
    await srv(0, 'verify', 'production')
  })

  it('of an unreadable one, to people, and when there is no other', async () => {
    await srv(0, 'backup', 'production')
    const [id = ''] = ids()
    writeFileSync(vault(id, 'snapshot.json'), '')
    expect((await srv(0, 'snapshots', 'production')).stdout).toMatch(
      new RegExp(`\\n${id} of app on web1 has no snapshot.json that can be read\\n`),
    )
    expect((await srv(0, 'status', 'production')).stdout).toContain('none, a newer one is unreadable')
    expect((await errors('restore', 'production')).map(([code]) => code)).toEqual(['SRV-666'])
  })

  it('of what is said beside the data: the release, and how much there is', async () => {
    await srv(0, 'backup', 'production')
    const [id = ''] = ids()
    const differences = async (...args: readonly string[]): Promise<readonly string[]> =>
      runEnd(await srv(10, 'verify', 'production', '--json', ...args)).errors.flatMap(({ output }) => output)
    const [release, described] = [vault(id, 'release.json'), vault(id, 'snapshot.json')] as const
    const text = readFileSync(described, 'utf8')
    for (const damage of ['nulk\n', '']) {
      writeFileSync(release, damage)
      expect(await differences('--level', 'quick')).toEqual(['differs in content: ../release.json'])
    }
    // One from before there were sums of them.
    rmSync(vault(id, 'snapshot.sum'))
    writeFileSync(described, text.replace(/"releaseSum":"[0-9a-f]{64}",/, ''))
    expect(await differences()).toEqual(['differs in content: ../release.json'])
    writeFileSync(release, 'null\n')
    await srv(0, 'verify', 'production')
    writeFileSync(described, text.replace('"files":3', '"files":4'))
    expect(await differences()).toEqual([
      'differs in what it says: ../snapshot.json has 4 files and 11 bytes, the manifest 3 files and 11 bytes',
    ])
    // It keeps nobody from the data.
    await srv(0, 'restore', 'production', '--confirm', 'app@web1')
  })

  it('of one that is published, with something missing behind it', async () => {
    mkdirSync(vault('latest/folder'), { recursive: true })
    const [error, ...others] = await errors('backup', 'production')
    const [id = ''] = ids()
    expect(others).toEqual([])
    expect(error?.[0]).toBe('SRV-663')
    expect(error?.[1]).toContain(`The snapshot ${id} of app on web1 was made in nas:${vault()} and is complete, but`)
    expect(error?.[1]).toMatch(/: mv: .*latest.*[.] `latest` there may/)
    rmSync(vault('latest'), { recursive: true })
    await srv(0, 'backup', 'production')
    expect(readlinkSync(vault('latest'))).toBe(ids().toSorted().at(-1))
  })
})
