import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Host } from '../../../src/config/resolved.ts'
import { ensureSandbox, stopSandbox } from '../../../src/sandbox/sandbox.ts'
import { createPool, type Pool } from '../../../src/transport/pool.ts'
import { relay } from '../../../src/transport/relay.ts'
import { isRunning } from '../../support/processes.ts'
import { refusalOf } from '../../support/refusal.ts'
import { temporaryProject, type TemporaryProject } from '../sandbox/project.ts'

/*
 * The pool against the sandbox's server, which is written with ssh2 as the client is: whatever sshd does and it does not
 * shows here.
 */
let project: TemporaryProject
let pool: Pool
let hosts: readonly Host[]

beforeAll(async () => {
  project = temporaryProject()
  const access = await ensureSandbox(project.root, ['web1', 'web2'])
  hosts = [...access].map(([name, one]) => ({ name, kind: 'sandbox', tags: [], ...one }))
  pool = createPool({
    warn(message) {
      throw new Error(message)
    },
  })
})
afterAll(async () => {
  await pool.close()
  await project.remove()
})

const hostNamed = (name: string): Host => {
  const found = hosts.find((host) => host.name === name)
  if (found === undefined) throw new Error(`no host ${name}`)
  return found
}
const web1 = () => pool.get(hostNamed('web1'))

test('a script runs, on each host in its own home', async () => {
  const said = await Promise.all(
    hosts.map(async (host) => (await (await pool.get(host)).exec('cat; id -un >/dev/null; pwd; exit 7')).stdout),
  )
  expect(said).toEqual(hosts.map(({ root }) => `${root.replace(/[^/]*$/, 'home')}\n`))
  const { end, stdout, stderr } = await (await web1()).exec('echo out; echo err >&2; exit 7')
  expect({ end, stdout, stderr }).toEqual({ end: { kind: 'exit', code: 7 }, stdout: 'out\n', stderr: 'err\n' })
})

test('another key than the one of the config is refused', async () => {
  const stranger = createPool({ warn: () => undefined })
  const [, other] = hosts
  expect(await refusalOf(stranger.get({ ...hostNamed('web1'), hostKeys: other?.hostKeys ?? [] }))).toMatchObject({
    code: 'SRV-222',
    exitCode: 9,
  })
  await stranger.close()
})

test('a cancelled command ends with all that it started', async () => {
  const cancel = new AbortController()
  const { end, stdout } = await (
    await web1()
  ).exec('sleep 300 & echo "$$ $!"; wait', {
    signal: cancel.signal,
    onOutput: () => {
      cancel.abort()
    },
  })
  expect(end).toEqual({ kind: 'cancelled', stopped: true })
  expect(stdout.split(' ').map((pid) => isRunning(Number(pid)))).toEqual([false, false])
})

test('a signal is not an exit status', async () => {
  expect((await (await web1()).exec('kill -KILL $PPID')).end).toEqual({ kind: 'signal', signal: 'SIGKILL' })
})

test('20 MB on both streams, and 300 kB of script', async () => {
  const script = `: '${'x'.repeat(300_000)}'; head -c 20000000 /dev/zero | tr '\\0' e >&2; head -c 20000000 /dev/zero; echo end`
  const { end, stdout, stderr } = await (await web1()).exec(script, { maxOutputBytes: 100 })
  expect({ end, tail: stdout.slice(-4), stderr }).toEqual({
    end: { kind: 'exit', code: 0 },
    tail: 'end\n',
    stderr: 'e'.repeat(100),
  })
})

test('bytes of all kinds arrive as they were, there and back', async () => {
  const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
  const sent = randomBytes(5_000_000)
  const channel = await (await web1()).open('cat')
  channel.stderr.resume()
  channel.stdin.end(sent)
  const [stdout, end] = await Promise.all([channel.stdout.toArray(), channel.end])
  expect(end).toEqual({ kind: 'exit', code: 0 })
  expect(digest(Buffer.concat(stdout as Buffer[]))).toBe(digest(sent))
})

test('twenty commands at once', async () => {
  const transport = await web1()
  const results = await Promise.all(Array.from({ length: 20 }, (_, code) => transport.exec(`exit ${String(code)}`)))
  expect(results.map(({ end }) => end)).toEqual(Array.from({ length: 20 }, (_, code) => ({ kind: 'exit', code })))
})

test('a tool of the laptop runs over the open connection', async () => {
  const { end, stderr } = await relay(await web1(), {
    argv: ['git', 'ls-remote', 'srv:nowhere.git'],
    shellVariable: 'GIT_SSH_COMMAND',
  })
  expect(end).toEqual({ kind: 'exit', code: 128 })
  expect(stderr).toContain("fatal: 'nowhere.git' does not appear to be a git repository")
})

test('a host that was stopped is lost, and logged in to again when it is back', async () => {
  const transport = await web1()
  await stopSandbox(project.root)
  expect((await transport.exec('true')).end.kind).toBe('lost')
  await ensureSandbox(project.root, ['web1', 'web2'])
  expect((await (await web1()).exec('echo back')).stdout).toBe('back\n')
})
