import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noAccounts } from '../support/accounts.ts'
import type { Project } from '../support/cli-project.ts'
import { transcript } from '../support/cli-run.ts'
import { keptProject, startMachine, type Machine } from '../support/machine.ts'
import { hasPrograms, isRequired } from '../support/programs.ts'

const skipped = !isRequired && (noAccounts !== undefined || !hasPrograms('sshd', 'ssh', 'ssh-keygen', 'rsync'))

/**
 * Whether an rsync with these words moves content, and tells in them how fast: none that says its version, lists or compares
 * does. One that is started with `-s` is told the rest behind its command line.
 */
function moves(words: string): boolean {
  if (words.includes('--version')) return false
  const [, letters = ''] = /^--server .*?-([A-Za-df-z]+)e[.]/.exec(words) ?? []
  return !/[ns]/.test(letters) && !/(^| )-n /.test(words)
}

describe.skipIf(skipped)('a limit for the bandwidth of copies', () => {
  let host: Machine
  let keeper: Machine
  let project: Project
  const data = (name: string): string => project.host('web1').path('data', name)
  const log = (): string => join(project.folder, 'asked')

  function configure(to: string): void {
    project.configure({
      head: `import { dump, rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { ${to} }, acls: false, xattrs: false })]`,
      instance: `backup: { dumps: [dump({ name: 'd', command: 'echo dumped', load: 'cat >/dev/null' })] },`,
    })
  }
  async function srv(...args: readonly string[]): Promise<void> {
    const outcome = await project.srv([...args, '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(0)
  }
  /** What every rsync of both machines that moved content was told of it, since the last look. */
  function told(): readonly string[] {
    const lines = readFileSync(log(), 'utf8').split('\n').filter(Boolean).filter(moves)
    writeFileSync(log(), '')
    return lines.map((line) => / (--bwlimit=\S+)/.exec(line)?.[1] ?? line).sort()
  }

  beforeEach(async () => {
    host = await startMachine('host', '127.9.23.1')
    keeper = await startMachine('keeper', '127.9.23.1')
    project = keptProject(host, keeper)
    writeFileSync(log(), '')
    chmodSync(log(), 0o666)
    for (const { programs } of [host, keeper]) {
      const text = `#!/bin/sh\necho "$*" >>'${log()}'\nexec /usr/bin/rsync "$@"\n`
      writeFileSync(join(programs, 'rsync'), text, { mode: 0o755 })
    }
    mkdirSync(data(''), { recursive: true })
    writeFileSync(data('one'), randomBytes(10_000))
    writeFileSync(data('two'), 'two')
    host.give(join(project.folder, 'hosts/web1'))
  })
  afterEach(async () => {
    for (const one of [host, keeper]) await one.remove()
    project.remove()
  })

  const limits = { once: '--bwlimit=10m', served: '--bwlimit=10240' } as const
  /** Dumps and data go apart; a gate lets through what the other rsync asks for. */
  const both = [limits.served, limits.served, limits.once, limits.once]
  const oneSide = [limits.once, limits.once]

  it.for([
    ['laptop', { backup: oneSide, restore: oneSide }],
    ['pull', { backup: both, restore: both }],
    // A host never fetches.
    ['push', { backup: both, restore: oneSide }],
    ['on the host itself', { backup: oneSide, restore: oneSide }],
  ] as const)('is kept by each of them, and by restores: %s', async ([way, expected]) => {
    const nas = `folder: 'nas:${project.folder}/tank', way: '${way}',`
    const to = {
      laptop: nas,
      pull: `${nas} from: { web1: '${host.address}' },`,
      push: `${nas} at: '${keeper.address}',`,
      'on the host itself': `folder: '${project.folder}/hosts/web1/disk',`,
    }[way]
    configure(`${to} bwlimit: '10m'`)
    await srv('backup', 'production')
    expect(told()).toEqual(expected.backup)
    // Then only what differs.
    writeFileSync(data('two'), 'other')
    await srv('backup', 'production')
    expect(told()).toEqual(expected.backup)
    writeFileSync(data('two'), 'lost')
    await srv('restore', 'production', 'app', '--confirm', 'app@web1')
    expect(readFileSync(data('two'), 'utf8')).toBe('other')
    expect(told()).toEqual(expected.restore)
  })

  it('is refused with the config, before anything is contacted, when rsync would not read it', async () => {
    configure(`folder: 'nas:${project.folder}/tank', bwlimit: '10 Mbit/s'`)
    const { code, stderr } = await project.srv(['backup', 'production'])
    expect(code).toBe(2)
    expect(stderr).toContain(
      `plugins.backup.to.bwlimit is wrong: must be a rate as rsync reads it: a number of KiB per second from 1 on, or "800k", "10m" or "1.5m"`,
    )
    expect([host, keeper].map(({ sshd }) => sshd.logins())).toEqual([0, 0])
  })
})
