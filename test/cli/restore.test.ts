import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

/** Only root can mount a file system. */
const canMount = spawnSync('unshare', ['-m', 'true']).status === 0

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('srv restore', () => {
  let sshd: Sshd
  let project: Project
  let first = ''
  const folder = (): string => project.host('web1').path()
  const data = (...parts: readonly string[]): string => project.host('web1').path('data', ...parts)
  const vault = (...parts: readonly string[]): string => join(project.folder, 'tank/web1/app', ...parts)
  const ids = (): readonly string[] => readdirSync(vault()).filter((name) => /^\d{8}T\d{6}Z$/.test(name))
  const kept = (): readonly string[] => readdirSync(folder()).filter((name) => name.startsWith('data.before-'))

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  const codes = (outcome: Outcome): readonly string[] => runEnd(outcome).errors.map(({ code }) => code)

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.12.1', '127.9.12.2'] })
    project = cliProject(sshd, { web1: {}, nas: {} })
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false })]`,
    })
    mkdirSync(data('folder'), { recursive: true })
    writeFileSync(data('file'), 'old')
    writeFileSync(data('folder', 'inner'), 'inner')
    mkdirSync(data('uploads'))
    await srv(0, 'backup', 'production')
    first = ids()[0] ?? ''
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it('refuses to put older data over newer ones, and changes nothing', async () => {
    writeFileSync(data('file'), 'newer')
    const outcome = await srv(9, 'restore', 'production')
    expect(runEnd(outcome).errors.map(({ code, message, hint }) => [code, message, hint])).toEqual([
      [
        'SRV-644',
        `The data of app on web1 changed after the snapshot ${first} was begun: ${data('file')} was written since, and a restore would undo that. Nothing was changed.`,
        'To restore anyway: --confirm app@web1. The data of now is kept beside it, as data.before-…. Or restore only a part, with --path, or to a folder, with --to.',
      ],
    ])
    expect(readFileSync(data('file'), 'utf8')).toBe('newer')
    expect(kept()).toEqual([])
  })

  it('puts the snapshot in the place of the data that are named, and keeps those beside', async () => {
    const outcome = await srv(0, 'restore', 'production', '--confirm', 'app@web1')
    expect(readFileSync(data('file'), 'utf8')).toBe('old')
    expect(readFileSync(data('folder', 'inner'), 'utf8')).toBe('inner')
    const [before = ''] = kept()
    expect(eventsOf(outcome).map(({ reason }) => reason)).toContain(
      `the data of the snapshot ${first} is in place; the previous data is kept in ${join(folder(), before)}; srv prune production app --old-data removes it once it is 7 days old`,
    )
    expect(readFileSync(join(folder(), before, 'file'), 'utf8')).toBe('newer')
    expect(readdirSync(folder()).filter((name) => name.startsWith('.restore-'))).toEqual([])
  })

  it('restores the snapshot that is named, or the newest one from before a time', async () => {
    writeFileSync(data('file'), 'second')
    await srv(0, 'backup', 'production')
    writeFileSync(data('file'), 'third')
    await srv(0, 'restore', 'production', '--snapshot', first, '--confirm', 'app@web1')
    expect(readFileSync(data('file'), 'utf8')).toBe('old')
    await srv(0, 'restore', 'production', '--confirm', 'app@web1')
    expect(readFileSync(data('file'), 'utf8')).toBe('second')
    const time = first.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5')
    await srv(0, 'restore', 'production', '--at', time, '--confirm', 'app@web1')
    expect(readFileSync(data('file'), 'utf8')).toBe('old')
    expect(codes(await srv(10, 'restore', 'production', '--at', '2020-01-01'))).toEqual(['SRV-643'])
  })

  it('takes a snapshot of a clock that was ahead by its name alone', async () => {
    const ahead = '29990101T000000Z'
    execFileSync('cp', ['-a', vault(first), vault(ahead)])
    const described = vault(ahead, 'snapshot.json')
    writeFileSync(described, readFileSync(described, 'utf8').replace(first, ahead))
    rmSync(vault(ahead, 'snapshot.sum'))
    await srv(0, 'restore', 'production', '--confirm', 'app@web1')
    expect(readFileSync(data('file'), 'utf8')).toBe('second')
    await srv(0, 'restore', 'production', '--snapshot', ahead, '--confirm', 'app@web1')
    expect(readFileSync(data('file'), 'utf8')).toBe('old')
    await srv(0, 'restore', 'production', '--confirm', 'app@web1')
    rmSync(vault(ahead), { recursive: true })
  })

  it('asks for the room that a snapshot takes, and not for the sum of its sizes', async () => {
    const described = vault(first, 'snapshot.json')
    const before = readFileSync(described, 'utf8')
    writeFileSync(described, before.replace(/"bytes":\d+/, '"bytes":9e15'))
    rmSync(vault(first, 'snapshot.sum'))
    await srv(0, 'restore', 'production', '--snapshot', first, '--to', join(project.folder, 'found'))
    await srv(0, 'restore', 'production', '--snapshot', first, '--rehearse')
    writeFileSync(described, before)
  })

  it.skipIf(!canMount)(
    'is refused where another disk is inside the data, before anything is brought or stopped',
    async () => {
      execFileSync('mount', ['-t', 'tmpfs', 'none', data('uploads')])
      try {
        for (const args of [[], ['--path', 'uploads']]) {
          const outcome = await srv(10, 'restore', 'production', '--confirm', 'app@web1', '--snapshot', first, ...args)
          const problem =
            args.length === 0
              ? `${data('uploads')} is a mount point inside ${data()}`
              : `${data('uploads')} is a mount point`
          expect(runEnd(outcome).errors).toMatchObject([
            { code: 'SRV-645', message: expect.stringContaining(`${problem}, so it cannot be replaced by a rename`) },
          ])
          expect(outcome.stdout).not.toContain('"step":"2.1"')
        }
        // What is beside it can be restored.
        await srv(0, 'restore', 'production', '--confirm', 'app@web1', '--path', 'folder')
      } finally {
        execFileSync('umount', ['-l', data('uploads')])
      }
    },
  )

  it('does not restore what is not what it was', async () => {
    const newest = ids().toSorted().at(-1) ?? ''
    writeFileSync(vault(newest, 'data', 'file'), 'SECOND')
    const outcome = await srv(10, 'restore', 'production', '--confirm', 'app@web1')
    expect(runEnd(outcome).errors.map(({ code, output }) => [code, output])).toEqual([
      ['SRV-642', ['differs in content time: file']],
    ])
    expect(readFileSync(data('file'), 'utf8')).toBe('second')
    expect(existsSync(join(folder(), '.restore-'))).toBe(false)
  })
})
