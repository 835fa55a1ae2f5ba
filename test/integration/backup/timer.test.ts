import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { quietOf } from '../../../src/run/hold/hold.ts'
import { holdNative } from '../../../tasks/hold.ts'
import { armScript, disarmScript, fireScript } from '../../../plugins/rsync-backup/scripts/timer.ts'
import { isRunning } from '../../support/processes.ts'
import { asProcess, Deployed } from '../tasks/deployed.ts'
import { temporaryFolder } from '../tasks/folder.ts'
import { kinds, runScript } from '../tasks/shell.ts'

const silent = { code: 0, stdout: '', stderr: '' }

/** A folder as srv's own of a service, whose path needs quoting. */
function stateFolder(): string {
  const state = join(temporaryFolder(), "it's $HOME %h", '.srv')
  mkdirSync(state, { recursive: true })
  return state
}

function processNumber(state: string): number {
  return Number(readFileSync(join(state, 'timer/pid'), 'utf8'))
}

/** With systemd the timer is one of its own: see test/lab. */
describe.skipIf(existsSync('/run/systemd/system')).each(kinds())('a timer without systemd, on $name', (kind) => {
  const run = (script: Script) => runScript(script, kind)

  test('brings back in time what nobody else brought back, and leaves nothing', async () => {
    const state = stateFolder()
    const resume = sh`echo back >${join(state, 'proof')}`
    expect(await run(armScript({ service: 'blog', state, resume, seconds: 1 }))).toEqual(silent)
    await expect.poll(() => existsSync(join(state, 'proof')), { timeout: 20_000 }).toBe(true)
    await expect.poll(() => readdirSync(join(state, 'timer')), { timeout: 20_000 }).toEqual(['log'])
  })

  test('is taken back, also twice, and replaced by a second one', async () => {
    const state = stateFolder()
    const alarm = { service: 'blog', state, resume: sh`echo back >${join(state, 'proof')}`, seconds: 1000 }
    expect(await run(disarmScript(alarm))).toEqual(silent)
    expect(await run(armScript(alarm))).toEqual(silent)
    const first = processNumber(state)
    expect(statSync(join(state, 'timer/run')).mode & 0o777).toBe(0o700)
    expect(await run(armScript(alarm))).toEqual(silent)
    const second = processNumber(state)
    await expect.poll(() => [first, second].map(isRunning)).toEqual([false, true])
    expect(await run(disarmScript(alarm))).toEqual(silent)
    await expect.poll(() => isRunning(second)).toBe(false)
    expect(await run(disarmScript(alarm))).toEqual(silent)
    expect(readdirSync(join(state, 'timer'))).toEqual(['log'])
    expect(existsSync(join(state, 'proof'))).toBe(false)
  })

  test('leaves alone a stranger that got the number of the timer', async () => {
    const state = stateFolder()
    const alarm = { service: 'blog', state, resume: raw(':'), seconds: 1000 }
    await run(armScript(alarm))
    const timer = processNumber(state)
    await run(sh`echo ${process.pid} >${join(state, 'timer/pid')}`)
    expect(await run(disarmScript(alarm))).toEqual(silent)
    expect(isRunning(process.pid)).toBe(true)
    process.kill(-timer)
  })

  test('keeps the next run out while data are half restored, and not for an app that does not start', async () => {
    const state = stateFolder()
    const timed = { service: 'blog', state }
    await run(armScript({ ...timed, resume: raw('exit 3'), seconds: 1000 }))
    mkdirSync(join(state, 'restore'))
    writeFileSync(join(state, 'restore/open'), 'run1')
    expect((await run(fireScript(timed, raw('run2')))).code).toBe(3)
    expect(existsSync(join(state, 'timer/run'))).toBe(true)
    rmSync(join(state, 'restore/open'))
    mkdirSync(join(state, 'held'))
    for (const name of ['native', 'native.open', '.lock']) writeFileSync(join(state, 'held', name), 'process\n')
    expect(await run(fireScript(timed, raw('run2')))).toMatchObject({
      code: 0,
      stdout: 'what a run that was cut off had stopped could not be started again\n',
    })
    expect(existsSync(join(state, 'timer/run'))).toBe(false)
    // A later backup would start what was stopped on purpose meanwhile.
    expect(readdirSync(join(state, 'held'))).toEqual(['.lock'])
  })

  test('a run that is killed while it holds an app does not keep it down', async () => {
    const blog = new Deployed(kind, asProcess('sleep 600'))
    await blog.restart(blog.release('r1', {}))
    const first = blog.leader()
    const quiet = quietOf([{ options: {}, checks: [], hold: holdNative }], blog.placement)
    const { state } = blog.placement.paths
    const alarm = { service: 'blog', state, resume: quiet.resume(), seconds: 1 }
    const { code } = await run(lines(armScript(alarm), quiet.hold('stop'), raw('kill -KILL $$')))
    expect(code).toBe(255)
    await expect.poll(() => existsSync(join(state, 'held/native')), { timeout: 30_000 }).toBe(false)
    expect(await blog.inspect()).toMatchObject({ running: 'yes' })
    expect(blog.leader()).not.toBe(first)
    expect((await run(quiet.held())).code).toBe(1)
    const again = blog.leader()
    expect(await run(lines(quiet.resume(), disarmScript(alarm)))).toEqual(silent)
    expect(blog.leader()).toBe(again)
  })
})
