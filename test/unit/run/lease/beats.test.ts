import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { acquire, fence } from '../../../../src/run/lease/script.ts'
import { display, type Script } from '../../../../src/shell/script.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'srv-lease-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

function run(script: Script): Promise<string> {
  return new Promise((resolve) => {
    execFile('/bin/sh', ['-c', `set -eu\n${display(script)}`], (error, _stdout, stderr) => {
      resolve(error === null ? 'well' : stderr)
    })
  })
}

it('lets the instances of a host give signs of life at the same time', async () => {
  const leased = [{ service: 'blog', state: join(folder, 'blog/.srv') }]
  const holder = { run: 'run-1', actor: 'me@laptop', pipeline: 'deploy', since: '2026-11-22T14:03:11.000Z' }
  expect(await run(acquire(leased, holder))).toBe('well')
  const ends = await Promise.all(Array.from({ length: 40 }, () => run(fence(leased, 'run-1'))))
  expect(ends.filter((end) => end !== 'well')).toEqual([])
  expect(readdirSync(join(folder, 'blog/.srv/lease')).sort()).toEqual(['beat', 'owner', 'phase', 'run'])
})
