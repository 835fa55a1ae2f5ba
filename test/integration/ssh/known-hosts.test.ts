import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { lookUp, parseKnownHosts } from '../../../src/transport/ssh/known-hosts.ts'
import { toText } from '../../../src/transport/ssh/public-key.ts'
import { makeKey, publicHalf } from '../../support/sshd.ts'
import { hasPrograms } from '../../support/programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'srv-known-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

test.skipIf(!hasPrograms('ssh-keygen'))('what ssh-keygen hashed is found as ssh-keygen finds it', () => {
  const key = publicHalf(makeKey(join(folder, 'key')))
  const file = join(folder, 'known_hosts')
  writeFileSync(file, `web1.example.org,10.0.0.1 ${key}\n[web2.example.org]:2222 ${key}\n`)
  execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' })
  const text = readFileSync(file, 'utf8')
  expect(text).not.toContain('example.org')
  const names = [
    ['web1.example.org', 22],
    ['10.0.0.1', 22],
    ['web2.example.org', 2222],
    ['web2.example.org', 22],
    ['web1.example.org', 2222],
  ] as const
  const found = names.map(([name, port]) => lookUp(parseKnownHosts(text), name, port).trusted.map(toText))
  expect(found).toEqual([[key], [key], [key], [], []])
})
