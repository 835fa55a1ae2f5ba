import { spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureSandbox, type SandboxAccess } from '../../../src/sandbox/sandbox.ts'
import { hostOf, temporaryProject } from './project.ts'

const missing = spawnSync('ssh', ['-V']).error !== undefined
const project = temporaryProject()
let hosts: ReadonlyMap<string, SandboxAccess>

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs OpenSSH's own client against a host, which it knows by the key of `knownAs`. */
async function ssh(
  words: readonly string[],
  stdin = '',
  knownAs = 'web1',
  extra: readonly string[] = [],
): Promise<Ended> {
  const host = hostOf(hosts, 'web1')
  const known = join(project.root, `known_hosts_${knownAs}`)
  writeFileSync(known, `[${host.address}]:${String(host.port)} ${hostOf(hosts, knownAs).hostKeys.join('')}\n`)
  const options = ['BatchMode=yes', 'IdentitiesOnly=yes', 'StrictHostKeyChecking=yes', 'LogLevel=ERROR']
  const settings = [...options, `UserKnownHostsFile=${known}`].flatMap((option) => ['-o', option])
  const target = ['-i', host.key, '-p', String(host.port), ...extra, `${host.user}@${host.address}`]
  const child = spawn('ssh', ['-F', '/dev/null', ...settings, ...target, ...words])
  child.stdin.end(stdin)
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, stdout, stderr }
}

describe.skipIf(missing)('with the ssh of this machine', () => {
  beforeAll(async () => {
    hosts = await ensureSandbox(project.root, ['web1', 'web2'])
  })

  afterAll(() => project.remove())

  test('a command runs under the known host key', async () => {
    expect(await ssh(['cat; echo "$USER" >&2; exit 9'], 'hello\n')).toEqual({
      code: 9,
      stdout: 'hello\n',
      stderr: 'sandbox\n',
    })
  })

  test('megabytes go both ways', async () => {
    const input = 'a line of text\n'.repeat(600_000)
    const { code, stdout } = await ssh(['cat'], input)
    expect({ code, whole: stdout === input }).toEqual({ code: 0, whole: true })
  })

  test('the key of another host is not accepted', async () => {
    const { code, stderr } = await ssh(['true'], '', 'web2')
    expect({ code, refused: stderr.includes('Host key verification failed.') }).toEqual({ code: 255, refused: true })
  })

  test('a terminal is refused', async () => {
    expect(await ssh([], '', 'web1', ['-tt'])).toEqual({
      code: 255,
      stdout: '',
      stderr: 'PTY allocation request failed on channel 0\r\n',
    })
  })
})
