import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noAccounts } from '../support/accounts.ts'
import type { Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { keptProject, startMachine, type Machine } from '../support/machine.ts'
import { hasPrograms, isRequired } from '../support/programs.ts'

const skipped = !isRequired && (noAccounts !== undefined || !hasPrograms('sshd', 'ssh', 'ssh-keygen', 'rsync'))

describe.skipIf(skipped)('the way of the bytes of a backup', () => {
  let host: Machine
  let keeper: Machine
  let project: Project

  const data = (...parts: readonly string[]): string => project.host('web1').path('data', ...parts)
  const vault = (service: string, ...parts: readonly string[]): string =>
    join(project.folder, 'tank/web1', service, ...parts)
  const ids = (service = 'app'): readonly string[] =>
    existsSync(vault(service))
      ? readdirSync(vault(service))
          .filter((name) => /^\d{8}T\d{6}Z$/.test(name))
          .sort()
      : []

  /** What a manifest says of files; dumps are new each time. */
  const linesOf = (service: string, id: string): readonly string[] =>
    readFileSync(vault(service, id, 'manifest'), 'utf8')
      .split('\n')
      .filter((line) => !line.includes(' ../dumps/'))

  /** A config whose keeper is reached, or reaches, in some way: the rest of the destination. */
  function configure(way: string, instance = ''): void {
    project.configure({
      head: `import { dump, rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', ${way} }, acls: false, xattrs: false })]`,
      instance,
      services: `other: { repository: './app', instances: { native: { kind: 'native', start: process({ exec: 'true' }) } } },`,
    })
  }

  async function backup(code: number): Promise<Outcome> {
    const outcome = await project.srv(['backup', 'production', '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  const said = (outcome: Outcome): readonly string[] =>
    eventsOf(outcome).flatMap(({ type, text, bytes }) =>
      type === 'step.progress' && bytes === undefined && text !== undefined && text !== 'dumping' ? [text] : [],
    )

  /** Everything of a connection on both machines, which are one in this test. */
  function traces(): readonly string[] {
    const own = [host.account.name, keeper.account.name]
    const folders = readdirSync('/tmp')
      .filter((name) => name.startsWith('srv-link-'))
      .filter((name) =>
        own.includes(execFileSync('stat', ['-c', '%U', join('/tmp', name)], { encoding: 'utf8' }).trim()),
      )
    const gates = [host, keeper].flatMap(({ account }) =>
      readdirSync(join(account.home, '.ssh')).filter((name) => name !== 'authorized_keys'),
    )
    // Nobody may have asked yet how those ended that have.
    const left = own.flatMap((user) =>
      spawnSync('ps', ['-u', user, '-o', 'stat=,comm='], { encoding: 'utf8' })
        .stdout.split('\n')
        .filter((line) => /^[^Z]\S* +(ssh|rsync)$/.test(line)),
    )
    return [...folders, ...gates, ...left]
  }

  beforeEach(async () => {
    host = await startMachine('host', '127.9.14.1')
    keeper = await startMachine('keeper', '127.9.14.1')
    project = keptProject(host, keeper)
    mkdirSync(data(), { recursive: true })
    mkdirSync(join(project.folder, 'hosts/web1/other/data'), { recursive: true })
    writeFileSync(data('one'), randomBytes(4_000_000))
    writeFileSync(join(project.folder, 'hosts/web1/other/data/ünï\n\\#012'), randomBytes(4_000_000))
    host.give(join(project.folder, 'hosts/web1'))
  })
  afterEach(async () => {
    for (const one of [host, keeper]) await one.remove()
    project.remove()
  })

  describe.each(['pull', 'push'] as const)('%s', (way) => {
    const near = (): Machine => (way === 'pull' ? keeper : host)
    const far = (): Machine => (way === 'pull' ? host : keeper)
    const other = (): string => (way === 'pull' ? `from: { web1: '${host.address}' }` : `at: '${keeper.address}'`)
    const words = way === 'pull' ? 'nas fetches directly from web1' : 'web1 sends directly to nas'

    it('copies without this machine, with one log-in for all services, and leaves nothing', async () => {
      const dumps = `backup: { dumps: [dump({ name: 'd', command: 'echo dumped' })] },`
      configure(`way: '${way}', ${other()}`, dumps)
      const keys = readFileSync(far().keys, 'utf8')
      const first = await backup(0)
      expect(said(first)).toEqual([words, words])
      expect([host, keeper].map(({ sshd }) => sshd.logins())).toEqual(way === 'pull' ? [2, 1] : [1, 2])
      expect(host.link.bytes() + keeper.link.bytes()).toBeLessThan(1_000_000)
      expect(readFileSync(far().keys, 'utf8').trim()).toBe(keys)
      // What was hung up is about to end.
      await expect.poll(traces, { timeout: 30_000 }).toEqual([])
      const [id = ''] = ids()
      expect(readFileSync(vault('app', id, 'data/one')).equals(readFileSync(data('one')))).toBe(true)
      expect(readFileSync(vault('app', id, 'dumps/d.dump'), 'utf8')).toBe('dumped\n')

      // A keeper that gets to the host fetches, also when the config says nothing.
      if (way === 'pull') configure(other(), dumps)
      expect(said(await backup(0))).toEqual([words, words])
      const verified = await project.srv(['verify', 'production', '--host', 'web1'])
      expect(verified.code, transcript(verified)).toBe(0)
      for (const service of ['app', 'other']) {
        const [before = '', after = ''] = ids(service)
        const snapshot: unknown = JSON.parse(readFileSync(vault(service, after, 'snapshot.json'), 'utf8'))
        expect(snapshot).toMatchObject({ state: 'good', newBytes: service === 'app' ? 7 : 0, note: '' })
        expect(linesOf(service, after)).toEqual(linesOf(service, before))
      }
    })

    it('says what went wrong, another host key or a file that cannot be read, and leaves nothing either; auto goes through here', async () => {
      const keys = readFileSync(far().keys, 'utf8')
      const wrong = near().address.replace(/^[^@]+/, far().account.name)
      const said1 = way === 'pull' ? `from: { web1: '${wrong}' }` : `at: '${wrong}'`
      configure(`way: '${way}', ${said1}`)
      const [names, problem] = [
        way === 'pull' ? 'nas cannot reach web1' : 'web1 cannot reach nas',
        'Host key verification failed',
      ]
      const refused = runEnd(await backup(10)).errors
      expect(refused.map(({ code, message }) => [code, message])).toEqual(
        ['app', 'other']
          .slice(0, refused.length)
          .map((service) => [
            'SRV-656',
            `The data of ${service} on web1 could not be copied to nas:${vault(service)}: ${names} directly (${problem}). No snapshot was made there; older ones are unchanged.`,
          ]),
      )
      expect(readFileSync(far().keys, 'utf8')).toBe(keys)
      expect(near().sshd.logins()).toBe(1)
      expect(ids()).toEqual([])
      await expect.poll(traces, { timeout: 30_000 }).toEqual([])

      const somebody = near().address.replace(/^[^@]+/, 'nobody')
      configure(`way: '${way}', ${way === 'pull' ? `from: { web1: '${somebody}' }` : `at: '${somebody}'`}`)
      const [stranger] = runEnd(await backup(10)).errors
      expect([stranger?.code, stranger?.message]).toEqual([
        'SRV-656',
        expect.stringContaining('the config says nobody@'),
      ])
      expect(readFileSync(far().keys, 'utf8')).toBe(keys)

      configure(`way: '${way}', ${other()}`)
      writeFileSync(data('secret'), '', { mode: 0o600 })
      const [failed] = runEnd(await backup(10)).errors
      expect([failed?.code, failed?.message]).toEqual([
        'SRV-640',
        `The data of app on web1 could not be copied to nas:${vault('app')}: some files could not be read, and part of the data is not a snapshot. No snapshot was made there; older ones are unchanged.`,
      ])
      expect(readFileSync(far().keys, 'utf8').trim()).toBe(keys)
      expect(ids()).toEqual([])
      await expect.poll(traces, { timeout: 30_000 }).toEqual([])
      rmSync(data('secret'))

      if (way === 'push') return
      configure(`way: 'auto', from: { web1: '${far().account.name}@127.9.14.2:9' }`)
      // What the run before could copy, of both services, is not sent again.
      writeFileSync(data('one'), randomBytes(4_500_000))
      const through = 'ssh: connect to host 127.9.14.2 port 9: Connection refused'
      const line = `through this machine: ${names} directly (${through})`
      const before = host.link.bytes()
      expect(said(await backup(0))).toEqual([line, line])
      expect(host.link.bytes() - before).toBeGreaterThan(4_000_000)
      expect(readFileSync(far().keys, 'utf8').trim()).toBe(keys)
      await expect.poll(traces, { timeout: 30_000 }).toEqual([])
      expect(readFileSync(vault('app', ids()[0] ?? '', 'data/one')).equals(readFileSync(data('one')))).toBe(true)
    })

    it('makes a note of files that vanish meanwhile', async () => {
      configure(`way: '${way}', ${other()}`)
      truncateSync(data('one'), 2e9)
      writeFileSync(data('two'), 'two')
      const running = project.start(['backup', 'production', 'app', '--host', 'web1', '--json'])
      await running.printed('"bytes"')
      rmSync(data('two'))
      const ended = await running.outcome
      expect(ended.code, transcript(ended)).toBe(0)
      const [id = ''] = ids()
      const snapshot: unknown = JSON.parse(readFileSync(vault('app', id, 'snapshot.json'), 'utf8'))
      expect(snapshot).toMatchObject({
        state: 'good',
        files: 1,
        note: `1 file that vanished during the copy: ${data('two')}`,
      })
      expect(readdirSync(vault('app', id, 'data'))).toEqual(['one'])
      expect(said(ended)).toContain(`${id} has 1 file that vanished during the copy: ${data('two')}`)
    })

    it('lets the connection do nothing else, and takes all away after an interrupt; the next run, after a kill', async () => {
      configure(`way: '${way}', ${other()}`)
      const keys = readFileSync(far().keys, 'utf8')
      truncateSync(data('one'), 40e9)
      for (const signal of way === 'pull' ? (['SIGINT', 'SIGKILL'] as const) : (['SIGINT'] as const)) {
        const running = project.start(['backup', 'production', '--host', 'web1', '--json'])
        await running.printed('"bytes"')
        expect(readFileSync(far().keys, 'utf8').trim()).toBe(keys)
        const [tag = ''] = readdirSync('/tmp').filter((name) => existsSync(join('/tmp', name, 'mux')))
        const ask = (...asked: readonly string[]) => {
          const ssh = ['ssh', '-F', '/dev/null', '-S', `/tmp/${tag}/mux`, 'srv', ...asked]
          const { status, stdout, stderr } = spawnSync('runuser', ['-u', near().account.name, '--', ...ssh], {
            encoding: 'utf8',
          })
          return [status, stdout, stderr]
        }
        const refusal = [9, '', 'srv: this is not allowed here\n']
        expect(ask('cat', '/etc/hostname')).toEqual(refusal)
        expect(ask('rsync', '--server', '--sender', '-lre.iLsfxCIvu', '.', '/etc/')).toEqual(refusal)
        expect(ask('rsync', '--server', '-lre.iLsfxCIvu', '.', 'app/')).toEqual(refusal)
        running.child.kill(signal)
        const ended = await running.outcome
        expect(ended.code, transcript(ended)).toBe(signal === 'SIGINT' ? 130 : 'SIGKILL')
        expect(readFileSync(far().keys, 'utf8').trim()).toBe(keys)
        if (signal === 'SIGINT') await expect.poll(traces, { timeout: 30_000 }).toEqual([])
      }
      truncateSync(data('one'), 10)
      // As it is when the dead run has given no sign of life for long.
      for (const service of way === 'pull' ? ['app', 'other'] : []) {
        writeFileSync(join(project.folder, 'hosts/web1', service, '.srv/lease/beat'), '1\n')
      }
      await backup(0)
      await expect.poll(traces, { timeout: 30_000 }).toEqual([])
      expect(ids()).toHaveLength(1)
    })
  })
})
