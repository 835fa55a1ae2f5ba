import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { command, http, tcp, type Health, type Instance } from '../../../src/index.ts'
import { stockChecks } from '../../../tasks/checks.ts'
import { health } from '../../../tasks/health.ts'
import { healthOnce } from '../../../tasks/inspect.ts'
import { isRunning } from '../../support/processes.ts'
import { temporaryFolder } from './folder.ts'
import { freePort } from './deployed.ts'
import { kinds, runScript, startScript, type Kind, type Ran } from './shell.ts'
import { contextAt, placementAt } from './site.ts'

/** Real path of a program, or nothing where this machine does not have it. */
function programPath(name: string): string | undefined {
  const script = name === 'python3' ? 'python3 -c "import sys; print(sys.executable)"' : `command -v ${name}`
  try {
    return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return undefined
  }
}

const tools = ['sh', 'sed', 'grep', 'head', 'tail', 'sleep', 'date', 'cat', 'wc', 'timeout', 'mkdir', 'id']

/** A host that has POSIX tools, and of all clients one. */
function onlyWith(client: string): Kind {
  const folder = temporaryFolder()
  for (const name of [...tools, ...(client === '' ? [] : [client])]) {
    symlinkSync(programPath(name) ?? '/nonexistent', join(folder, name))
  }
  return { name: client, shell: ['/bin/sh', '-s'], path: folder }
}

