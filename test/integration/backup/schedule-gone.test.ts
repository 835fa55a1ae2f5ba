import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { sh, type Script } from '../../../src/shell/script.ts'
import { ask, eachAnew, install, made, service } from './scheduled.ts'

eachAnew()

it('has the host bring the service back when the keeper is gone', async () => {
  const it = made({}, { consistency: 'pause' })
  await install(it)
  const child = spawn('sh', [join(it.site.home, 'reach'), 'srv', 'lease', 'r-1'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.write('beat\n')
  expect(String((await once(child.stdout, 'data'))[0])).toBe(`taken ${service}\n`)
  expect(await ask(it, 'hold', 'r-2')).toEqual({ code: 75, said: service })
  expect((await ask(it, 'hold', 'r-1')).code).toBe(0)
  child.kill('SIGKILL')
  await expect.poll(() => existsSync(join(it.paths.state, 'lease')), { timeout: 20_000 }).toBe(false)
  expect(readFileSync(it.events, 'utf8')).toBe('pause\nresume\n')
  expect(existsSync(join(it.paths.state, 'timer/how'))).toBe(false)
})

it('has the host end what hangs there when the keeper is gone, and bring the service back', async () => {
  const it = made({}, { consistency: 'pause' })
  const hold = (): Script => sh`echo hangs >>${it.events}; sleep 300`
  await install({ ...it, gated: { ...it.gated, quiet: { ...it.gated.quiet, hold } } })
  const child = spawn('sh', [join(it.site.home, 'reach'), 'srv', 'lease', 'r-1'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.write('beat\n')
  expect(String((await once(child.stdout, 'data'))[0])).toBe(`taken ${service}\n`)
  const asked = ask(it, 'hold', 'r-1')
  await expect.poll(() => existsSync(it.events), { timeout: 20_000 }).toBe(true)
  child.kill('SIGKILL')
  expect((await asked).code).not.toBe(0)
  await expect.poll(() => existsSync(join(it.paths.state, 'lease')), { timeout: 20_000 }).toBe(false)
  expect(readFileSync(it.events, 'utf8')).toBe('hangs\nresume\n')
})
