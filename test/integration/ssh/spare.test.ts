import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createPool, type Pool } from '../../../src/transport/pool.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import { hostOf } from '../../support/hosts.ts'
import { isRunning } from '../../support/processes.ts'
import { hasSshd, startSshd, type Sshd } from '../../support/sshd.ts'

const said = (stdout: string) => ({ end: { kind: 'exit', code: 0 }, stdout })
const patient = { timeout: 10_000 }

/** Process ids of the shells that read a script, below this process, to which the server belongs. */
function shellsBelow(root: number): readonly number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? [])
  const below = (parent: number): readonly number[] =>
    rows.flatMap(([, pid, of, args]) =>
      Number(of) === parent ? [...(args?.includes('/bin/sh -s') === true ? [Number(pid)] : below(Number(pid)))] : [],
    )
  return below(root)
}

describe.skipIf(!hasSshd)('a shell that is started before there is a script for it', () => {
  let folder: string
  let pool: Pool
  let sshd: Sshd

  /** Logs in to a server with further settings. */
  async function connect(config: readonly string[] = []): Promise<Transport> {
    sshd = await startSshd({ config })
    return pool.get(hostOf(sshd))
  }
  const sessions = (): number => sshd.log().split('Starting session: ').length - 1

  /** Runs a script that ends as soon as `meanwhile` has come to its end. */
  async function during(transport: Transport, meanwhile: () => Promise<unknown>): Promise<void> {
    const go = join(folder, 'go')
    const running = transport.exec(`until [ -e ${go} ]; do sleep 0.02; done`, { more: true })
    await meanwhile()
    writeFileSync(go, '')
    expect(await running).toMatchObject(said(''))
    rmSync(go)
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'srv-spare-'))
    pool = createPool({ warn: () => undefined })
  })
  afterEach(async () => {
    await pool.close()
    await sshd.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('takes the next script, and there are no more sessions than scripts', async () => {
    const transport = await connect()
    await during(transport, () => expect.poll(sessions, patient).toBe(2))
    expect(await transport.exec('echo "$0"; cat; exit 3')).toMatchObject({
      end: { kind: 'exit', code: 3 },
      stdout: '/bin/sh\n',
    })
    expect(sessions()).toBe(2)
    expect(await transport.exec('echo again')).toMatchObject(said('again\n'))
    expect(sessions()).toBe(3)
  })

  test('is left where it is by what speaks a protocol', async () => {
    const transport = await connect()
    await during(transport, () => expect.poll(sessions, patient).toBe(2))
    const channel = await transport.open('cat')
    channel.stderr.resume()
    channel.stdin.end('bytes')
    expect([await text(channel.stdout), await channel.end]).toEqual(['bytes', { kind: 'exit', code: 0 }])
    expect(await transport.exec('echo script')).toMatchObject(said('script\n'))
    expect(sessions()).toBe(3)
  })

  test('is done without when it ended before its script came', async () => {
    const transport = await connect()
    await during(transport, async () => {
      await expect.poll(sessions, patient).toBe(2)
      // The shells of this connection: of the script that runs, and the one that waits; the older one is the former.
      const shells = shellsBelow(process.pid).toSorted((one, other) => one - other)
      expect(shells).toHaveLength(2)
      for (const spare of shells.slice(1)) {
        process.kill(spare, 'SIGKILL')
        await expect.poll(() => isRunning(spare), patient).toBe(false)
      }
    })
    expect(await transport.exec('echo next')).toMatchObject(said('next\n'))
    expect(sessions()).toBe(3)
  })

  test.each(['MaxSessions 2', 'MaxSessions 3'])('never stands in the way where there is %s', async (limit) => {
    const transport = await connect([limit])
    expect(await transport.exec('echo one', { more: true })).toMatchObject(said('one\n'))
    const channel = await transport.open('cat')
    channel.stderr.resume()
    channel.stdin.end('two')
    expect([await text(channel.stdout), await channel.end]).toEqual(['two', { kind: 'exit', code: 0 }])
    const both = ['three', 'four'].map((word) => transport.exec(`echo ${word}`, { more: true }))
    expect(await Promise.all(both)).toMatchObject([said('three\n'), said('four\n')])
  })
})