/** Serves these statuses in turn, the last one for ever; `Infinity` leaves a request without an answer. */
async function serve(...statuses: readonly number[]): Promise<number> {
  let asked = 0
  const server: Server = createServer((request, response) => {
    const status = request.url === '/elsewhere' ? 200 : (statuses[Math.min(asked++, statuses.length - 1)] ?? 200)
    if (status === 301) response.setHeader('location', '/elsewhere')
    if (status !== Infinity) response.writeHead(status).end('HTTP/1.1 200 in a body\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

function gate(kind: Kind, questions: readonly Health[], more: Partial<Instance> = {}): Promise<Ran> {
  const placement = placementAt(temporaryFolder(), { health: questions, ...more })
  mkdirSync(placement.paths.instance, { recursive: true })
  return runScript(health.script?.(contextAt(placement)), kind)
}

const quick = { samples: 3, intervalMs: 20, timeoutMs: 5000 }
/** Gives up as soon as the clock has moved by a hundredth of a second. */
const once = { samples: 1, intervalMs: 20, timeoutMs: 1 }

const clients = ['curl', 'wget', 'node', 'python3', 'busybox', 'perl'].filter((name) => programPath(name) !== undefined)

describe.each(clients)('http() asked with %s', (client) => {
  test('takes any 2xx, or the statuses that were asked for', async () => {
    const kind = onlyWith(client)
    const port = await serve(204)
    expect(await gate(kind, [http(`:${port}/up?a=1&b=[2]`, quick)])).toEqual({
      code: 0,
      stdout: `answered 204, 3 times in a row: http://127.0.0.1:${port}/up?a=1&b=[2]\n`,
      stderr: '',
    })
    const strict = await gate(kind, [http(`:${port}/`, { ...once, status: [200, 401] })])
    expect(strict).toEqual({ code: 1, stdout: '', stderr: `answered 204 after 0.001 s: http://127.0.0.1:${port}/\n` })
    const teapot = await serve(418)
    expect((await gate(kind, [http(`:${teapot}/`, { ...once, status: [200, 418] })])).code).toBe(0)
  })

  test('says the status of a bad answer, and follows no redirect', async () => {
    const kind = onlyWith(client)
    const broken = await serve(500)
    expect((await gate(kind, [http(`:${broken}/up`, once)])).stderr).toBe(
      `answered 500 after 0.001 s: http://127.0.0.1:${broken}/up\n`,
    )
    const moved = await serve(301)
    expect((await gate(kind, [http(`:${moved}/up`, once)])).stderr).toBe(
      `answered 301 after 0.001 s: http://127.0.0.1:${moved}/up\n`,
    )
  })

  test('says when nobody answers', async () => {
    const port = await freePort()
    expect(await gate(onlyWith(client), [http(`:${port}/up`, once)])).toEqual({
      code: 1,
      stdout: '',
      stderr: `no answer for 0.001 s: http://127.0.0.1:${port}/up\n`,
    })
  })
})

const diallers = ['bash', 'node', 'python3', 'perl', 'busybox'].filter((name) => programPath(name) !== undefined)

describe.each(diallers)('tcp() asked with %s', (dialler) => {
  test('is good when a connection is accepted', async () => {
    const kind = onlyWith(dialler)
    const server = createTcpServer((socket) => socket.end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    expect(await gate(kind, [tcp(`:${port}`, quick)])).toEqual({
      code: 0,
      stdout: `accepted a connection, 3 times in a row: 127.0.0.1:${port}\n`,
      stderr: '',
    })
    const closed = await freePort()
    expect(await gate(kind, [tcp(`127.0.0.1:${closed}`, once)])).toEqual({
      code: 1,
      stdout: '',
      stderr: `no answer for 0.001 s: 127.0.0.1:${closed}\n`,
    })
  })
})

describe.each(kinds())('the gate on $name', (kind) => {
  test('begins to count again after a bad answer', async () => {
    const port = await serve(200, 200, 503, 200, 200, 200, 500)
    expect((await gate(kind, [http(`:${port}/`, quick)])).code).toBe(0)
  })

  test('asks once what served before and was not touched, and waits for it when it does not answer', async () => {
    const unchanged = async (...statuses: readonly number[]): Promise<Ran> => {
      const placement = placementAt(temporaryFolder(), { health: [http(`:${await serve(...statuses)}/`, quick)] })
      mkdirSync(placement.paths.instance, { recursive: true })
      return runScript(health.script?.(contextAt(placement, { isUnchanged: true })), kind)
    }
    expect((await unchanged(200, 500)).stdout).toMatch(/^answered 200: http:/)
    expect((await unchanged(503, 503, 200, 500)).stdout).toMatch(/^answered 200: http:/)
  })

  test('a hanging app has no answer', async () => {
    const port = await serve(Infinity)
    expect((await gate(kind, [http(`:${port}/`, once)])).stderr).toBe(
      `no answer for 0.001 s: http://127.0.0.1:${port}/\n`,
    )
  })

  test('all questions have to be answered well in the same sample', async () => {
    const port = await serve(200)
    const closed = await freePort()
    const said = await gate(kind, [http(`:${port}/`, once), tcp(`:${closed}`, once)])
    expect(said.stderr).toBe(`no answer for 0.001 s: 127.0.0.1:${closed}\n`)
  })

  test('a command sees the variables of its instance, and its words are shown when it fails', async () => {
    const good = command('test "$SRV_SERVICE/$SRV_INSTANCE@$SRV_HOST" = blog/native@web1', quick)
    expect((await gate(kind, [good])).stdout).toBe(
      'exited with status 0, 3 times in a row: test "$SRV_SERVICE/$SRV_INSTANCE@$SRV_HOST" = blog/native@web1\n',
    )
    expect(await gate(kind, [command('echo "queue is stuck"; false; exit 0', once)])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'exited with status 1 after 0.001 s: echo "queue is stuck"; false; exit 0\nqueue is stuck\n',
    })
  })

  test('a command that hangs ends with the run that asks', async () => {
    const asked = command('sleep 1000 & echo "$$ $!" >pids.new; mv pids.new pids; wait', { timeoutMs: 600_000 })
    const placement = placementAt(temporaryFolder(), { health: [asked] })
    mkdirSync(placement.paths.instance, { recursive: true })
    const { group, ran } = startScript(health.script?.(contextAt(placement)), kind)
    const pids = join(placement.paths.instance, 'pids')
    await expect.poll(() => existsSync(pids)).toBe(true)
    const [shell, child] = readFileSync(pids, 'utf8').split(' ').map(Number)
    expect([shell, child].map((pid) => isRunning(pid ?? 0))).toEqual([true, true])
    process.kill(-group, 'SIGTERM')
    await ran
    await expect.poll(() => [shell, child].map((pid) => isRunning(pid ?? 0))).toEqual([false, false])
  })

  test('a status command that fails at first is waited for, and its log is shown when it stays so', async () => {
    const supervisor = (status: string) => ({ start: command({ start: 'true', status, logs: 'seq 1 30' }) })
    const slow = supervisor('[ -e up ] || { touch up; exit 1; }')
    expect((await gate(kind, [command('true', quick)], slow)).code).toBe(0)
    const never = await gate(kind, [command('true', once)], supervisor('exit 1'))
    const lastTwenty = Array.from({ length: 20 }, (_, index) => String(index + 11))
    expect(never.stderr.split('\n')).toEqual([
      'is not running after 0.001 s: says the status command',
      ...lastTwenty,
      '',
    ])
  })

  test('one sample answers at once', async () => {
    const placement = placementAt(temporaryFolder(), { health: [http(`:${await serve(200, 500)}/`, quick)] })
    expect(await runScript(healthOnce(placement), kind)).toMatchObject({
      code: 1,
      stdout: 'unhealthy: nothing is deployed\n',
    })
    mkdirSync(placement.paths.instance, { recursive: true })
    expect(await runScript(healthOnce(placement), kind)).toEqual({ code: 0, stdout: 'healthy\n', stderr: '' })
    expect((await runScript(healthOnce(placement), kind)).stdout).toMatch(/^unhealthy: answered 500: http:/)
  })
})

test('the first line of a failed check is its reason', () => {
  const answer = { code: 1, stdout: '', stderr: 'answered 500 after 60 s: http://127.0.0.1:3000/up\nlog line\n' }
  expect(health.explain?.(answer, contextAt(placementAt('/srv')))).toBe(
    'answered 500 after 60 s: http://127.0.0.1:3000/up',
  )
})

test('a host without any client is refused before the first change', async () => {
  const placement = placementAt('/srv', { health: [http(':1/'), tcp(':1')] })
  const verdicts = []
  for (const check of stockChecks) {
    if (check.on === 'once' || check.applies?.(placement, undefined) === false) continue
    const answer = await runScript(check.probe(placement, undefined, undefined), onlyWith(''))
    verdicts.push([check.title, check.judge(answer, placement, undefined)])
  }
  expect(verdicts).toEqual([
    [
      'HTTP client for the health check',
      { ok: false, problem: 'there is no program that can make an HTTP request', fix: 'install curl on the host' },
    ],
    [
      'TCP client for the health check',
      { ok: false, problem: 'there is no program that can open a TCP connection', fix: 'install bash on the host' },
    ],
  ])
})
