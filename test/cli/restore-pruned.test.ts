import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd || !hasPrograms('rsync', 'flock'))('a snapshot that is pruned while it is restored', () => {
  let sshd: Sshd
  let project: Project
  let pruned = ''
  /** Programs of the second host that stand before those of the machine. */
  const tools = mkdtempSync(join(tmpdir(), 'srv-pruned-'))
  const at = (...parts: readonly string[]): string => join(project.folder, ...parts)
  const data = (host: string): string => project.host(host).path('data')
  const snapshots = (): readonly string[] =>
    readdirSync(at('tank/web1/app')).filter((name) => /^\d{8}T\d{6}Z$/.test(name))

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }

  beforeAll(async () => {
    sshd = await startSshd({
      addresses: ['127.9.13.5', '127.9.13.6', '127.9.13.7'],
      matches: ['Match LocalAddress 127.9.13.6', `SetEnv PATH=${tools}:${env['PATH'] ?? ''}`],
    })
    project = cliProject(sshd, { web1: {}, web2: {}, nas: {} })
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${at('tank')}', way: 'laptop' }, keep: { last: 1 }, acls: false, xattrs: false })]`,
    })
    for (const host of ['web1', 'web2']) {
      mkdirSync(data(host), { recursive: true })
      writeFileSync(join(data(host), 'file'), `of ${host}`)
    }
    // What makes the folder on the second host waits there until the test lets it go on.
    const gate = `begun='${at('begun')}' go='${at('go')}'
case $* in *.restore-*) : >"$begun"; until [ -e "$go" ]; do sleep 0.05; done ;; esac
PATH=/usr/bin:/bin exec mkdir "$@"
`
    writeFileSync(join(tools, 'mkdir'), `#!/bin/sh\n${gate}`, { mode: 0o755 })
    await srv(0, 'backup', 'production', '--host', 'web1')
  })
  afterEach(() => {
    for (const name of ['begun', 'go']) rmSync(at(name), { force: true })
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
    rmSync(tools, { recursive: true })
  })

  it.each([
    ['a restore', ['--confirm', 'app@web2']],
    ['a restore of a part', ['--path', 'file', '--confirm', 'app@web2']],
    ['a restore to a folder', ['--to', join(tools, 'found')]],
  ])('ends %s plainly, and nothing is touched', async (_case, more) => {
    const [id = ''] = snapshots()
    const restore = ['restore', 'production', '--host', 'web2', '--from', 'web1', '--snapshot', id]
    const running = project.start([...restore, ...more, '--json'])
    await expect.poll(() => existsSync(at('begun')), { timeout: 30_000, interval: 50 }).toBe(true)
    // It has the lease of web2, and this one that of web1.
    await srv(0, 'backup', 'production', '--host', 'web1')
    expect(snapshots()).not.toContain(id)
    writeFileSync(at('go'), '')
    const outcome = await running.outcome
    expect(outcome.code, transcript(outcome)).toBe(10)
    const where = `nas:${at('tank/web1/app')}`
    expect(runEnd(outcome).errors).toMatchObject([
      {
        code: 'SRV-665',
        message: `The snapshot ${id} is no longer in ${where}: it was removed after it had been chosen for app on web2, as a prune does. The data of app on web2 was not changed.`,
        hint: 'Run it again with one that is left: srv snapshots production app. One that is pinned is never pruned: srv prune production app --pin <id>',
      },
    ])
    expect(readFileSync(join(data('web2'), 'file'), 'utf8')).toBe('of web2')
    expect(readdirSync(tools)).toEqual(['mkdir'])
    expect(readdirSync(project.host('web2').path()).filter((name) => name !== '.srv')).toEqual(['data'])
    pruned = id
  })

  it('is not found by its name afterwards', async () => {
    const outcome = await srv(10, 'restore', 'production', '--host', 'web1', '--snapshot', pruned)
    expect(runEnd(outcome).errors.map(({ code }) => code)).toEqual(['SRV-643'])
  })
})
