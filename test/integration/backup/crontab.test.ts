import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { optionsSchema, settingsSchema } from '../../../plugins/rsync-backup/options.ts'
import { forgetKeeper, timesScript } from '../../../plugins/rsync-backup/schedule/keeper.ts'
import type { Scheduled } from '../../../plugins/rsync-backup/schedule/run.ts'
import { siteOf } from '../../../plugins/rsync-backup/schedule/site.ts'
import { lines, raw, render, type Script } from '../../../src/shell/script.ts'

let folder: string
const at = (...parts: readonly string[]): string => join(folder, ...parts)

function scheduled(): Scheduled {
  const options = optionsSchema.parse({ to: 'nas:/tank', schedule: { at: '03:00' } })
  if (options.schedule === undefined) throw new Error('no schedule')
  const vault = { on: 'nas', folder: at('tank'), base: at('tank/web1/shop') }
  const placed = {
    host: { name: 'web1', kind: 'ssh' },
    service: { name: 'shop' },
    paths: { state: at('state') },
  } as const
  return { site: siteOf(placed, vault), options, schedule: options.schedule, settings: settingsSchema.parse({}) }
}

/** A `crontab` that has its lines in a file, and fails to read them as the text says. */
function cron(failure: string): void {
  const text = `#!/bin/sh
case $1 in
-l) ${failure} [ -f '${at('table')}' ] || { echo 'no crontab for nobody' >&2; exit 1; }; cat '${at('table')}' ;;
-) cat >'${at('table')}' ;;
esac
`
  writeFileSync(at('tools/crontab'), text, { mode: 0o755 })
}

function run(script: Script) {
  const { status, stdout, stderr } = spawnSync('sh', ['-s'], {
    input: render(lines(raw('set -e'), script), () => ''),
    encoding: 'utf8',
    env: { ...env, PATH: `${at('tools')}:${env['PATH'] ?? ''}`, HOME: at('home'), TMPDIR: at('tmp') },
  })
  expect(readdirSync(at('tmp'))).toEqual([])
  return { status, stdout, stderr }
}

const table = (): string => readFileSync(at('table'), 'utf8')
const install = () => run(timesScript(scheduled(), at('state'), 'cron'))
const forget = () => run(forgetKeeper(scheduled().site))

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'srv-crontab-'))
  for (const name of ['tools', 'home', 'tmp', 'tank/.srv/web1/shop']) mkdirSync(at(name), { recursive: true })
  cron('')
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

it('adds its lines to those that are there, once, and takes them away again', () => {
  expect(install().status).toBe(0)
  const [begin, , end] = table().split('\n')
  expect([begin, end]).toEqual([expect.stringMatching(/^# srv-backup-\S+ begin$/), expect.stringMatching(/ end$/)])
  writeFileSync(at('table'), `5 5 * * * true\n${table()}6 6 * * * false\n`)
  expect(install().status).toBe(0)
  expect(table().split('\n').slice(0, 3)).toEqual(['5 5 * * * true', '6 6 * * * false', begin])
  expect(forget()).toMatchObject({ status: 0, stderr: '' })
  expect(table()).toBe('5 5 * * * true\n6 6 * * * false\n')
})

it('leaves a crontab that it cannot read as it is', () => {
  expect(install().status).toBe(0)
  const before = `5 5 * * * true\n${table()}`
  writeFileSync(at('table'), before)
  cron(`head -n 3 '${at('table')}'; echo 'crontab: I/O error' >&2; exit 1;`)
  for (const act of [install, forget]) {
    const { status, stderr } = act()
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^the crontab of \S+ cannot be read: crontab: I\/O error\n$/),
    ])
    expect(table()).toBe(before)
  }
})

it('does without cron where its user may not use it', () => {
  cron(`echo 'You (nobody) are not allowed to use this program' >&2; exit 1;`)
  expect(forget()).toMatchObject({ status: 0, stderr: '' })
})
