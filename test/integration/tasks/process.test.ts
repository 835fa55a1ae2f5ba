import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { command, http } from '../../../src/index.ts'
import { asProcess, Deployed, freePort, server } from './deployed.ts'
import { kinds } from './shell.ts'

/** Whether a process is there and is not waiting to be reaped. */
function lives(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .startsWith('Z')
  } catch {
    return false
  }
}

/** Session of a process: field 6 of its stat. */
function sessionOf(pid: number): number {
  return Number(
    readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')[3],
  )
}

const quick = { samples: 2, intervalMs: 50, timeoutMs: 10_000 }

describe.each(kinds())('process() on $name', (kind) => {
  test('starts, updates and stops an app that outlives the log-in', async () => {
    const port = await freePort()
    const blog = new Deployed(kind, { ...asProcess('node server.js'), health: [http(`:${port}/up`, quick)] })
    const env = `PORT="${port}"\n`
    const first = blog.release('r1', { 'server.js': server, '.env': env })
    expect(await blog.restart(first)).toEqual({ code: 0, stdout: `running as process ${blog.leader()}\n`, stderr: '' })
    expect(await blog.health(first)).toEqual({
      code: 0,
      stdout: `answered 200, 2 times in a row: http://127.0.0.1:${port}/up\n`,
      stderr: '',
    })
    const leader = blog.leader()
    expect(sessionOf(leader)).toBe(leader)
    const seen: unknown = await (await fetch(`http://127.0.0.1:${port}/`)).json()
    const { paths } = blog.placement
    expect(seen).toMatchObject({
      SRV_SERVICE: 'blog',
      SRV_INSTANCE: 'native',
      SRV_HOST: 'web1',
      SRV_ENVIRONMENT: 'production',
      SRV_RELEASE: 'r1',
      SRV_COMMIT: '3f9c2a1d',
      SRV_DATA: paths.data,
      PORT: String(port),
      CWD: first.folder,
    })
    expect(await blog.inspect()).toEqual({ running: 'yes', healthy: 'yes', drift: [] })

    const second = blog.release('r2', { 'server.js': server, '.env': env })
    expect(await blog.restart(second)).toEqual({
      code: 0,
      stdout: `stopped\nrunning as process ${blog.leader()}\n`,
      stderr: '',
    })
    expect(lives(leader)).toBe(false)
    expect((await blog.health(second)).code).toBe(0)
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).json()).toMatchObject({
      SRV_RELEASE: 'r2',
      CWD: second.folder,
    })

    expect(await blog.health(second, true)).toMatchObject({ stdout: `answered 200: http://127.0.0.1:${port}/up\n` })

    expect(await blog.start()).toEqual({ code: 0, stdout: `already running as process ${blog.leader()}\n`, stderr: '' })
    const last = blog.leader()
    expect(await blog.stop()).toEqual({ code: 0, stdout: 'stopped\n', stderr: '' })
    expect(lives(last)).toBe(false)
    expect(await blog.stop()).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await blog.inspect()).toEqual({ running: 'no', healthy: 'no', drift: [] })
  })

  test('watches also an untouched app that was started a moment ago: something may be restarting it', async () => {
    const blog = new Deployed(kind, {
      ...asProcess('sleep 1000'),
      health: [command('true', { samples: 2, intervalMs: 4000, timeoutMs: 10_000 })],
    })
    const first = blog.release('r1', {})
    await blog.restart(first)
    expect(await blog.health(first, true)).toMatchObject({ stdout: 'exited with status 0, 2 times in a row: true\n' })
    expect(await blog.health(first, true)).toMatchObject({ stdout: 'exited with status 0: true\n' })
    await blog.stop()
  })

  test('an app that exits at once ends the wait with its status and its own lines', async () => {
    const blog = new Deployed(kind, asProcess('echo ready; echo "no database" >&2; exit 3'))
    const next = blog.release('r1', {})
    expect((await blog.restart(next)).code).toBe(0)
    expect(await blog.health(next)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'exited with status 3\nready\nno database\n',
    })
  })

  test('a program that does not exist is said so by the shell', async () => {
    const blog = new Deployed(kind, asProcess('nodee server.js'))
    const next = blog.release('r1', {})
    await blog.restart(next)
    const { code, stderr } = await blog.health(next)
    expect(code).toBe(1)
    expect(stderr.split('\n')[0]).toBe('exited with status 127')
    expect(stderr).toMatch(/nodee.*not found/)
  })

  test('an app that turns healthy and dies is not healthy', async () => {
    const port = await freePort()
    const blog = new Deployed(kind, {
      ...asProcess('node server.js'),
      health: [http(`:${port}/up`, { samples: 5, intervalMs: 50, timeoutMs: 10_000 })],
    })
    const next = blog.release('r1', { 'server.js': server, '.env': `PORT=${port}\nDIE_AT=3\n` })
    await blog.restart(next)
    expect(await blog.health(next)).toEqual({ code: 1, stdout: '', stderr: 'exited with status 7\nlistens\n' })
  })

  test('without a health check it has to stay up for the time of the samples', async () => {
    const blog = new Deployed(kind, asProcess('sleep 2; exit 4'))
    const next = blog.release('r1', {})
    await blog.restart(next)
    expect(await blog.health(next)).toEqual({ code: 1, stdout: '', stderr: 'exited with status 4\n' })
  })

  test('an app that ignores TERM is killed with all its children', async () => {
    const blog = new Deployed(
      kind,
      asProcess(`trap '' TERM; echo $$ >pids; (sleep 600 & echo $! >>pids); while :; do sleep 1; done`, 300),
    )
    const next = blog.release('r1', {})
    await blog.restart(next)
    await blog.health(next)
    const leader = blog.leader()
    const pids = readFileSync(join(next.folder, 'pids'), 'utf8').trim().split('\n').map(Number)
    expect([leader, ...pids].map(lives)).toEqual([true, true, true])
    expect(await blog.stop()).toEqual({
      code: 0,
      stdout: 'did not stop within 300 ms of TERM: KILL\nstopped\n',
      stderr: '',
    })
    expect([leader, ...pids].map(lives)).toEqual([false, false, false])
  })

  test('an app that takes its time after TERM is waited for', async () => {
    const blog = new Deployed(
      kind,
      asProcess(`trap 'sleep 0.5; echo saved >saved; exit 0' TERM; echo >ready; while :; do sleep 0.1; done`),
    )
    const next = blog.release('r1', {})
    await blog.restart(next)
    await blog.health(next)
    expect((await blog.stop()).stdout).toBe('stopped\n')
    expect(readFileSync(join(next.folder, 'saved'), 'utf8')).toBe('saved\n')
    expect(blog.noted('exit')).toBe('0\n')
  })

  test('children that outlived the app end with the next restart', async () => {
    const blog = new Deployed(kind, asProcess('sleep 600 & echo $! >pid; exit 0'))
    const next = blog.release('r1', {})
    await blog.restart(next)
    expect((await blog.health(next)).stderr).toBe('exited with status 0\n')
    const child = Number(readFileSync(join(next.folder, 'pid'), 'utf8'))
    expect(lives(child)).toBe(true)
    expect(await blog.stop()).toEqual({ code: 0, stdout: 'stopped\n', stderr: '' })
    expect(lives(child)).toBe(false)
  })

  test('a stranger that has the same process number by now is left alone', async () => {
    const blog = new Deployed(kind, asProcess('sleep 600'))
    blog.release('r1', {})
    // A session leader, as the app's own process would be.
    const stranger = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
    onTestFinished(() => void stranger.kill('SIGKILL'))
    const pid = stranger.pid ?? 0
    const folder = join(blog.placement.paths.state, 'native')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'pid'), `${pid}\n1 00000000-0000-0000-0000-000000000000\n`)
    expect((await blog.inspect()).running).toBe('no')
    expect(await blog.stop()).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(lives(pid)).toBe(true)
  })

  test('undone first deploy: nothing to go back to, so nothing stays running', async () => {
    const blog = new Deployed(kind, asProcess('sleep 600'))
    const next = blog.release('r1', {})
    await blog.restart(next)
    const leader = blog.leader()
    blog.unlink()
    expect(await blog.restart()).toEqual({
      code: 0,
      stdout: 'stopped\nnothing is deployed: it stays stopped\n',
      stderr: '',
    })
    expect(lives(leader)).toBe(false)
    expect(await blog.health()).toEqual({ code: 0, stdout: 'nothing is deployed\n', stderr: '' })
  })

  test('undone update: the previous release runs again and says so', async () => {
    const port = await freePort()
    const blog = new Deployed(kind, { ...asProcess('node server.js'), health: [http(`:${port}/up`, quick)] })
    const files = { 'server.js': server, '.env': `PORT=${port}\n` }
    const first = blog.release('r1', files)
    await blog.restart(blog.release('r2', files))
    blog.release('r1', files)
    await blog.restart(undefined, { release: first.release, directory: first.directory })
    expect((await blog.health()).code).toBe(0)
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).json()).toMatchObject({
      SRV_RELEASE: 'r1',
      CWD: first.folder,
    })
  })

  test('the log is for its owner only, and begins anew after 10 MB', async () => {
    const blog = new Deployed(kind, asProcess('echo hello; sleep 600'))
    const next = blog.release('r1', {})
    const folder = join(blog.placement.paths.state, 'native')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'log'), '')
    truncateSync(join(folder, 'log'), 10 * 1024 * 1024 + 1)
    await blog.restart(next)
    await blog.health(next)
    expect(existsSync(join(folder, 'log.1'))).toBe(true)
    expect(blog.noted('log')).toMatch(/^== srv: started at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\nhello\n$/)
  })
})
