import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostPaths, sandboxPaths } from '../../../src/sandbox/paths.ts'

let folder = ''

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'srv-sandbox-paths-')))
  mkdirSync(join(folder, 'project'))
  mkdirSync(join(folder, 'other'))
  symlinkSync('project', join(folder, 'link'))
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

test('a host lives in a folder of its own below the project', () => {
  const sandbox = sandboxPaths(join(folder, 'project'))
  const { address, ...host } = hostPaths(sandbox, 'web1')
  const at = join(folder, 'project/.srv/sandbox/web1')
  expect(host).toEqual({
    name: 'web1',
    folder: at,
    home: join(at, 'home'),
    root: join(at, 'srv'),
    hostKey: join(at, 'host_key'),
    port: join(at, 'port'),
    booted: join(at, 'booted'),
  })
  expect(address).toMatch(/^127\.\d+\.\d+\.\d+$/)
})

test('a link to a project leads to the same sandbox', () => {
  expect(sandboxPaths(join(folder, 'link'))).toEqual(sandboxPaths(join(folder, 'project')))
})

test('hosts and projects do not share addresses, and stay clear of the low ones', () => {
  const addresses = ['project', 'other'].flatMap((project) => {
    const sandbox = sandboxPaths(join(folder, project))
    return Array.from({ length: 200 }, (_, index) => hostPaths(sandbox, `web${String(index)}`).address)
  })
  const parts = addresses.map((address) => address.split('.').map(Number))
  expect(parts.filter(([, first = 0]) => first < 64 || first > 254)).toEqual([])
  expect(parts.filter(([, , , last = 0]) => last < 1 || last > 254)).toEqual([])
  // 400 out of 12 million: two alike by chance would be a broken hash.
  expect(new Set(addresses).size).toBeGreaterThan(397)
})
