import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, noBashrc, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('a service that was held while its data were copied', () => {
  let sshd: Sshd
  let project: Project
  /** Programs of the host that stand before those of the machine. */
  let tools: string
  const service = (...parts: readonly string[]): string => project.host('web1').path(...parts)
  const ids = (): readonly string[] => {
    const folder = join(project.folder, 'tank/web1/app')
    return existsSync(folder) ? readdirSync(folder).filter((name) => /^\d{8}T\d{6}Z$/.test(name)) : []
  }
  /** How often its health was asked for. */
  const asked = (): number => readFileSync(service('asked'), 'utf8').split('\n').length - 1

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }

  function configure(backup: string): void {
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false })]`,
      health: `command('cd "$SRV_DATA/.." && echo >>asked && if [ -e sick ]; then echo "the database is gone"; exit 1; fi', { samples: 3, intervalMs: 10, timeoutMs: 300 })`,
      instance: `backup: { ${backup} },`,
    })
  }

  beforeAll(async () => {
    tools = mkdtempSync(join(tmpdir(), 'srv-tools-'))
    sshd = await startSshd({
      addresses: ['127.9.16.1', '127.9.16.2'],
      matches: ['Match LocalAddress 127.9.16.1', `SetEnv ${noBashrc} PATH=${tools}:${env['PATH'] ?? ''}`],
    })
    project = cliProject(sshd, { web1: {}, nas: {} })
    configure(`consistency: 'stop'`)
    project.app.commit('one')
    await srv(0, 'deploy', 'production')
    writeFileSync(service('data/file'), 'one')
  })
  afterAll(async () => {
    project.remove()
    rmSync(tools, { recursive: true })
    await sshd.stop()
  })

  it.each([
    ['stop', 3],
    ['pause', 1],
  ])('by %s has to give as many good answers as it takes', async (how, answers) => {
    configure(`consistency: '${how}'`)
    rmSync(service('asked'))
    await srv(0, 'backup', 'production')
    // Once more at the end of the run.
    expect(asked()).toBe(answers + 1)
  })

  it.each(['stop', 'pause'])('by %s and is not healthy then fails the backup, and its snapshot stays', async (how) => {
    configure(`consistency: '${how}'`)
    const before = ids().length
    writeFileSync(service('sick'), '')
    // It is down when the run ends, too.
    const outcome = await srv(7, 'backup', 'production')
    expect(runEnd(outcome).errors.map(({ code, message }) => [code, message])).toEqual([
      [
        'SRV-657',
        'app on web1 was brought back up after its data was copied, and is not healthy: exited with status 1 after 0.3 s: cd "$SRV_DATA/.." && echo >>asked && if [ -e sick ]; then echo "the database is gone"; exit 1; fi. It may not have been healthy before either, which a backup does not ask. The copied data was kept.',
      ],
    ])
    expect(runEnd(outcome).errors[0]?.output).toContain('the database is gone')
    expect(ids()).toHaveLength(before + 1)
    expect(await project.host('web1').page()).toMatchObject({ version: 'one' })
    rmSync(service('sick'))
  })

  it('is asked for nothing where it did not run, nor before a deploy, which may be what heals it', async () => {
    configure(`consistency: 'stop', beforeDeploy: true`)
    writeFileSync(service('sick'), '')
    project.app.commit('two')
    // It came as far as the new release, which is no better.
    const outcome = await srv(7, 'deploy', 'production')
    expect(runEnd(outcome).errors.map(({ code }) => code)).toEqual(['SRV-599', 'SRV-501'])
    await srv(0, 'stop', 'production')
    await srv(0, 'backup', 'production')
    rmSync(service('sick'))
  })
  it('longer than it may be is told, and makes no snapshot', async () => {
    configure(`consistency: 'stop', holdSeconds: 900`)
    await srv(0, 'restart', 'production')
    const before = ids()
    // Time is up as soon as the last changes are asked for.
    const rsync = execFileSync('sh', ['-c', 'command -v rsync'], { encoding: 'utf8' }).trim()
    const state = service('.srv')
    writeFileSync(
      join(tools, 'rsync'),
      `#!/bin/sh\nif [ -e '${state}/held/native' ]; then SRV_RUN=time sh '${state}/timer/run' >/dev/null 2>&1 </dev/null; fi\nexec ${rsync} "$@"\n`,
      { mode: 0o755 },
    )
    const outcome = await srv(10, 'backup', 'production')
    expect(runEnd(outcome).errors.map(({ code, message, hint }) => [code, message, hint])).toEqual([
      [
        'SRV-669',
        'app on web1 was brought back before its data were copied: copying what had changed took longer than 900 s. What was copied is not of one moment, so no snapshot was made, and older ones are as they were.',
        expect.stringContaining('Raise `holdSeconds`'),
      ],
    ])
    expect(ids()).toEqual(before)
    expect(await project.host('web1').page()).toMatchObject({ version: 'one' })
  })
})
