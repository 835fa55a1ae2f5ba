import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('a snapshot before a deploy of a service with two instances', () => {
  let sshd: Sshd
  let project: Project
  let count = 0
  const tank = (...parts: readonly string[]): string => join(project.folder, 'tank', ...parts)
  const data = (...parts: readonly string[]): string => project.host('web1').path('data', ...parts)
  const snapshots = (): readonly string[] =>
    existsSync(tank('web1/app')) ? readdirSync(tank('web1/app')).filter((name) => /^\d{8}T\d{6}Z$/.test(name)) : []
  const serving = (outcome: Outcome, instance: string): string | null | undefined =>
    runEnd(outcome).serving[`app/${instance}@web1`]?.release

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }

  function configure(native: string, worker: string): void {
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${tank()}', way: 'laptop' }, acls: false, xattrs: false })]`,
      instance: `backup: ${native} }, worker: { kind: 'native', start: process({ exec: 'exec sleep 100000' }), backup: ${worker},`,
    })
  }

  /** Something to deploy, and something to copy. */
  function change(): void {
    count += 1
    project.app.commit(`v${String(count)}`)
    writeFileSync(data('file'), `content ${String(count)}`)
  }

  /** Each start of the first instance. */
  const starts = (): readonly string[] =>
    readFileSync(project.host('web1').path('.srv/native/log'), 'utf8').match(/^\w+ listens$/gm) ?? []

  const told = (id: string): unknown => JSON.parse(readFileSync(tank('web1/app', id, 'snapshot.json'), 'utf8'))

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.13.3', '127.9.13.4'] })
    project = cliProject(sshd, { web1: {}, nas: {} })
    configure('{}', '{}')
    mkdirSync(data(), { recursive: true })
    change()
    await srv(0, 'deploy', 'production')
  })
  beforeEach(() => {
    rmSync(tank(), { recursive: true, force: true })
    change()
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it.each([
    ['the second one alone has it, and both are deployed', '{}', `'before-deploy'`, ['app']],
    ['the second one alone has it and is deployed', '{}', '{ beforeDeploy: true }', ['app/worker']],
    ['both have it, and both are deployed', `'before-deploy'`, `'before-deploy'`, ['app']],
    ['both have it, and the second one is deployed', `'before-deploy'`, `'before-deploy'`, ['app/worker']],
  ])('is made once when %s', async (_case, native, worker, named) => {
    configure(native, worker)
    const served = project.host('web1').current()
    const outcome = await srv(0, 'deploy', 'production', ...named)
    const made = snapshots()
    expect(made, transcript(outcome)).toHaveLength(1)
    const [id = ''] = made
    // It is of the release that a rehearsal starts, and for the one that is deployed.
    expect(told(id)).toMatchObject({ state: 'good', release: served, before: serving(outcome, 'worker') })
    expect(JSON.parse(readFileSync(tank('web1/app', id, 'release.json'), 'utf8'))).toMatchObject({ id: served })
    expect(readFileSync(tank('web1/app', id, 'data/file'), 'utf8')).toBe(`content ${String(count)}`)
  })

  it('is not made for a deploy of the one that does not have it', async () => {
    configure('{}', `'before-deploy'`)
    await srv(0, 'deploy', 'production', 'app/native')
    expect(snapshots()).toEqual([])
  })

  it('is made as either of them says that the data is to be copied', async () => {
    configure(`{ exclude: ['/left-out'] }`, `{ beforeDeploy: true, consistency: 'stop' }`)
    writeFileSync(data('left-out'), '')
    const started = starts().length
    await srv(0, 'deploy', 'production', 'app/worker')
    const [id = ''] = snapshots()
    expect(readdirSync(tank('web1/app', id, 'data')).sort()).toEqual(['file', 'port'])
    // The first one, which the run is not about, was stopped for it, and runs again.
    expect(starts()).toHaveLength(started + 1)
    expect(await project.host('web1').page()).toMatchObject({ version: expect.any(String) })
    rmSync(data('left-out'))
  })

  it('cannot be gone back to, whichever of them is named', async () => {
    configure('{}', '{}')
    for (const name of ['app', 'app/native', 'app/worker']) {
      const outcome = await srv(9, 'rollback', 'production', name, '--with-data')
      expect(runEnd(outcome).errors.map(({ code }) => code)).toEqual(['SRV-649'])
    }
  })

  it('is refused with the config when they disagree about their data', async () => {
    configure(`{ consistency: 'stop', dumps: [] }`, `{ consistency: 'live', rehearsal: { assert: 'true' } }`)
    const log = sshd.log()
    const outcome = await project.srv(['deploy', 'production'])
    expect(outcome.code, transcript(outcome)).toBe(2)
    const worker = 'services.app.instances.worker.backup'
    expect(outcome.stderr).toBe(
      `✖ SRV-101 ${project.folder}/srv.config.ts has 2 problems; nothing was contacted:
    ${worker}.consistency differs from what the instance native says, and both have the same data: say it in one of them, or the same in both
    ${worker}.rehearsal would not be used, because a rehearsal starts the first instance of the service, native: say it there
  → Correct it and run the same command again; an editor with TypeScript shows most of these as you type.
`,
    )
    expect(sshd.log()).toBe(log)
  })

  it('is needed: a deploy of the second one without it changes nothing', async () => {
    configure('{}', `'before-deploy'`)
    rmSync(data(), { recursive: true })
    const outcome = await srv(9, 'deploy', 'production', 'app/worker')
    expect(runEnd(outcome).errors.map(({ code }) => code)).toEqual(['SRV-648'])
    expect(snapshots()).toEqual([])
  })
})
