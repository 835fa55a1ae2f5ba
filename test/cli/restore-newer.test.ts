import { chmodSync, mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { kill } from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { eventsOf, runEnd, transcript, type Outcome } from '../support/cli-run.ts'
import { Faults } from '../support/faults.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

/** By how many seconds the clock of the host is slow. */
const slow = 1200

/** A `date` that shows the time of a slow clock, unless it is asked for another one. */
const slowDate = `#!/bin/sh
PATH=/usr/bin:/bin
case $1 in
+*) exec date -d "@$(($(date +%s) - ${String(slow)})).$(date +%N)" "$@" ;;
*) exec date "$@" ;;
esac
`

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('a restore over data that are newer', () => {
  let faults: Faults
  let sshd: Sshd
  let project: Project
  const folder = (): string => project.host('web1').path()
  const data = (...parts: readonly string[]): string => project.host('web1').path('data', ...parts)
  const vault = (...parts: readonly string[]): string => join(project.folder, 'tank/web1/app', ...parts)
  const newest = (): string =>
    readdirSync(vault())
      .filter((name) => /^\d{8}T\d{6}Z$/.test(name))
      .sort()
      .at(-1) ?? ''

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--host', 'web1', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  const problems = (outcome: Outcome): readonly string[] =>
    runEnd(outcome).errors.map(({ code, message }) => `${code} ${message}`)

  /** Changes a file so many seconds ago, by the clock of the host. */
  function write(name: string, words: string, ago: number): void {
    writeFileSync(data(name), words)
    const at = Date.now() / 1000 - slow - ago
    utimesSync(data(name), at, at)
    utimesSync(data(), at, at)
  }

  beforeAll(async () => {
    faults = new Faults()
    writeFileSync(join(faults.folder, 'bin/date'), slowDate)
    chmodSync(join(faults.folder, 'bin/date'), 0o755)
    const addresses = ['127.9.44.1', '127.9.44.2']
    sshd = await startSshd({ addresses, matches: faults.at('127.9.44.1') })
    project = cliProject(sshd, { web1: {}, nas: {} })
    project.configure({
      head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false })]`,
    })
    mkdirSync(data(), { recursive: true })
    write('file', 'of the snapshot', 60)
    await srv(0, 'backup', 'production')
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
    faults.remove()
  })

  it('is refused where only the clock of the host tells that they are', async () => {
    write('file', 'newer', 0)
    expect(problems(await srv(9, 'restore', 'production'))).toEqual([
      expect.stringContaining(`SRV-644 The data of app on web1 changed after the snapshot ${newest()} was begun: `),
    ])
    expect(readFileSync(data('file'), 'utf8')).toBe('newer')
    // What is older by that clock is no reason to ask.
    write('file', 'older', 60)
    await srv(0, 'restore', 'production')
    expect(readFileSync(data('file'), 'utf8')).toBe('of the snapshot')
    expect(readdirSync(folder()).filter((name) => name.startsWith('.restore-'))).toEqual([])
  })

  it('goes by the clock of the machine that made the snapshot where it does not say another', async () => {
    const file = vault(newest(), 'snapshot.json')
    const text = readFileSync(file, 'utf8')
    expect(text).toMatch(/,"clock":\d+\.\d+\}$/m)
    writeFileSync(file, text.replace(/,"clock":[\d.]+/, ''))
    rmSync(vault(newest(), 'snapshot.sum'))
    write('file', 'newer by the slow clock alone', 0)
    await srv(0, 'restore', 'production')
    await srv(0, 'verify', 'production')
    writeFileSync(file, text)
  })
})

describe.skipIf(!hasSshd || !hasPrograms('rsync', 'curl'))(
  'a restore over data that get newer while it is under way',
  () => {
    let faults: Faults
    let sshd: Sshd
    let project: Project
    const service = (...parts: readonly string[]): string => project.host('web1').path(...parts)
    const restore = (...args: readonly string[]): readonly string[] => ['restore', 'production', ...args, '--json']

    /** Changes the data where a command stands still that may fail, and lets the rest go on. */
    async function changedAt(pattern: string, ...args: readonly string[]): Promise<Outcome> {
      faults.stopAt(pattern)
      const { outcome } = project.start(restore(...args))
      const pid = await faults.reached()
      writeFileSync(service('data/file'), 'written meanwhile')
      kill(pid)
      return await outcome
    }

    beforeAll(async () => {
      faults = new Faults()
      const addresses = ['127.9.45.1', '127.9.45.2']
      sshd = await startSshd({ addresses, matches: faults.at('127.9.45.1') })
      project = cliProject(sshd, { web1: {}, nas: {} })
      project.configure({
        head: `import { rsyncBackup } from 'srvkit/rsync-backup'`,
        plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' }, acls: false, xattrs: false })]`,
      })
      project.app.commit('first')
      for (const command of ['deploy', 'backup']) {
        const outcome = await project.srv([command, 'production', '--host', 'web1'])
        expect(outcome.code, transcript(outcome)).toBe(0)
      }
    })
    afterAll(async () => {
      project.remove()
      await sshd.stop()
      faults.remove()
    })

    it.each([
      ['before anything is stopped', 'sync -f */.restore-*', 0],
      ['in the moment in which the app is stopped', 'sync */.srv/held', 1],
    ])('is refused %s', async (_when, pattern, stops) => {
      const before = project.host('web1').pid()
      const outcome = await changedAt(pattern, '--host', 'web1')
      expect(outcome.code, transcript(outcome)).toBe(5)
      expect(runEnd(outcome).errors.map(({ code, message }) => [code, message])).toEqual([
        [
          'SRV-644',
          expect.stringMatching(
            new RegExp(
              `^The data of app on web1 changed while the snapshot \\d{8}T\\d{6}Z was brought: ${service('data')}\\S* was written since, and a restore would undo that. The data was left as it was, and what ran runs.$`,
            ),
          ),
        ],
      ])
      expect(readFileSync(service('data/file'), 'utf8')).toBe('written meanwhile')
      expect(await project.host('web1').page()).toMatchObject({ version: 'first' })
      expect(project.host('web1').pid() === before).toBe(stops === 0)
      expect(readdirSync(service()).filter((name) => /restore-|before-/.test(name))).toEqual([])
      // As if it had not been written.
      const backup = await project.srv(['backup', 'production', '--host', 'web1'])
      expect(backup.code, transcript(backup)).toBe(0)
    })

    it('is done where that was confirmed', async () => {
      const outcome = await changedAt('sync -f */.restore-*', '--host', 'web1', '--confirm', 'app@web1')
      expect(outcome.code, transcript(outcome)).toBe(0)
      const [kept = ''] = readdirSync(service()).filter((name) => name.startsWith('data.before-'))
      expect(readFileSync(service(kept, 'file'), 'utf8')).toBe('written meanwhile')
    })

    it('warns where another release wrote the data than the one that will use it', async () => {
      const wrote = project.host('web1').current() ?? ''
      project.app.commit('second')
      const deployed = await project.srv(['deploy', 'production', '--host', 'web1'])
      expect(deployed.code, transcript(deployed)).toBe(0)
      const outcome = await project.srv(restore('--host', 'web1', '--confirm', 'app@web1'))
      expect(outcome.code, transcript(outcome)).toBe(0)
      expect(eventsOf(outcome).flatMap(({ type, message }) => (type === 'warning' ? [message] : []))).toEqual([
        expect.stringContaining(
          `was written by the release ${wrote}, and will be used by ${project.host('web1').current() ?? ''}, which serves.`,
        ),
      ])
    })
  },
)
