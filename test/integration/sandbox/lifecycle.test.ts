import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  sandboxStatusDocument,
  sandboxStatusLines,
  sandboxStopDocument,
  sandboxStopLines,
} from '../../../src/sandbox/command.ts'
import { hostPaths, sandboxPaths } from '../../../src/sandbox/paths.ts'
import { endProcesses, listProcesses } from '../../../src/sandbox/processes.ts'
import { ensureSandbox } from '../../../src/sandbox/sandbox.ts'
import { execute, finish, hostOf, logIn, open, temporaryProject, type TemporaryProject } from './project.ts'

let project: TemporaryProject

beforeEach(() => {
  project = temporaryProject()
})

afterEach(() => project.remove())

function servers(): readonly number[] {
  return listProcesses(sandboxPaths(project.root).id, '').map(({ pid }) => pid)
}

function alive(pid: number): boolean {
  return listProcesses(sandboxPaths(project.root).id).some((one) => one.pid === pid)
}

/** Starts a program on a host that outlives the log-in; returns its process id. */
async function startService(name: string): Promise<number> {
  const client = await logIn(hostOf(await ensureSandbox(project.root, [name]), name))
  const { stdout } = await execute(client, 'sleep 1000 </dev/null >/dev/null 2>&1 & echo $!')
  client.end()
  return Number(stdout)
}

test('two hosts have everything of their own', async () => {
  const hosts = await ensureSandbox(project.root, ['web1', 'web2'])
  const [first, second] = [hostOf(hosts, 'web1'), hostOf(hosts, 'web2')]
  expect(first).toEqual({
    address: first.address,
    user: 'sandbox',
    port: 2222,
    key: join(project.root, '.srv/sandbox/.daemon/client_key'),
    hostKeys: [readFileSync(join(project.root, '.srv/sandbox/web1/host_key.pub'), 'utf8').trim()],
    root: join(project.root, '.srv/sandbox/web1/srv'),
    loopback: first.address,
  })
  expect(second.address).not.toBe(first.address)
  expect(second.hostKeys).not.toEqual(first.hostKeys)
  expect(second.root).toBe(join(project.root, '.srv/sandbox/web2/srv'))
  expect(statSync(first.key).mode & 0o777).toBe(0o600)
  expect(statSync(join(project.root, '.srv/sandbox/web1/host_key')).mode & 0o777).toBe(0o600)
  const [one, two] = await Promise.all([logIn(first), logIn(second)])
  await execute(one, 'echo "$HOST" > mine')
  expect(await execute(two, 'cat mine')).toMatchObject({ code: 1, stdout: '' })
  expect(await execute(one, 'cat mine')).toMatchObject({ code: 0, stdout: `${first.address}\n` })
  one.end()
  two.end()
})

test('no host means no server', async () => {
  expect(await ensureSandbox(project.root, [])).toEqual(new Map())
  expect(existsSync(join(project.root, '.srv'))).toBe(false)
})

test('hosts that answer are left alone', async () => {
  const before = await ensureSandbox(project.root, ['web1', 'web2'])
  const pids = servers()
  expect(await ensureSandbox(project.root, ['web2', 'web1', 'web1'])).toEqual(before)
  expect(servers()).toEqual(pids)
})

test('calls at the same time end at the same hosts', async () => {
  const calls = Array.from({ length: 3 }, () => ensureSandbox(project.root, ['web1', 'web2']))
  const [first = new Map(), ...others] = await Promise.all(calls)
  for (const other of others) expect(other).toEqual(first)
  const client = await logIn(hostOf(first, 'web2'))
  expect(await execute(client, 'echo up')).toMatchObject({ stdout: 'up\n' })
  client.end()
})

test('a host is added beside one that is at work', async () => {
  const client = await logIn(hostOf(await ensureSandbox(project.root, ['web1']), 'web1'))
  const channel = await open(client, 'cat')
  const finished = finish(channel)
  const later = await logIn(hostOf(await ensureSandbox(project.root, ['web1', 'web2']), 'web2'))
  expect(await execute(later, 'echo up')).toMatchObject({ stdout: 'up\n' })
  channel.end('still there\n')
  expect(await finished).toMatchObject({ code: 0, stdout: 'still there\n' })
  client.end()
  later.end()
})

