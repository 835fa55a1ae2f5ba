import { execFileSync } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createPool, type Pool } from '../../../src/transport/pool.ts'
import type { End, Transport } from '../../../src/transport/transport.ts'
import { isRunning } from '../../support/processes.ts'
import { hasSshd, startSshd, type Sshd } from '../../support/sshd.ts'
import { hostOf } from '../../support/hosts.ts'

describe.skipIf(!hasSshd)('commands over SSH', () => {
  let sshd: Sshd
  let pool: Pool
  let transport: Transport

  beforeAll(async () => {
    sshd = await startSshd()
    pool = createPool({
      warn(message) {
        throw new Error(message)
      },
    })
    transport = await pool.get(hostOf(sshd))
  })
  afterAll(async () => {
    await pool.close()
    await sshd.stop()
  })

  test('streams and exit status come back, and there is no input', async () => {
    const { end, stdout, stderr } = await transport.exec('cat; echo out; echo err >&2; exit 7')
    expect({ end, stdout, stderr }).toEqual({ end: { kind: 'exit', code: 7 }, stdout: 'out\n', stderr: 'err\n' })
  })

  test('a signal is not an exit status', async () => {
    expect((await transport.exec('kill -KILL $PPID')).end).toEqual({ kind: 'signal', signal: 'SIGKILL' })
  })

  test('the script is in no argument list', async () => {
    const { stdout } = await transport.exec(': s3cret; cat /proc/$$/cmdline /proc/$PPID/cmdline | tr "\\0" " "')
    expect(stdout).toBe('/bin/sh -s /bin/sh -s ')
  })

  test.each([130_000, 131_072, 300_000])('a script of %i bytes arrives whole', async (bytes) => {
    const start = `printf %s '`
    const end = `' | cksum`
    const word = `"$HOME" \`id\` \\ `.repeat(bytes).slice(0, bytes - start.length - end.length)
    const sum = execFileSync('cksum', { input: word, encoding: 'utf8' })
    expect(await transport.exec(`${start}${word}${end}`)).toMatchObject({ end: { kind: 'exit', code: 0 }, stdout: sum })
  })

  test('a flood on standard error blocks nothing', async () => {
    const script = 'head -c 20000000 /dev/zero | tr "\\0" e >&2; echo out'
    const { end, stdout, stderr } = await transport.exec(script, { maxOutputBytes: 100 })
    expect({ end, stdout, bytes: stderr.length }).toEqual({
      end: { kind: 'exit', code: 0 },
      stdout: 'out\n',
      bytes: 100,
    })
  })

  test('more commands at once than sshd has sessions', async () => {
    const results = await Promise.all(Array.from({ length: 11 }, (_, code) => transport.exec(`exit ${String(code)}`)))
    expect(results.map(({ end }) => end)).toEqual(Array.from({ length: 11 }, (_, code) => ({ kind: 'exit', code })))
  })

  test('a cancelled command ends with all that it started', async () => {
    const cancel = new AbortController()
    const { end, stdout } = await transport.exec('sleep 300 & echo "$$ $!"; wait', {
      signal: cancel.signal,
      onOutput: () => {
        cancel.abort()
      },
    })
    expect(end).toEqual({ kind: 'cancelled', stopped: true })
    expect(stdout.split(' ').map((pid) => isRunning(Number(pid)))).toEqual([false, false])
  })

  test('a command that takes too long ends with all that it started', async () => {
    const { end, stdout } = await transport.exec('sleep 300 & echo "$$ $!"; wait', { timeoutMs: 4000 })
    expect(end).toEqual({ kind: 'timeout', timeoutMs: 4000, stopped: true })
    expect(stdout.split(' ').map((pid) => isRunning(Number(pid)))).toEqual([false, false])
  })

  test('a daemon that holds the output open does not hold up the run', async () => {
    const { end, stdout } = await transport.exec('sleep 300 & echo $!')
    const pid = Number(stdout)
    expect({ end, daemon: isRunning(pid) }).toEqual({ end: { kind: 'exit', code: 0 }, daemon: true })
    process.kill(pid)
  })

  test('a raw command line has its streams open', async () => {
    const channel = await transport.open('tr a-z A-Z; echo done >&2; exit 4')
    channel.stdin.end('shout')
    const [stdout, stderr, end] = await Promise.all([text(channel.stdout), text(channel.stderr), channel.end])
    expect({ stdout, stderr, end }).toEqual({ stdout: 'SHOUT', stderr: 'done\n', end: { kind: 'exit', code: 4 } })
  })

  test('all of this took one log-in', () => {
    expect(sshd.logins()).toBe(1)
  })
})

describe.skipIf(!hasSshd)('a server of its own kind', () => {
  test('fewer sessions than usual are enough', async () => {
    const sshd = await startSshd({ config: ['MaxSessions 2'] })
    const pool = createPool({ warn: () => undefined })
    try {
      const transport = await pool.get(hostOf(sshd))
      const results = await Promise.all(Array.from({ length: 6 }, () => transport.exec('true')))
      expect(results.map(({ end }) => end)).toEqual(Array.from({ length: 6 }, () => ({ kind: 'exit', code: 0 })))
    } finally {
      await pool.close()
      await sshd.stop()
    }
  })

  test('one that allows no session at all is asked for a second and a half, and no longer', async () => {
    const sshd = await startSshd({ config: ['MaxSessions 0', 'LogLevel DEBUG'] })
    const pool = createPool({ warn: () => undefined })
    try {
      const transport = await pool.get(hostOf(sshd))
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
      const begun = Date.now()
      const ends: End[] = []
      const asked = transport.exec('true').then(({ end }) => ends.push(end))
      // What the server says takes its time, and the clock goes on once nothing else is waited for.
      while (ends.length === 0) {
        await new Promise((resolve) => setImmediate(resolve))
        if (vi.getTimerCount() > 0) vi.advanceTimersToNextTimer()
      }
      await asked
      const waited = Date.now() - begun
      vi.useRealTimers()
      expect(waited).toBe(1550)
      await expect.poll(() => sshd.log().split('no more sessions').length - 1).toBe(6)
      expect(ends).toEqual([{ kind: 'lost', reason: expect.stringContaining('Channel open failure') as string }])
    } finally {
      vi.useRealTimers()
      await pool.close()
      await sshd.stop()
    }
  })

  test('a link that is cut is neither success nor failure, and the command ends on the host', async () => {
    const sshd = await startSshd()
    const pool = createPool({ warn: () => undefined })
    try {
      const transport = await pool.get(hostOf(sshd))
      const { end, stdout } = await transport.exec('echo $$; sleep 300', {
        onOutput: () => {
          sshd.cut()
        },
      })
      const lost = { kind: 'lost', reason: 'the connection was closed by the other side' }
      expect(end).toEqual(lost)
      await expect.poll(() => isRunning(Number(stdout)), { timeout: 10_000 }).toBe(false)
      expect((await transport.exec('true')).end).toEqual(lost)
    } finally {
      await pool.close()
      await sshd.stop()
    }
  })
})
