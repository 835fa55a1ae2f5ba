import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { secret } from '../../../src/shell/secret.ts'
import { sh } from '../../../src/shell/script.ts'
import { openLocal } from '../../../src/transport/local.ts'
import { relay } from '../../../src/transport/relay.ts'

const folder = mkdtempSync(join(tmpdir(), 'srv-relay-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

test('a secret in what runs before the tool is refused, and the tool does not start', async () => {
  const mark = join(folder, 'started')
  const relayed = relay(openLocal(), { argv: ['touch', mark], before: sh`echo ${secret('TOKEN')}` })
  await expect(relayed).rejects.toThrow(
    'Unexpected: the secret TOKEN is in what runs around a relayed tool, and would be in a command line on the host. This is a bug in srv.',
  )
  expect(existsSync(mark)).toBe(false)
})
