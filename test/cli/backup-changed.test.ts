import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

const changed = 'files changed while they were copied'

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('srv backup of a log that is truncated during the copy', () => {
  let sshd: Sshd
  let project: Project
  /** Programs of the host that stand before those of the machine. */
  const tools = mkdtempSync(join(tmpdir(), 'srv-changed-'))
  const at = (...parts: readonly string[]): string => join(project.folder, ...parts)
  const log = (): string => project.host('web1').path('data/log')
  const entries = (tank: string, what: RegExp): readonly string[] =>
    readdirSync(at(tank, 'web1/app')).filter((name) => what.test(name))
  const snapshots = (tank: string): readonly string[] => entries(tank, /^\d{8}T\d{6}Z$/)
  const progress = (outcome: Outcome): readonly string[] =>
    eventsOf(outcome).flatMap(({ type, text = '' }) =>
      type === 'step.progress' && text.startsWith(changed) ? [text] : [],
    )

  /** A copy that sends more than a few parts finds the log truncated by then, so many times. */
  function truncate(times: number): void {
    writeFileSync(join(tools, 'times'), 'x\n'.repeat(times))
  }

  async function backup(code: number): Promise<Outcome> {
    writeFileSync(log(), randomBytes(20_000_000))
    const outcome = await project.srv(['backup', 'production', '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }

  beforeAll(async () => {
    sshd = await startSshd({
      addresses: ['127.9.13.8', '127.9.13.9'],
      matches: ['Match LocalAddress 127.9.13.8', `SetEnv PATH=${tools}:${env['PATH'] ?? ''}`],
    })
    project = cliProject(sshd, { web1: {}, nas: {} })
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: ['nas:${at('one')}', 'nas:${at('two')}'].map((folder) => ({ folder, way: 'laptop' })), acls: false, xattrs: false })]`,
    })
    mkdirSync(project.host('web1').path('data'), { recursive: true })
    const text = `#!/bin/sh
PATH='${env['PATH'] ?? ''}'
case $* in *--sender*) ;; *) exec rsync "$@" ;; esac
rsync "$@" | {
  dd bs=64k count=40 2>'${tools}/counted'
  set -- $(sed -n 's/^\\([0-9]*\\)+\\([0-9]*\\) records in$/\\1 \\2/p' '${tools}/counted')
  if [ $(($1 + $2)) = 40 ] && [ -s '${tools}/times' ]; then
    sed -i 1d '${tools}/times'
    : >'${log()}'
    cat
    exec head -c 20000000 /dev/urandom >'${log()}'
  fi
  exec cat
}
`
    writeFileSync(join(tools, 'rsync'), text, { mode: 0o755 })
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
    rmSync(tools, { recursive: true })
  })

  it('is tried again where that happened, and only there', async () => {
    truncate(1)
    const outcome = await backup(0)
    expect(progress(outcome)).toEqual([`${changed}: trying again in nas:${at('one/web1/app')}`])
    expect(runEnd(outcome).errors).toEqual([])
    for (const tank of ['one', 'two']) {
      expect(snapshots(tank)).toHaveLength(1)
      expect(entries(tank, /^\.staging/)).toEqual([])
      const [id = ''] = snapshots(tank)
      expect(readFileSync(at(tank, 'web1/app', id, 'data/log')).equals(readFileSync(log()))).toBe(true)
    }
  })

  it('is given up after three times, and says what helps', async () => {
    truncate(20)
    const outcome = await backup(10)
    const both = `nas:${at('one/web1/app')}, nas:${at('two/web1/app')}`
    expect(progress(outcome)).toEqual([`${changed}: trying again in ${both}`, `${changed}: trying again in ${both}`])
    const helps = `${changed}, as a log that is truncated does: back up again, or leave them out with exclude`
    expect(runEnd(outcome).errors.map(({ code, message }) => [code, message])).toEqual(
      ['one', 'two'].map((tank) => [
        'SRV-640',
        `The data of app on web1 could not be copied to nas:${at(tank, 'web1/app')}: ${helps}. No snapshot was made there; older ones are unchanged.`,
      ]),
    )
    expect([snapshots('one'), snapshots('two')]).toEqual([[expect.any(String)], [expect.any(String)]])
    truncate(0)
    await backup(0)
    expect([snapshots('one').length, entries('one', /^\.staging/)]).toEqual([2, []])
  })
})
