import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { askKeeperScript, readSchedule } from '../../../plugins/rsync-backup/schedule/list.ts'
import { eachAnew, folder, install, made, shell, textOf } from './scheduled.ts'

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
