import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noAccounts } from '../support/accounts.ts'
import type { Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { keptProject, startMachine, type Machine } from '../support/machine.ts'
import { hasPrograms, isRequired } from '../support/programs.ts'

const skipped = !isRequired && (noAccounts !== undefined || !hasPrograms('sshd', 'ssh', 'ssh-keygen', 'rsync'))

/** What rsync 3.1.3 says and refuses, in front of the one that is installed: no other version is in Debian. */
const old = `#!/bin/sh
case "$*" in
--version) echo 'rsync  version 3.1.3  protocol version 31'; exit ;;
*xxh128*) echo 'unknown checksum name: xxh128' >&2; exit 4 ;;
esac
exec /usr/bin/rsync "$@"
`

describe.skipIf(skipped)('an rsync that knows only MD5', () => {
  let host: Machine
  let keeper: Machine
  let project: Project
  const data = (...parts: readonly string[]): string => project.host('web1').path('data', ...parts)
  const vault = (...parts: readonly string[]): string => join(project.folder, 'tank/web1/app', ...parts)
  const checksums = (): readonly unknown[] =>
    readdirSync(vault())
      .filter((name) => /^\d{8}T\d{6}Z$/.test(name))
      .sort()
      .map((id) => {
        const snapshot: { readonly checksum: string } = JSON.parse(readFileSync(vault(id, 'snapshot.json'), 'utf8'))
        return snapshot.checksum
      })

  async function srv(...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    return outcome
  }
  function replace({ programs }: Machine): void {
    writeFileSync(join(programs, 'rsync'), old, { mode: 0o755 })
  }

  beforeEach(async () => {
    host = await startMachine('host', '127.9.15.1')
    keeper = await startMachine('keeper', '127.9.15.1')
    project = keptProject(host, keeper)
    mkdirSync(data(), { recursive: true })
    writeFileSync(data('one'), randomBytes(100_000))
    writeFileSync(data('two'), 'two')
    host.give(join(project.folder, 'hosts/web1'))
  })
  afterEach(async () => {
    for (const one of [host, keeper]) await one.remove()
    project.remove()
  })

  it.for([
    ['laptop', 'host', ''],
    ['laptop', 'keeper', ''],
    ['pull', 'host', 'from'],
    ['pull', 'keeper', 'from'],
    ['push', 'host', 'at'],
    ['push', 'keeper', 'at'],
  ] as const)('by %s, on the %s: what it copies is verified and restored', async ([way, side, word]) => {
    const there = { '': '', from: `, from: { web1: '${host.address}' }`, at: `, at: '${keeper.address}'` }[word]
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: '${way}'${there} }, acls: false, xattrs: false })]`,
    })
    await srv('backup', 'production')
    replace(side === 'host' ? host : keeper)
    await srv('backup', 'production')
    await srv('verify', 'production')
    await srv('backup', 'production')
    // What was read once more, since the last manifest had other checksums, is not read a third time.
    expect(checksums()).toEqual(['xxh128', 'md5', 'md5'])
    const one = readFileSync(data('one'))
    writeFileSync(data('one'), 'lost')
    rmSync(data('two'))
    await srv('restore', 'production', 'app', '--confirm', 'app@web1')
    expect(readFileSync(data('one')).equals(one)).toBe(true)
    expect(readFileSync(data('two'), 'utf8')).toBe('two')
  })

  it('is warned of by srv doctor, and by nothing else', async () => {
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false })]`,
    })
    const warnings = async (...args: readonly string[]): Promise<readonly unknown[]> =>
      eventsOf(await srv(...args, 'production')).flatMap((event) => (event.type === 'warning' ? [event.message] : []))
    expect(await warnings('doctor')).toEqual([])
    replace(host)
    expect(await warnings('doctor')).toEqual([
      expect.stringContaining('rsync 3.1.3 is older than 3.4.3, the first in which known security flaws are mended'),
    ])
    expect(await warnings('backup')).toEqual([])
  })

  it('before 3.1.3 is refused before anything is done', async () => {
    writeFileSync(join(host.programs, 'rsync'), `#!/bin/sh\necho 'rsync  version 3.1.2  protocol version 31'\n`, {
      mode: 0o755,
    })
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' } })]`,
    })
    const outcome = await project.srv(['backup', 'production', '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).not.toBe(0)
    const [error] = runEnd(outcome).errors
    expect([error?.code, error?.message]).toMatchInlineSnapshot(`
      [
        "SRV-301",
        "web1 is not ready: rsync: rsync 3.1.2 is too old.",
      ]
    `)
  })
})
