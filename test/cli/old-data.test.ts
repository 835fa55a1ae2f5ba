import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { noAccounts } from '../support/accounts.ts'
import { cliProject, type Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { keptProject, startMachine, type Machine } from '../support/machine.ts'
import { hasPrograms, isRequired } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

const old = '20200101T000000Z-00aa'

/** A plugin whose snapshots are on a machine; the bytes go through this one. */
const backups = (on: string, folder: string): string =>
  `[git(), rsyncBackup({ to: { folder: '${on}:${folder}/tank', way: 'laptop' }, acls: false, xattrs: false, keep: { last: 1 } })]`
const head = `import { rsyncBackup } from 'srvkit/rsync-backup'`

async function srvIn(project: Project, code: number, ...args: readonly string[]): Promise<Outcome> {
  const outcome = await project.srv([...args, '--host', 'web1'])
  expect(outcome.code, transcript(outcome)).toBe(code)
  return outcome
}
const progressOf = (outcome: Outcome): readonly unknown[] =>
  eventsOf(outcome).flatMap(({ type, text }) => (type === 'step.progress' ? [text] : []))

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('what restores leave on a host', () => {
  let sshd: Sshd
  let project: Project
  let kept = ''
  const service = (...parts: readonly string[]): string => project.host('web1').path(...parts)
  const named = (): readonly string[] =>
    readdirSync(service())
      .filter((name) => name.includes('.before-'))
      .toSorted()
  const srv = (code: number, ...args: readonly string[]): Promise<Outcome> => srvIn(project, code, ...args)
  const prune = (code: number, ...args: readonly string[]): Promise<Outcome> =>
    srv(code, 'prune', 'production', '--old-data', '--json', ...args)
  /** All of the service and of its snapshots, with the times at which it was changed. */
  const everything = (): string =>
    execFileSync(
      'find',
      [service(), join(project.folder, 'tank'), '-path', '*/.srv*', '-o', '-printf', '%p %y %m %T@ %l\n'],
      {
        encoding: 'utf8',
      },
    )

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.61.1', '127.9.61.2'] })
    project = cliProject(sshd, { web1: {}, nas: {}, gone: { Port: '1' } })
    project.configure({ head, plugins: backups('nas', project.folder) })
    mkdirSync(service('data'), { recursive: true })
    writeFileSync(service('data/file'), 'one')
    await srv(0, 'backup', 'production')
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it('is told at the end of the restore, with how to remove it', async () => {
    const restored = await srv(0, 'restore', 'production', '--confirm', 'app@web1', '--json')
    kept = named()[0] ?? ''
    expect(eventsOf(restored).map(({ reason }) => reason)).toContainEqual(
      expect.stringMatching(
        new RegExp(
          ` is kept in ${service(kept)}; srv prune production app --old-data removes it once it is 7 days old$`,
        ),
      ),
    )
  })

  it('is listed by srv snapshots and counted by srv status', async () => {
    const row = { service: 'app', host: 'web1' }
    const since = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/)
    const old_data = [{ ...row, kept: [{ path: service(kept), since, partly_removed: false }] }]
    expect(JSON.parse((await srv(0, 'snapshots', 'production', '--json')).stdout)).toMatchObject({ old_data })
    expect(JSON.parse((await srv(0, 'status', 'production', '--json')).stdout)).toMatchObject({ old_data })
    const { stdout } = await srv(0, 'snapshots', 'production', '--plain')
    expect(stdout).toMatch(new RegExp(`^app +web1 +\\d+ (s|min) +${service(kept)}$`, 'm'))
    expect(stdout).toContain('srv prune production --old-data')
    expect((await srv(0, 'status', 'production', '--plain')).stdout).toMatch(
      /^Old data of app on web1, left by restores: 1 folder, the oldest from \d+ (s|min) ago\. srv snapshots production app$/m,
    )
  })

  it('stays for 7 days', async () => {
    const before = everything()
    for (const more of [['--dry-run'], [], ['--older-than', '1d2h']]) {
      const outcome = await prune(0, ...more)
      const limit = more[1] ?? '7 days'
      expect(progressOf(outcome)).toEqual([
        expect.stringMatching(new RegExp(`^keep ${service(kept)}: \\d+ minutes? old, which is less than ${limit}$`)),
      ])
      expect(everything()).toBe(before)
    }
  })

  it('is removed once it is that old, with nothing else, and also when no keeper can be reached', async () => {
    project.configure({ head, plugins: backups('gone', project.folder) })
    renameSync(service(kept), service(`data.before-${old}`))
    for (const name of [
      `dumps.before-${old}`,
      `data.before-${old}.made`,
      'data.before-mine',
      `data.before-${old}.bak`,
    ]) {
      mkdirSync(service(name, 'folder'), { recursive: true })
      writeFileSync(service(name, 'folder/file'), name)
    }
    symlinkSync('data', service('data.before-20200101T000001Z-00aa'))
    const others = ['data.before-20200101T000001Z-00aa', `data.before-${old}.bak`, 'data.before-mine']
    const all = [`data.before-${old}`, `data.before-${old}.made`, `dumps.before-${old}`]
    const before = everything()
    const removing = all.map((name) => `remove ${service(name)}: 0 minutes old`).toSorted()
    expect(progressOf(await prune(0, '--older-than', '0d', '--dry-run')).toSorted()).toEqual(removing)
    expect(everything()).toBe(before)
    const outcome = await prune(0, '--older-than', '0d')
    expect(progressOf(outcome).toSorted()).toEqual(removing)
    expect(eventsOf(outcome).map(({ reason }) => reason)).toContain('removed 3 of the 3 that restores left')
    expect(named()).toEqual(others.toSorted())
    expect(readFileSync(service('data/file'), 'utf8')).toBe('one')
    expect(readdirSync(service(`data.before-${old}.bak/folder`))).toEqual(['file'])
    project.configure({ head, plugins: backups('nas', project.folder) })
    for (const name of others) rmSync(service(name), { recursive: true })
  })

  it('is listed as partly removed, and goes with the next prune, when a removal was cut off', async () => {
    mkdirSync(service(`.trash-data.before-${old}/folder`), { recursive: true })
    expect((await srv(0, 'snapshots', 'production', '--plain')).stdout).toContain(', partly removed')
    const outcome = await prune(0)
    expect(progressOf(outcome)).toEqual([`remove ${service(`.trash-data.before-${old}`)}: its removal was cut off`])
    expect(named()).toEqual([])
    for (const more of [['--dry-run'], []]) {
      expect(progressOf(await prune(0, ...more))).toEqual([`restores have left nothing in ${service()}`])
    }
  })

  it('is not known where the host cannot be asked, which hides no snapshot', async () => {
    project.configure({ head, plugins: backups('nas', project.folder) })
    const config = readFileSync(project.sshConfig, 'utf8')
    writeFileSync(project.sshConfig, config.replace(/(Host web1\n)/, '$1  Port 1\n'))
    try {
      const { stdout } = await srv(0, 'snapshots', 'production', '--json')
      const document: unknown = JSON.parse(stdout)
      expect(document).toMatchObject({ old_data: [{ service: 'app', host: 'web1', kept: null }], errors: [] })
      const shown = await srv(0, 'snapshots', 'production', '--plain')
      expect(shown.stdout).toContain('What restores of app left on web1 is not known: the host could not be asked.')
    } finally {
      writeFileSync(project.sshConfig, config)
    }
  })

  it('says which times it understands, before anything is contacted', async () => {
    for (const [args, problem] of [
      [['--old-data', '--older-than', '3'], '--older-than 3 is not a time in days and hours, such as 3d or 12h.'],
      [['--older-than', '3d'], '--older-than is about --old-data, which was not given.'],
    ] as const) {
      const outcome = await srv(2, 'prune', 'production', '--json', ...args)
      const message = `${problem} Nothing was contacted.`
      expect(JSON.parse(outcome.stdout)).toMatchObject({ error: { code: 'SRV-100', message } })
    }
  })
})

