import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('one service of a host that cannot be backed up', () => {
  let sshd: Sshd
  let project: Project
  const data = (service: string, ...parts: readonly string[]): string =>
    join(project.folder, 'hosts/web1', service, 'data', ...parts)
  const vault = (service: string): string => join(project.folder, 'tank/web1', service)
  const snapshots = (service: string): number =>
    existsSync(vault(service)) ? readdirSync(vault(service)).filter((name) => /^\d{8}T\d{6}Z$/.test(name)).length : 0

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  /** How each step ended, without its run: `changed backup:snapshot shop`. */
  const steps = (outcome: Outcome): readonly string[] =>
    eventsOf(outcome).flatMap((event) =>
      event.type === 'step.end' ? [`${event.status} ${event.task} ${event.target?.replace(/\/.*$/, '') ?? ''}`] : [],
    )

  beforeEach(async () => {
    sshd = await startSshd({ addresses: ['127.9.54.1', '127.9.54.2'] })
    project = cliProject(sshd, { web1: {}, nas: {} })
    const service = `{ repository: './app', instances: { native: { kind: 'native', start: process({ exec: 'node app.mjs' }) } } }`
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false, keep: { last: 1 } })]`,
      services: `blog: ${service}, shop: ${service},`,
    })
    for (const name of ['app', 'blog', 'shop']) {
      mkdirSync(data(name), { recursive: true })
      for (let file = 0; file < 20; file++) writeFileSync(data(name, String(file)), name)
    }
  })
  afterEach(async () => {
    project.remove()
    await sshd.stop()
  })

  it('keeps none of the others from it, and fails the run, which says where it was done and where not', async () => {
    rmSync(data('app'), { recursive: true })
    mkdirSync(data('app'))
    const outcome = await srv(10, 'backup', 'production', '--json')
    expect(steps(outcome)).toEqual([
      'failed backup:snapshot app',
      'changed backup:snapshot blog',
      'changed backup:snapshot shop',
    ])
    expect(runEnd(outcome)).toMatchObject({
      status: 'failed',
      exit_code: 10,
      errors: [{ code: 'SRV-648', message: expect.stringContaining('app on web1') }],
      apart: { done: ['blog/native@web1', 'shop/native@web1'], failed: ['app/native@web1'] },
    })
    expect(outcome.stdout).not.toContain('undo.start')
    expect([snapshots('app'), snapshots('blog'), snapshots('shop')]).toEqual([0, 1, 1])
    const told = await srv(10, 'backup', 'production', '--plain')
    expect(`${told.stdout}${told.stderr}`).toContain(
      '  Failed: app/native on web1\n  Done: blog/native on web1; shop/native on web1\n',
    )
    expect(`${told.stdout}${told.stderr}`).not.toContain('No host was changed')
  })

  it('has the others backed up and verified when its snapshot is suspect, or is not what it was', async () => {
    await srv(0, 'backup', 'production', '--json')
    for (let file = 1; file < 20; file++) rmSync(data('app', String(file)))
    const outcome = await srv(10, 'backup', 'production', '--json')
    expect(runEnd(outcome).errors.map(({ code }) => code)).toEqual(['SRV-641'])
    // The rule removed the older one of each of them.
    expect([snapshots('app'), snapshots('blog'), snapshots('shop')]).toEqual([2, 1, 1])
    const [first = ''] = readdirSync(vault('app')).filter((name) => /^\d{8}T\d{6}Z$/.test(name))
    writeFileSync(join(vault('app'), first, 'data/0'), 'APP')
    const verified = await srv(10, 'verify', 'production', '--json')
    expect(steps(verified)).toEqual(['failed backup:verify app', 'ok backup:verify blog', 'ok backup:verify shop'])
    expect(runEnd(verified)).toMatchObject({ errors: [{ code: 'SRV-642' }], apart: { failed: ['app/native@web1'] } })
  })

  it('has the others backed up and nothing deployed in a pipeline that goes on with a deploy', async () => {
    project.app.commit('one')
    rmSync(data('app'), { recursive: true })
    mkdirSync(data('app'))
    const text = readFileSync(join(project.folder, 'srv.config.ts'), 'utf8')
    writeFileSync(
      join(project.folder, 'srv.config.ts'),
      text.replace(/}\)\n$/, `  pipelines: { careful: ['backup', 'deploy'] },\n})\n`),
    )
    const outcome = await srv(10, 'careful', 'production', '--json')
    expect([snapshots('blog'), snapshots('shop')]).toEqual([1, 1])
    expect(steps(outcome).filter((step) => !step.includes('backup:snapshot'))).toEqual([])
  })
})
