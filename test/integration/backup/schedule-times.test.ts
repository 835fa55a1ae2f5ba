import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { askKeeperScript, readSchedule } from '../../../plugins/rsync-backup/schedule/list.ts'
import { eachAnew, folder, ids, install, made, shell, textOf } from './scheduled.ts'

eachAnew()

it('is listed as under way while cron has it run', async () => {
  const it = made()
  await install(it)
  writeFileSync(join(it.site.home, 'by'), 'cron 03:00\n')
  const listed = async (): Promise<unknown> =>
    readSchedule((await shell(textOf(askKeeperScript(it.site)))).said)?.running
  const run = readFileSync(join(it.site.home, 'run'), 'utf8')
  writeFileSync(join(it.site.home, 'run'), run.replace(/^say\(\)/m, 'read -r _\n$&'))
  const child = spawn('sh', [join(it.site.home, 'run')], { stdio: ['pipe', 'ignore', 'ignore'] })
  await expect.poll(listed, { timeout: 20_000 }).toBe(true)
  child.stdin.end('\n')
  await once(child, 'exit')
  expect(await listed()).toBe(false)
})

it('has each run of cron wait for a time of its own', async () => {
  const it = made({ randomDelay: 1_000_000 })
  await install(it)
  const tools = join(folder, 'tools')
  mkdirSync(tools)
  writeFileSync(join(tools, 'sleep'), `#!/bin/sh\necho "$1" >>${folder}/delays\nkill "$PPID"\n`, { mode: 0o755 })
  const one = `PATH=${tools}:$PATH sh '${it.site.home}/run' --cron &\n`
  await shell(`${one.repeat(3)}wait`)
  const delays = readFileSync(join(folder, 'delays'), 'utf8').trim().split('\n')
  expect([delays.length, new Set(delays).size]).toEqual([3, 3])
})

it('is named after another second than the one before, however soon it comes', async () => {
  const it = made()
  await install(it)
  const tools = join(folder, 'tools')
  mkdirSync(tools)
  // The clock stands still until somebody waits for it.
  const now = new Date().toISOString().replace(/\.\d+/, '')
  const clock = `#!/bin/sh\n[ "$2" = +%Y-%m-%dT%H:%M:%SZ ] && [ ! -e ${folder}/waited ] && echo ${now} && exit\nexec /bin/date "$@"\n`
  writeFileSync(join(tools, 'date'), clock, { mode: 0o755 })
  writeFileSync(join(tools, 'sleep'), `#!/bin/sh\n: >${folder}/waited\nexec /bin/sleep "$@"\n`, { mode: 0o755 })
  for (const made of [1, 2]) {
    rmSync(join(folder, 'waited'), { force: true })
    const { code, said } = await shell(`PATH=${tools}:$PATH sh '${it.site.home}/run'`)
    expect([code, ids(it).length], said).toEqual([0, made])
  }
})