const skipped = !isRequired && (noAccounts !== undefined || !hasPrograms('sshd', 'ssh', 'ssh-keygen', 'rsync'))

describe.skipIf(skipped)('what restores leave that the login user may not remove', () => {
  let host: Machine
  let keeper: Machine
  let project: Project
  const service = (...parts: readonly string[]): string => project.host('web1').path(...parts)

  beforeEach(async () => {
    host = await startMachine('host', '127.9.61.3')
    keeper = await startMachine('keeper', '127.9.61.3')
    project = keptProject(host, keeper)
    project.configure({ head, plugins: backups('nas', project.folder) })
    mkdirSync(service('data'), { recursive: true })
    writeFileSync(service('data/file'), 'one')
    for (const name of [`data.before-${old}`, `dumps.before-${old}`]) {
      mkdirSync(service(name, 'closed/inner'), { recursive: true, mode: 0o500 })
    }
    host.give(join(project.folder, 'hosts/web1'))
  })
  afterEach(async () => {
    for (const one of [host, keeper]) await one.remove()
    project.remove()
  })

  it('is said with where it is by now, keeps nothing else, and is gone once it may', async () => {
    const foreign = service(`data.before-${old}/foreign`)
    mkdirSync(join(foreign, 'inner'), { recursive: true })
    const gone = service(`.trash-data.before-${old}`)
    const args = ['prune', 'production', '--old-data', '--older-than', '0h', '--json']
    const refused = runEnd(await srvIn(project, 10, ...args))
    expect(refused.errors.map(({ code, message, hint }) => [code, message, hint])).toEqual([
      [
        'SRV-662',
        expect.stringMatching(
          new RegExp(
            `^web1:${service(`data.before-${old}`)}, which a restore of app on web1 left there, was not removed, or not all of it: .*foreign/inner.*; what is left of it is in ${gone}\\. The data that is in use was not touched\\.$`,
          ),
        ),
        '`-v` shows all output. Once that is fixed: srv prune production app --old-data',
      ],
    ])
    expect(readdirSync(gone)).toEqual(['foreign'])
    expect(existsSync(service(`dumps.before-${old}`))).toBe(false)
    host.give(gone)
    await srvIn(project, 0, ...args)
    expect([existsSync(gone), readFileSync(service('data/file'), 'utf8')]).toEqual([false, 'one'])
  })
})