test('services survive the death of the server, which comes back as the same host', async () => {
  const before = await ensureSandbox(project.root, ['web1'])
  const service = await startService('web1')
  const client = await logIn(hostOf(before, 'web1'))
  const closed = once(client, 'close')
  for (const pid of servers()) process.kill(pid, 'SIGKILL')
  await closed
  expect(alive(service)).toBe(true)
  expect(await ensureSandbox(project.root, ['web1'])).toEqual(before)
  const again = await logIn(hostOf(before, 'web1'))
  expect(await execute(again, `kill -0 ${String(service)}`)).toMatchObject({ code: 0 })
  again.end()
})

test('status and stop say what runs and what was ended', async () => {
  const status = async (): Promise<readonly string[]> => sandboxStatusLines(await sandboxStatusDocument(project.root))
  const stop = async (): Promise<readonly string[]> => sandboxStopLines(await sandboxStopDocument(project.root))
  expect(await status()).toEqual(['There are no sandbox hosts.'])
  const hosts = await ensureSandbox(project.root, ['web1', 'web2'])
  const service = await startService('web2')
  const { hosts: shown } = await sandboxStatusDocument(project.root)
  expect(shown[1]).toEqual({
    name: 'web2',
    answers: true,
    address: hostOf(hosts, 'web2').address,
    user: 'sandbox',
    port: 2222,
    key: hostOf(hosts, 'web2').key,
    host_keys: hostOf(hosts, 'web2').hostKeys,
    root: hostOf(hosts, 'web2').root,
    processes: [{ pid: service, command: 'sleep 1000' }],
  })
  const where = (name: string): string => `sandbox@${hostOf(hosts, name).address}:2222`
  expect(await status()).toEqual([
    `web1  ${where('web1')}  0 processes`,
    `web2  ${where('web2')}  1 process`,
    `  ${String(service)}  sleep 1000`,
  ])
  expect(await stop()).toEqual([
    'Stopped the sandbox hosts and 1 process on them.',
    `  web2  ${String(service)}  sleep 1000`,
  ])
  expect(alive(service)).toBe(false)
  expect(await status()).toEqual(['web1  stopped', 'web2  stopped'])
  expect(await stop()).toEqual(['No sandbox host was running.'])
})

test('a process that will not stop is killed', async () => {
  const client = await logIn(hostOf(await ensureSandbox(project.root, ['web1']), 'web1'))
  const channel = await open(client, 'trap "" TERM; echo ready; while :; do sleep 1000; done')
  await new Promise((resolve) => channel.once('data', resolve))
  const ended = await endProcesses(sandboxPaths(project.root).id, 100)
  expect(ended.map(({ host, command }) => `${host} ${command.split(' ')[0] ?? ''}`)).toContain('web1 /bin/sh')
  expect(listProcesses(sandboxPaths(project.root).id)).toEqual([])
  client.end()
})

test('a port that is taken is passed over', async () => {
  const { address } = hostPaths(sandboxPaths(project.root), 'web1')
  const squatter = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
  })
  await new Promise<void>((resolve) => squatter.listen({ host: address, port: 2222 }, resolve))
  const host = hostOf(await ensureSandbox(project.root, ['web1']), 'web1')
  expect(host).toMatchObject({ address, port: 2223 })
  const client = await logIn(host)
  expect(await execute(client, 'echo up')).toMatchObject({ stdout: 'up\n' })
  client.end()
  await new Promise((resolve) => squatter.close(resolve))
  expect(await ensureSandbox(project.root, ['web1'])).toEqual(new Map([['web1', host]]))
})

test('a host whose folder is deleted ends with everything on it, and can be made anew', async () => {
  const old = hostOf(await ensureSandbox(project.root, ['web1']), 'web1')
  const client = await logIn(old)
  const channel = await open(client, 'echo started; exec sleep 1000')
  const finished = finish(channel)
  // Until the command runs, its server may still make the folder of it.
  await once(channel, 'data')
  rmSync(join(project.root, '.srv'), { recursive: true })
  expect(await finished).toMatchObject({ signal: 'SIGKILL' })
  client.end()
  const made = hostOf(await ensureSandbox(project.root, ['web1']), 'web1')
  expect(made.hostKeys).not.toEqual(old.hostKeys)
  const again = await logIn(made)
  expect(await execute(again, 'echo up')).toMatchObject({ stdout: 'up\n' })
  again.end()
})

test('a host that is made anew before its old server noticed starts without processes', async () => {
  await ensureSandbox(project.root, ['web1'])
  const service = await startService('web1')
  rmSync(join(project.root, '.srv'), { recursive: true })
  await ensureSandbox(project.root, ['web1'])
  expect(alive(service)).toBe(false)
})
