import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPool, type Pool } from '../../../src/transport/pool.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import { hostOf } from '../../support/hosts.ts'
import { hasSshd, startSshd, type Sshd } from '../../support/sshd.ts'

const client = fileURLToPath(new URL('../../support/flood-client.ts', import.meta.url))
const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

describe.skipIf(!hasSshd)('a lot of bytes', () => {
  let sshd: Sshd
  let pool: Pool
  let transport: Transport

  beforeAll(async () => {
    sshd = await startSshd()
    pool = createPool({ warn: () => undefined })
    transport = await pool.get(hostOf(sshd))
  })
  afterAll(async () => {
    await pool.close()
    await sshd.stop()
  })

  test('100 MB of output are told whole, and cost less memory than 64 MB', async () => {
    const script = 'head -c 100000000 /dev/zero | tr "\\0" x; echo end'
    const args = ['--max-old-space-size=64', '--import', 'tsx', client, JSON.stringify(hostOf(sshd)), script]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    const { grownBytes, ...got } = JSON.parse(stdout) as { readonly grownBytes: number }
    expect(got).toEqual({ end: { kind: 'exit', code: 0 }, told: 100_000_004, kept: 1_048_576, tail: 'xend\n' })
    expect(grownBytes).toBeLessThan(64 * 1024 * 1024)
  })

  test('bytes of all kinds arrive as they were, there and back', async () => {
    const sent = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), randomBytes(5_000_000)])
    const channel = await transport.open('cat; printf "\\377\\000" >&2')
    channel.stdin.end(sent)
    const [stdout, stderr, end] = await Promise.all([channel.stdout.toArray(), channel.stderr.toArray(), channel.end])
    expect(end).toEqual({ kind: 'exit', code: 0 })
    expect(digest(Buffer.concat(stdout as Buffer[]))).toBe(digest(sent))
    expect(Buffer.concat(stderr as Buffer[])).toEqual(Buffer.from([0xff, 0]))
  })

  test('a reader that takes its time holds the host up, and loses nothing', async () => {
    const channel = await transport.open('head -c 20000000 /dev/zero; echo sent >&2')
    const said: string[] = []
    channel.stderr.on('data', (bytes: Buffer) => said.push(bytes.toString()))
    // Another command gets through meanwhile: the channels of a connection do not wait for each other.
    expect((await transport.exec('echo through')).stdout).toBe('through\n')
    expect(said).toEqual([])
    let bytes = 0
    for await (const piece of channel.stdout) bytes += (piece as Buffer).length
    expect({ bytes, end: await channel.end, said }).toEqual({
      bytes: 20_000_000,
      end: { kind: 'exit', code: 0 },
      said: ['sent\n'],
    })
  })

  test.each([130, 300, 3000])('a script of %d kB arrives byte for byte', async (kilobytes) => {
    const line = `'"$HOME\`id\`\\ €\n`
    const text = line.repeat(Math.ceil((kilobytes * 1000) / Buffer.byteLength(line)))
    const { end, stdout } = await transport.exec(`sha256sum <<'srv_text'\n${text}srv_text`)
    expect({ end, stdout }).toEqual({ end: { kind: 'exit', code: 0 }, stdout: `${digest(Buffer.from(text))}  -\n` })
  })

  test('all of this took one log-in, and one for the process beside', () => {
    expect(sshd.logins()).toBe(2)
  })
})
