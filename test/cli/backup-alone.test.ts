import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript, type Outcome, type Running } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

describe.skipIf(!hasSshd || !hasPrograms('rsync', 'curl'))('the snapshots of a service, by one run at a time', () => {
  let sshd: Sshd
  let project: Project
  const service = (...parts: readonly string[]): string => project.host('web1').path(...parts)
  const vault = (...parts: readonly string[]): string => join(project.folder, 'tank/web1/app', ...parts)
  const file = (name: string): string => join(project.folder, name)
  const ids = (): readonly string[] => readdirSync(vault()).filter((name) => /^\d{8}T\d{6}Z$/.test(name))
  const args = (pipeline: string): readonly string[] => [
    ...pipeline.split(' '),
    'production',
    '--host',
    'web1',
    '--json',
  ]

  async function srv(code: number, pipeline: string, ...more: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args(pipeline), ...more])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }

  /** A program that says that it runs, and goes on once the test lets it. */
  const patient = (name: string): string => `touch ${file(name)}; until [ -e ${file('go')} ]; do sleep 0.05; done`

  function configure(options = '', instance = ''): void {
    project.configure({
      head: `import { dump, rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false, ${options} })]`,
      instance,
    })
  }

  /** Everything that is kept and everything of the service, with the time at which it was changed. */
  const everything = (): string =>
    execFileSync('find', [vault(), service('data'), '-printf', '%p %y %m %s %T@ %l\n'], { encoding: 'utf8' })

  async function begun(pipeline: string, mark: string): Promise<Running> {
    const running = project.start(args(pipeline))
    const early = running.outcome.then((outcome) => expect.fail(transcript(outcome)))
    await Promise.race([expect.poll(() => existsSync(file(mark)), { timeout: 60_000, interval: 50 }).toBe(true), early])
    return running
  }

  /** A run is refused for one that is under way, which it names, and changes nothing; that one goes on. */
  async function expectRefused(pipeline: string, running: Running, holder: string): Promise<void> {
    try {
      const before = everything()
      const refused = await srv(8, pipeline)
      expect(runEnd(refused)).toMatchObject({ status: 'locked', exit_code: 8, serving: {} })
      expect(runEnd(refused).errors.map(({ message }) => message)).toEqual([
        expect.stringMatching(
          new RegExp(
            `^app on web1 is locked: .+@.+ has been running ${holder} on it since .+ \\(run .+\\), last sign of life \\d+ s ago\\. Nothing was changed\\.$`,
          ),
        ),
      ])
      expect(everything()).toBe(before)
    } finally {
      writeFileSync(file('go'), '')
    }
    const outcome = await running.outcome
    expect(outcome.code, transcript(outcome)).toBe(0)
  }

  beforeEach(async () => {
    sshd = await startSshd({ addresses: ['127.9.24.1', '127.9.24.2'] })
    project = cliProject(sshd, { web1: {}, nas: {} })
    project.app.commit('one')
    mkdirSync(service('data'), { recursive: true })
    writeFileSync(service('data/words'), 'one')
    configure()
    await srv(0, 'backup')
  })
  afterEach(async () => {
    project.remove()
    await sshd.stop()
  })

  it.each(['backup', 'prune', 'prune --old-data', 'restore', 'deploy'])(
    'a %s is refused while a backup is under way',
    async (pipeline) => {
      configure(
        'keep: { last: 1 }',
        `backup: { dumps: [dump({ name: 'd', command: '${patient('begun')}; echo dumped' })] },`,
      )
      await expectRefused(pipeline, await begun('backup', 'begun'), 'backup')
      expect(ids()).toHaveLength(1)
    },
  )

  it('a verify needs nobody to wait for it, and waits for nobody', async () => {
    configure('', `backup: { dumps: [dump({ name: 'd', command: '${patient('begun')}; echo dumped' })] },`)
    const running = await begun('backup', 'begun')
    try {
      expect(runEnd(await srv(0, 'verify'))).toMatchObject({ status: 'unchanged', errors: [] })
      // Of a hook nobody knows what it does.
      project.configure({
        head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
        plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false })]`,
        further: `hooks: { 'before:backup:verify': ({ run }) => run\`true\` },`,
      })
      expect(runEnd(await srv(8, 'verify')).status).toBe('locked')
    } finally {
      writeFileSync(file('go'), '')
    }
    const outcome = await running.outcome
    expect(outcome.code, transcript(outcome)).toBe(0)
  })

  it('a backup is refused while a deploy is under way', async () => {
    configure('', `build: '${patient('begun')}',`)
    await expectRefused('backup', await begun('deploy', 'begun'), 'deploy')
    expect(ids()).toHaveLength(1)
    await srv(0, 'backup')
    expect(ids()).toHaveLength(2)
  })

  it('prune --dry-run says of each which rule keeps it, and removes none', async () => {
    // Of days that are gone, the newest of which is of today.
    for (const id of ['20240105T030000Z', '20240106T030000Z', '20240106T150000Z', '20240107T030000Z']) {
      const [made = ''] = ids().toSorted()
      execFileSync('cp', ['-a', vault(made), vault(id)])
      rmSync(vault(id, 'snapshot.sum'), { force: true })
      const described = vault(id, 'snapshot.json')
      execFileSync('sed', ['-i', `s/"id":"${made}"/"id":"${id}"/`, described])
    }
    await srv(0, 'prune', '--pin', '20240105T030000Z')
    const newest = ids().toSorted().at(-1) ?? ''
    configure('keep: { last: 1, daily: 2 }')
    const before = everything()
    const outcome = await srv(0, 'prune', '--dry-run')
    const lines = [
      `keep ${newest} last, daily, the last good one`,
      'keep 20240107T030000Z daily',
      'remove 20240106T150000Z',
      'remove 20240106T030000Z',
      'keep 20240105T030000Z pinned',
    ]
    const said = lines.map((line) => `nas:${vault()}: ${line}`)
    expect(eventsOf(outcome).flatMap(({ type, text }) => (type === 'step.progress' ? [text] : []))).toEqual(said)
    const shown = await project.srv(['prune', 'production', '--host', 'web1', '--dry-run', '--plain'])
    for (const line of said) expect(`${shown.stdout}${shown.stderr}`).toContain(line)
    expect(everything()).toBe(before)
    await srv(0, 'prune')
    expect(ids().toSorted()).toEqual(['20240105T030000Z', '20240107T030000Z', newest])
  })

  it('prune --unfinished removes what a failed backup has copied, and no snapshot', async () => {
    mkdirSync(vault('.staging-20240101T000000Z/data/closed'), { recursive: true })
    writeFileSync(vault('.staging-20240101T000000Z/data/closed/file'), 'a part')
    const [id = ''] = ids()
    await srv(0, 'prune', '--unfinished', '--dry-run')
    expect(existsSync(vault('.staging-20240101T000000Z/data/closed/file'))).toBe(true)
    const outcome = await srv(0, 'prune', '--unfinished')
    const said = eventsOf(outcome).flatMap(({ type, text }) => (type === 'step.progress' ? [text] : []))
    expect(said).toEqual([`nas:${vault()}: removed .staging-20240101T000000Z`])
    expect(readdirSync(vault()).toSorted()).toEqual(['.lock', id, 'latest', 'owner'])
  })
})
