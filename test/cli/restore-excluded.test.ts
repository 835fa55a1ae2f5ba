import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('what snapshots leave out, in srv restore', () => {
  let sshd: Sshd
  let project: Project
  const folder = (...parts: readonly string[]): string => project.host('web1').path(...parts)
  const data = (...parts: readonly string[]): string => folder('data', ...parts)
  const kept = (): readonly string[] => readdirSync(folder()).filter((name) => name.startsWith('data.before-'))

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  const warned = (outcome: Outcome): readonly string[] =>
    eventsOf(outcome).flatMap(({ type, message }) => (type === 'warning' ? [String(message)] : []))
  const found = (outcome: Outcome): readonly string[] =>
    runEnd(outcome).errors.map(({ code, message }) => `${code} ${message.replace(/^.* bring them back: /, '')}`)

  function configure(exclude: string): void {
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false })]`,
      instance: `backup: { exclude: [${exclude}] },`,
    })
  }

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.27.1', '127.9.27.2'] })
    project = cliProject(sshd, { web1: {}, nas: {} })
    configure(`'/uploads/', '*.log'`)
    mkdirSync(data('uploads/2026'), { recursive: true })
    mkdirSync(data('deep/er'), { recursive: true })
    for (const file of ['uploads/2026/one', 'deep/er/ü.log', 'deep/er/kept', 'beside']) writeFileSync(data(file), file)
    // Nothing is of the second in which the snapshot is begun.
    execFileSync('find', [data(), '-exec', 'touch', '-d', '2026-01-01', '{}', '+'])
    await srv(0, 'backup', 'production')
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it('is named before anything is brought or stopped, and nothing is changed', async () => {
    const outcome = await srv(9, 'restore', 'production')
    expect(found(outcome)).toEqual([String.raw`SRV-664 deep/er/\#303\#274.log, uploads. Nothing was changed.`])
    expect(outcome.stdout).not.toContain('bringing')
    expect(found(await srv(9, 'restore', 'production', '--path', 'deep'))).toEqual([
      String.raw`SRV-664 deep/er/\#303\#274.log. Nothing was changed.`,
    ])
    expect(kept()).toEqual([])
    await srv(0, 'restore', 'production', '--path', 'beside')
    for (const name of kept()) rmSync(folder(name), { recursive: true })
  })

  it('goes with the data of before where that is confirmed, and a warning says where it is', async () => {
    const outcome = await srv(0, 'restore', 'production', '--confirm', 'app@web1')
    const [before = ''] = kept()
    expect(warned(outcome)).toEqual([
      expect.stringMatching(new RegExp(`after the switch only in ${folder(before)}: deep/er/.*, uploads$`)),
    ])
    expect(readdirSync(data()).sort()).toEqual(['beside', 'deep'])
    expect(readFileSync(folder(before, 'uploads/2026/one'), 'utf8')).toBe('uploads/2026/one')
    // Nothing of that kind is in the data now.
    expect(warned(await srv(0, 'restore', 'production'))).toEqual([])
    renameSync(folder(before, 'uploads'), data('uploads'))
  })

  it('is no matter where the snapshot has it, from before it was left out', async () => {
    configure('')
    await srv(0, 'backup', 'production')
    configure(`'/uploads/'`)
    expect(warned(await srv(0, 'restore', 'production', '--confirm', 'app@web1'))).toEqual([])
    expect(readFileSync(join(data('uploads'), '2026/one'), 'utf8')).toBe('uploads/2026/one')
  })

  it('is named also behind more names than are looked up', async () => {
    configure('')
    mkdirSync(data('a'))
    for (let one = 0; one < 1000; one++) writeFileSync(data(`a/${String(one)}.log`), '')
    await srv(0, 'backup', 'production')
    configure(`'*.log'`)
    writeFileSync(data('deep/er/later.log'), '')
    execFileSync('find', [data(), '-exec', 'touch', '-d', '2026-01-01', '{}', '+'])
    expect(found(await srv(9, 'restore', 'production'))).toEqual([
      'SRV-664 more than the 1000 things that were looked up. Nothing was changed.',
    ])
    expect(found(await srv(9, 'restore', 'production', '--path', 'deep'))).toEqual([
      'SRV-664 deep/er/later.log. Nothing was changed.',
    ])
  })
})
