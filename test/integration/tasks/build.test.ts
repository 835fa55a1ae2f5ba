import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Instance } from '../../../src/index.ts'
import { build } from '../../../tasks/build.ts'
import { temporaryFolder } from './folder.ts'
import { kinds, runScript, type Kind, type Ran } from './shell.ts'
import { contextAt, nextAt, placementAt } from './site.ts'

async function building(kind: Kind, options: Partial<Instance>): Promise<Ran & { readonly folder: string }> {
  const placement = placementAt(temporaryFolder(), options)
  const next = nextAt(placement)
  writeFileSync(join(next.folder, '.env'), 'TOKEN="s3 cret"\n')
  return { ...(await runScript(build.script?.(contextAt(placement, { next })), kind)), folder: next.folder }
}

describe.each(kinds())('build on $name', (kind) => {
  test('runs each command in the new release, with its variables', async () => {
    const ran = await building(kind, {
      build: [
        'echo "$TOKEN $SRV_SERVICE $SRV_INSTANCE $SRV_HOST $SRV_ENVIRONMENT" >seen',
        `echo "it's" "$SRV_RELEASE" "$SRV_COMMIT"`,
      ],
    })
    expect(ran).toMatchObject({
      code: 0,
      stdout: `$ echo "$TOKEN $SRV_SERVICE $SRV_INSTANCE $SRV_HOST $SRV_ENVIRONMENT" >seen
$ echo "it's" "$SRV_RELEASE" "$SRV_COMMIT"
it's 20261122T140311Z-3f9c2a1 3f9c2a1d
`,
      stderr: '',
    })
    expect(readFileSync(join(ran.folder, 'seen'), 'utf8')).toBe('s3 cret blog native web1 production\n')
  })

  test('ends with the status of the first command that fails', async () => {
    const ran = await building(kind, { build: ['echo one; (exit 7); echo two', 'touch never'] })
    expect(ran).toMatchObject({ code: 7, stdout: '$ echo one; (exit 7); echo two\none\n', stderr: '' })
    expect(existsSync(join(ran.folder, 'never'))).toBe(false)
  })

  test('a build within its limit passes, and a failing one keeps its status', async () => {
    expect(await building(kind, { build: ['echo fine'], buildTimeoutMs: 60_000 })).toMatchObject({
      code: 0,
      stdout: '$ echo fine\nfine\n',
    })
    expect((await building(kind, { build: ['exit 9'], buildTimeoutMs: 60_000 })).code).toBe(9)
  })

  test('a build that takes too long is stopped with what it started', async () => {
    const ran = await building(kind, {
      build: ['echo begun; sleep 600; echo never', 'echo never'],
      buildTimeoutMs: 800,
    })
    expect(ran.stdout).toBe('$ echo begun; sleep 600; echo never\nbegun\n')
    expect(ran.stderr.split('\n').filter((line) => line.includes('build'))).toEqual([
      'the build took longer than 1 s and was stopped',
    ])
    expect(ran.code).toBe(124)
  })
})

test('the plan shows the commands', () => {
  const placement = placementAt('/srv', { build: ['npm ci', 'npm run build'] })
  expect(build.describe?.(contextAt(placement))).toBe('npm ci && npm run build')
  expect(build.applies?.(placementAt('/srv'), undefined)).toBe(false)
})
