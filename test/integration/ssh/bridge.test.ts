import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sh } from '../../../src/shell/script.ts'
import { bridge } from '../../../src/transport/bridge.ts'
import { createPool, type Pool } from '../../../src/transport/pool.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import { hostOf } from '../../support/hosts.ts'
import { isRunning } from '../../support/processes.ts'
import { hasSshd, startSshd, type Sshd } from '../../support/sshd.ts'

describe.skipIf(!hasSshd)('a remote shell of one host to another', () => {
  let near: Sshd
  let far: Sshd
  let pool: Pool
  let transports: readonly [Transport, Transport]
  let folders: { readonly source: string; readonly target: string }
  let round = 0

  beforeAll(async () => {
    near = await startSshd()
    far = await startSshd()
    pool = createPool({ warn: () => undefined })
    transports = [await pool.get({ ...hostOf(near), name: 'near' }), await pool.get({ ...hostOf(far), name: 'far' })]
  })
  afterAll(async () => {
    await pool.close()
    await near.stop()
    await far.stop()
  })
  beforeEach(() => {
    round++
    folders = {
      source: join(far.folder, `source ${String(round)}`),
      target: join(near.folder, `target${String(round)}`),
    }
    mkdirSync(folders.source)
    mkdirSync(folders.target)
  })

  test('rsync brings files from there', async () => {
    const bytes = randomBytes(5_000_000)
    writeFileSync(join(folders.source, 'large'), bytes)
    writeFileSync(join(folders.source, 'a\nb'), 'named with a line break')
    const result = await bridge(
      ...transports,
      sh`rsync -rt -O -s --blocking-io --out-format=%n -e "$SRV_SHELL" ${`srv:${folders.source}/`} ${`${folders.target}/`}`,
    )
    expect({ end: result.end, stderr: result.stderr }).toEqual({
      end: { kind: 'exit', code: 0 },
      stderr: 'a\\#012b\nlarge\n',
    })
    expect(readFileSync(join(folders.target, 'large')).equals(bytes)).toBe(true)
    expect(readdirSync(folders.target)).toEqual(['a\nb', 'large'])
  })

  test('rsync brings files to there', async () => {
    writeFileSync(join(folders.target, 'file'), 'text')
    const { end } = await bridge(
      ...transports,
      sh`rsync -a -s --blocking-io -e "$SRV_SHELL" ${`${folders.target}/`} ${`srv:${folders.source}/`}`,
    )
    expect(end).toEqual({ kind: 'exit', code: 0 })
    expect(readFileSync(join(folders.source, 'file'), 'utf8')).toBe('text')
  })

  test('a missing folder there is an error here', async () => {
    const { end, stderr } = await bridge(
      ...transports,
      sh`rsync -a -s --blocking-io -e "$SRV_SHELL" ${`srv:${folders.source}/nothing/`} ${`${folders.target}/`}`,
    )
    expect(end).toEqual({ kind: 'exit', code: 23 })
    expect(stderr).toContain('No such file or directory')
  })

  test('a script that needs no remote shell ends by itself', async () => {
    const { end, stderr } = await bridge(...transports, sh`echo here; exit 3`)
    expect({ end, stderr }).toEqual({ end: { kind: 'exit', code: 3 }, stderr: 'here\n' })
  })

  test('a tool that dies leaves nobody waiting', async () => {
    writeFileSync(join(folders.source, 'large'), Buffer.alloc(50_000_000, 'x'))
    const { end } = await bridge(
      ...transports,
      sh`rsync -a -s --blocking-io --bwlimit=1000 -e "$SRV_SHELL" ${`srv:${folders.source}/`} ${`${folders.target}/`} & tool=$!
until ls ${folders.target}/.large.* >/dev/null 2>&1; do sleep 0.05; done
kill "$tool"; wait "$tool"`,
    )
    expect(end).toEqual({ kind: 'exit', code: 20 })
  })

  test('is given up at once, and ends on both sides', async () => {
    writeFileSync(join(folders.source, 'large'), Buffer.alloc(50_000_000, 'x'))
    const stop = new AbortController()
    const pidFile = join(folders.target, 'pid')
    const running = bridge(
      ...transports,
      sh`echo $$ >${pidFile}; echo begun
rsync -a -s --blocking-io --bwlimit=1000 -e "$SRV_SHELL" ${`srv:${folders.source}/`} ${`${folders.target}/`}`,
      {
        signal: stop.signal,
        onOutput: (_stream, text) => {
          if (text.includes('begun')) stop.abort()
        },
      },
    )
    expect((await running).end).toEqual({ kind: 'cancelled', stopped: false })
    const pid = Number(readFileSync(pidFile, 'utf8'))
    await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false)
  })
})
