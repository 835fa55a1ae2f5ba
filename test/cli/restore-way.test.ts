import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noAccounts } from '../support/accounts.ts'
import type { Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { keptProject, startMachine, type Machine } from '../support/machine.ts'
import { hasPrograms, isRequired } from '../support/programs.ts'

const skipped = !isRequired && (noAccounts !== undefined || !hasPrograms('sshd', 'ssh', 'ssh-keygen', 'rsync'))

describe.skipIf(skipped)('the way of the bytes of a restore', () => {
  let host: Machine
  let keeper: Machine
  let project: Project
  const size = 4_000_000
  const services = ['app', 'other'] as const
  const data = (service: string, ...parts: readonly string[]): string =>
    join(project.folder, 'hosts/web1', service, 'data', ...parts)
  const vault = (service: string): string => join(project.folder, 'tank/web1', service)

  function configure(rest: string): void {
    project.configure({
      head: `import { dump, rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', ${rest} }, acls: false, xattrs: false })]`,
      instance: `backup: { dumps: [dump({ name: 'd', command: 'echo dumped', load: 'cat >${project.folder}/hosts/web1/loaded' })] },`,
      services: `other: { repository: './app', instances: { native: { kind: 'native', start: process({ exec: 'true' }) } } },`,
    })
  }
  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  const confirm = ['--confirm', 'app@web1,other@web1'] as const
  const words = 'nas sends directly to web1'
  const said = (outcome: Outcome): readonly string[] =>
    eventsOf(outcome).flatMap(({ type, text }) =>
      type === 'step.progress' && text !== undefined && /directly|through/.test(text) ? [text] : [],
    )
  const sent = (): number => host.link.bytes() + keeper.link.bytes()
  const linksOf = ({ account }: Machine): readonly string[] => [
    ...readdirSync('/tmp').filter((name) => {
      try {
        return name.startsWith('srv-link-') && statSync(join('/tmp', name)).uid === statSync(account.home).uid
      } catch {
        return false
      }
    }),
    ...readdirSync(join(account.home, '.ssh')).filter((name) => name !== 'authorized_keys'),
  ]

  beforeEach(async () => {
    host = await startMachine('host', '127.9.16.1')
    keeper = await startMachine('keeper', '127.9.16.1')
    project = keptProject(host, keeper)
    for (const service of services) {
      mkdirSync(data(service, 'deep/er'), { recursive: true })
      writeFileSync(data(service, 'one'), randomBytes(size))
      writeFileSync(data(service, 'deep/er/ünï\n\\#012'), service)
    }
    host.give(join(project.folder, 'hosts/web1'))
    configure(`from: { web1: '${host.address}' }`)
    await srv(0, 'backup', 'production')
  })
  afterEach(async () => {
    for (const one of [host, keeper]) await one.remove()
    project.remove()
  })

  it('is from its keeper to the host, with one log-in for all services, and nothing is left of it', async () => {
    const before = services.map((service) => readFileSync(data(service, 'one')))
    for (const service of services) rmSync(data(service), { recursive: true })
    const [logins, bytes] = [host.sshd.logins(), sent()]
    const keys = readFileSync(host.keys, 'utf8')
    const restored = await srv(0, 'restore', 'production', ...confirm)
    expect(said(restored)).toEqual([words, words])
    expect(host.sshd.logins() - logins).toBe(2)
    expect(sent() - bytes).toBeLessThan(1_000_000)
    for (const [index, service] of services.entries()) {
      expect(readFileSync(data(service, 'one')).equals(before[index] ?? Buffer.of())).toBe(true)
      expect(readFileSync(data(service, 'deep/er/ünï\n\\#012'), 'utf8')).toBe(service)
    }
    expect(readFileSync(join(project.folder, 'hosts/web1/loaded'), 'utf8')).toBe('dumped\n')
    expect(readFileSync(host.keys, 'utf8').trim()).toBe(keys.trim())
    await expect.poll(() => [...linksOf(host), ...linksOf(keeper)], { timeout: 30_000 }).toEqual([])
  })

  it('is the same for one file, for a folder beside everything, and for a rehearsal', async () => {
    const bytes = sent()
    writeFileSync(data('app', 'deep/er/ünï\n\\#012'), 'lost')
    writeFileSync(data('app', 'one'), 'stays')
    const path = ['--path', 'deep', ...confirm]
    expect(said(await srv(0, 'restore', 'production', 'app', ...path))).toEqual([words])
    expect(readFileSync(data('app', 'deep/er/ünï\n\\#012'), 'utf8')).toBe('app')
    expect(readFileSync(data('app', 'one'), 'utf8')).toBe('stays')
    const to = join(project.folder, 'hosts/web1/out')
    expect(said(await srv(0, 'restore', 'production', 'other', '--to', to))).toEqual([words])
    expect(readFileSync(join(to, 'data/one')).equals(readFileSync(data('other', 'one')))).toBe(true)
    expect(said(await srv(0, 'restore', 'production', 'other', '--rehearse'))).toEqual([words])
    expect(sent() - bytes).toBeLessThan(1_500_000)
    await expect.poll(() => [...linksOf(host), ...linksOf(keeper)], { timeout: 30_000 }).toEqual([])
  })

  it('finds a flipped byte on the way, and changes nothing', async () => {
    const [id = ''] = readdirSync(vault('app')).filter((name) => /^\d/.test(name))
    const kept = join(vault('app'), id, 'data/one')
    const { atime, mtime } = statSync(kept)
    const content = readFileSync(kept)
    content.writeUInt8((content[0] ?? 0) ^ 1, 0)
    writeFileSync(kept, content)
    utimesSync(kept, atime, mtime)
    appendFileSync(data('app', 'one'), 'newer')
    const now = readFileSync(data('app', 'one'))
    const [error] = runEnd(await srv(10, 'restore', 'production', 'app', ...confirm)).errors
    expect([error?.code, error?.output]).toEqual(['SRV-642', ['differs in content: one']])
    expect(readFileSync(data('app', 'one')).equals(now)).toBe(true)
    await expect.poll(() => [...linksOf(host), ...linksOf(keeper)], { timeout: 30_000 }).toEqual([])
  })

  it.each([
    ['a keeper that does not get there', `way: 'pull', from: { web1: 'HOST@127.9.16.2:9' }`, 1],
    ['a host that sends', `way: 'push', at: 'KEEPER'`, 0],
    ['a config that says so', `way: 'laptop'`, 0],
  ])('is through this machine with %s', async (_name, rest, lines) => {
    configure(rest.replace('HOST', host.account.name).replace('KEEPER', keeper.address))
    const one = readFileSync(data('app', 'one'))
    rmSync(data('app', 'one'))
    const bytes = sent()
    const restored = await srv(0, 'restore', 'production', 'app', ...confirm)
    expect(said(restored)).toEqual(
      Array(lines).fill(
        'through this machine: nas cannot reach web1 directly (ssh: connect to host 127.9.16.2 port 9: Connection refused)',
      ),
    )
    expect(sent() - bytes).toBeGreaterThan(size)
    expect(readFileSync(data('app', 'one')).equals(one)).toBe(true)
    await expect.poll(() => [...linksOf(host), ...linksOf(keeper)], { timeout: 30_000 }).toEqual([])
  })

  it('that breaks in the middle is given up: the rest comes through this machine, and what has come does not again', async () => {
    writeFileSync(data('app', 'two'), randomBytes(size))
    host.give(data('app', 'two'))
    await srv(0, 'backup', 'production', 'app')
    const before = ['one', 'two'].map((name) => readFileSync(data('app', name)))
    const other = readFileSync(data('other', 'one'))
    for (const service of services) rmSync(data(service), { recursive: true })
    const once = join(project.folder, 'hosts/web1/broken')
    const breaking = `#!/bin/sh
case "$*" in *--sender*) ;; --server*) if mkdir '${once}' 2>/dev/null; then stdbuf -o0 head -c ${String(size * 1.5)} | /usr/bin/rsync "$@"; exit; fi ;; esac
exec /usr/bin/rsync "$@"
`
    writeFileSync(join(host.programs, 'rsync'), breaking, { mode: 0o755 })
    const bytes = sent()
    const restored = await srv(0, 'restore', 'production', ...confirm)
    const why = 'the connection broke: rsync ended with exit code 12'
    expect(said(restored)).toEqual([
      words,
      `what nas has not sent to web1 goes through this machine: ${why}`,
      `through this machine: nas cannot reach web1 directly (${why})`,
    ])
    for (const [index, name] of ['one', 'two'].entries()) {
      expect(readFileSync(data('app', name)).equals(before[index] ?? Buffer.of())).toBe(true)
    }
    expect(readFileSync(data('other', 'one')).equals(other)).toBe(true)
    // Of two files, each byte of which is counted on its way to here and from here.
    expect(sent() - bytes).toBeGreaterThan(4 * size)
    expect(sent() - bytes).toBeLessThan(5 * size)
    for (const service of services) {
      const left = readdirSync(join(project.folder, 'hosts/web1', service))
      expect(left.filter((name) => name.startsWith('.restore'))).toEqual([])
    }
    await expect.poll(() => [...linksOf(host), ...linksOf(keeper)], { timeout: 30_000 }).toEqual([])
  })
})
