import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { secret } from '../../../src/shell/secret.ts'
import { sh } from '../../../src/shell/script.ts'
import { openLocal } from '../../../src/transport/local.ts'
import { isRunning } from '../../support/processes.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'srv-local-')))
afterAll(() => {
  rmSync(folder, { recursive: true })
})
const local = openLocal({ cwd: folder })

test('a script runs in the folder, without input, and its status comes back', async () => {
  const { end, stdout, stderr } = await local.exec('cat; pwd; echo no >&2; exit 3')
  expect({ end, stdout, stderr }).toEqual({ end: { kind: 'exit', code: 3 }, stdout: `${folder}\n`, stderr: 'no\n' })
})

test('every word that a template quotes arrives as it was', async () => {
  const word = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0') && !/[\ud800-\udfff]/.test(value))
  await fc.assert(
    fc.asyncProperty(fc.array(word, { minLength: 1 }), async (words) => {
      const { stdout } = await local.exec(sh`printf '%s\\0' ${words}`)
      expect(stdout).toBe(words.map((value) => `${value}\0`).join(''))
    }),
    { numRuns: 30, examples: [[["x'; echo INJECTED; #", '$(id)', '`id`', '-n', '', '\n']]] },
  )
})

test('output is told as it comes', async () => {
  const told: string[] = []
  await local.exec('echo one; echo two >&2', { onOutput: (stream, piece) => told.push(`${stream}: ${piece}`) })
  expect(told.sort()).toEqual(['stderr: two\n', 'stdout: one\n'])
})

test('a flood of output costs no more memory than was allowed', async () => {
  const { end, stdout } = await local.exec('head -c 50000000 /dev/zero | tr "\\0" x; echo end', {
    maxOutputBytes: 1000,
  })
  expect({ end, bytes: stdout.length, tail: stdout.slice(-5) }).toEqual({
    end: { kind: 'exit', code: 0 },
    bytes: 1000,
    tail: 'xend\n',
  })
})

test('a script that takes too long is stopped', async () => {
  expect((await local.exec('sleep 300', { timeoutMs: 50 })).end).toEqual({
    kind: 'timeout',
    timeoutMs: 50,
    stopped: true,
  })
})

test('a cancelled script is stopped, with all that it started', async () => {
  const cancel = new AbortController()
  const { end, stdout } = await local.exec('sleep 300 & echo $!; wait', {
    signal: cancel.signal,
    onOutput: () => {
      cancel.abort()
    },
  })
  expect(end).toEqual({ kind: 'cancelled', stopped: true })
  expect(isRunning(Number(stdout))).toBe(false)
})

test('what is cancelled before it begins does not begin', async () => {
  const { end, stdout } = await local.exec('echo ran', { signal: AbortSignal.abort() })
  expect({ end, stdout }).toEqual({ end: { kind: 'cancelled', stopped: true }, stdout: '' })
})

test('settings of zx in the environment change nothing', async () => {
  process.env.ZX_PREFIX = 'echo prefix;'
  try {
    expect((await openLocal().exec('echo plain')).stdout).toBe('plain\n')
  } finally {
    delete process.env.ZX_PREFIX
  }
})

test('a raw command line has its streams open', async () => {
  const channel = await local.open('tr a-z A-Z; echo done >&2; exit 4')
  channel.stdin.end('shout')
  const [stdout, stderr, end] = await Promise.all([text(channel.stdout), text(channel.stderr), channel.end])
  expect({ stdout, stderr, end }).toEqual({ stdout: 'SHOUT', stderr: 'done\n', end: { kind: 'exit', code: 4 } })
})

test('a secret that nobody has read is a bug, and is not sent', async () => {
  await expect(local.exec(sh`echo ${secret('TOKEN')}`)).rejects.toThrow(
    'Unexpected: the secret TOKEN reached a transport unread. This is a bug in srv.',
  )
})
