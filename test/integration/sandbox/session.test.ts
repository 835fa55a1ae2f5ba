import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { join } from 'node:path'
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from 'ssh2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sandboxPaths } from '../../../src/sandbox/paths.ts'
import { searchPath } from '../../../src/sandbox/environment.ts'
import { ensureSandbox, type SandboxAccess } from '../../../src/sandbox/sandbox.ts'
import { execute, finish, hostOf, logIn, open, temporaryProject } from './project.ts'

const project = temporaryProject()
let host: SandboxAccess
let client: Client

beforeAll(async () => {
  host = hostOf(await ensureSandbox(project.root, ['web1']), 'web1')
  client = await logIn(host)
})

afterAll(async () => {
  client.end()
  await project.remove()
})

test('a command has streams of its own and an exit code', async () => {
  expect(await execute(client, 'cat; echo oops >&2; exit 7', 'from the laptop\n')).toEqual({
    code: 7,
    signal: undefined,
    stdout: 'from the laptop\n',
    stderr: 'oops\n',
  })
})

test('a command that dies of a signal says which', async () => {
  expect(await execute(client, 'kill -KILL $$')).toEqual({ code: null, signal: 'SIGKILL', stdout: '', stderr: '' })
})

test('a signal that SSH has no name for becomes an exit code, as in a shell', async () => {
  expect(await execute(client, 'kill -XCPU $$')).toMatchObject({ code: 128 + 24, signal: undefined })
})

test('the client can send a signal to the whole process group', async () => {
  const channel = await open(client, 'sleep 1000 & echo ready; wait')
  const finished = finish(channel)
  channel.once('data', () => {
    channel.signal('TERM')
  })
  expect(await finished).toEqual({ code: null, signal: 'SIGTERM', stdout: 'ready\n', stderr: '' })
})

test('the environment is the host’s and nothing of the laptop’s', async () => {
  const { stdout } = await execute(client, 'env -u PWD -u _ -u SHLVL -u OLDPWD; pwd')
  const folder = join(project.root, '.srv/sandbox/web1')
  const stable = stdout
    .replace(/127\.0\.0\.1 \d+/g, '<client>')
    .trimEnd()
    .split('\n')
    .sort()
  expect(stable).toEqual(
    [
      `${folder}/home`,
      `GIT_CEILING_DIRECTORIES=${folder}`,
      `HOME=${folder}/home`,
      `HOST=${host.address}`,
      'LC_ALL=C',
      'LOGNAME=sandbox',
      `PATH=${searchPath(process.env['PATH'] ?? '', process.execPath)}`,
      'SHELL=/bin/sh',
      `SRV_SANDBOX=${sandboxPaths(project.root).id}/web1`,
      `SSH_CLIENT=<client> ${String(host.port)}`,
      `SSH_CONNECTION=<client> ${host.address} ${String(host.port)}`,
      'USER=sandbox',
    ].sort(),
  )
})

test('many times the window on both streams at once arrives whole', async () => {
  const bytes = 12_000_000
  const script = `const fs = require('fs')
    const piece = (letter) => Buffer.alloc(100_000, letter)
    for (let sent = 0; sent < ${String(bytes)}; sent += 100_000) {
      process.stdout.write(piece('o')); process.stderr.write(piece('e'))
    }`
  const { code, stdout, stderr } = await execute(client, 'node -', script)
  expect({ code, stdout: stdout === 'o'.repeat(bytes), stderr: stderr === 'e'.repeat(bytes) }).toEqual({
    code: 0,
    stdout: true,
    stderr: true,
  })
})

test('standard input is carried whole, also when the command is slow to read it', async () => {
  const input = '0123456789abcde\n'.repeat(500_000)
  const { stdout } = await execute(client, 'read first; echo "$first"; wc -c', input)
  expect(stdout.split('\n').map((line) => line.trim())).toEqual(['0123456789abcde', String(input.length - 16), ''])
})

test('a command that ignores its input still ends', async () => {
  expect(await execute(client, 'exit 3', 'x'.repeat(5_000_000))).toMatchObject({ code: 3 })
})

test('when the client is gone a command finds its input at an end and is not killed', async () => {
  await execute(client, 'mkfifo told')
  const lost = await logIn(host)
  const channel = await open(lost, 'trap "" PIPE; echo ready; cat >/dev/null; echo input ended >told')
  await new Promise((resolve) => channel.once('data', resolve))
  lost.destroy()
  expect(await execute(client, 'cat told; rm told')).toMatchObject({ code: 0, stdout: 'input ended\n' })
})

test('when the client is gone a command that prints finds its output closed', async () => {
  await execute(client, 'mkfifo broken')
  const lost = await logIn(host)
  const channel = await open(
    lost,
    '(trap "" PIPE; echo ready; while echo line; do :; done; echo stopped >broken) 2>/dev/null',
  )
  await new Promise((resolve) => channel.once('data', resolve))
  lost.destroy()
  expect(await execute(client, 'cat broken; rm broken')).toMatchObject({ code: 0, stdout: 'stopped\n' })
})

test('a shell without a terminal reads its commands from standard input', async () => {
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    client.shell(false, (error, opened) => {
      if (error === undefined) resolve(opened)
      else reject(error)
    })
  })
  const finished = finish(channel)
  channel.end('echo from a script; exit 4\n')
  expect(await finished).toMatchObject({ code: 4, stdout: 'from a script\n' })
})

test('a terminal is refused', async () => {
  const refused = new Promise((_, reject) => {
    client.exec('true', { pty: true }, (error) => {
      reject(error ?? new Error('accepted'))
    })
  })
  await expect(refused).rejects.toThrow('Unable to request a pseudo-terminal')
})

test('a connection is forwarded', async () => {
  const server = createServer((socket) => {
    socket.end('through the host')
  })
  await new Promise<void>((resolve) => server.listen({ host: host.address, port: 0 }, resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, host.address, port, (error, opened) => {
      if (error === undefined) resolve(opened)
      else reject(error)
    })
  })
  expect(await text(channel)).toBe('through the host')
  server.close()
})

test('a connection to a closed port is refused', async () => {
  const refused = new Promise((_, reject) => {
    client.forwardOut('127.0.0.1', 0, host.address, 1, (error) => {
      reject(error ?? new Error('accepted'))
    })
  })
  await expect(refused).rejects.toThrow('(SSH) Channel open failure')
})

const stranger = ssh2.utils.generateKeyPairSync('ed25519').private

const wrong: readonly (readonly [string, ConnectConfig])[] = [
  ['another key', { privateKey: stranger }],
  ['another user', { username: 'root' }],
  ['a password', { authHandler: ['password'], password: 'sandbox' }],
  ['nothing', { authHandler: ['none'] }],
]

test.each(wrong)('%s does not log in', async (_, overrides) => {
  await expect(logIn(host, overrides)).rejects.toThrow('All configured authentication methods failed')
})
