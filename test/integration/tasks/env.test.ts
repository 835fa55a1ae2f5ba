import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { secret } from '../../../src/index.ts'
import { env } from '../../../tasks/env.ts'
import { temporaryFolder } from './folder.ts'
import { kinds, runScript } from './shell.ts'
import { contextAt, nextAt, placementAt } from './site.ts'

const hostile = {
  EMPTY: '',
  SPACES: '  two  spaces ',
  SINGLE: `it's`,
  DOUBLE: 'say "hi"',
  DOLLAR: '$HOME ${HOME} $(id) $',
  BACKTICK: '`id`',
  BACKSLASH: String.raw`a\b \\ \n \" \$ end\ `,
  NEWLINES: 'first\nsecond\n\nfourth\n',
  UNICODE: 'žluťoučký 🐎 \u00a0',
  PERCENT: '%s %d %%',
  HASH: '# not a comment',
  DASH: '-n',
  CONTROL: '\t\u001b[31m\r',
}

describe.each(kinds())('the .env file written on $name', (kind) => {
  test('gives every value back through sh, byte for byte', async () => {
    const placement = placementAt(temporaryFolder(), { env: { ...hostile, TOKEN: secret('TOKEN') } })
    const next = nextAt(placement)
    const token = `"'$\`\\\n${'x'.repeat(200_000)}`
    const ran = await runScript(env.script?.(contextAt(placement, { next })), kind, { TOKEN: token })
    expect(ran).toEqual({ code: 0, stdout: '', stderr: '' })
    const printed = execFileSync(
      '/bin/sh',
      [
        '-eu',
        '-c',
        `set -a; . ./.env; set +a; for name; do eval "printf '%s\\0' \\"\\$$name\\""; done`,
        'sh',
        ...Object.keys(hostile),
        'TOKEN',
      ],
      { cwd: next.folder, encoding: 'utf8', maxBuffer: 1e7 },
    )
    expect(printed.split('\0')).toEqual([...Object.values(hostile), token, ''])
    expect((statSync(join(next.folder, '.env')).mode & 0o777).toString(8)).toBe('600')
    expect(existsSync(join(next.folder, '.env.new'))).toBe(false)
  })

  test('has the one form that systemd and sh both read', async () => {
    const placement = placementAt(temporaryFolder(), { env: { A: 'plain', B: 'a"b\\c$d`e', C: 'two\nlines' } })
    const next = nextAt(placement)
    writeFileSync(join(next.folder, '.env'), 'OLD=1\n', { mode: 0o644 })
    await runScript(env.script?.(contextAt(placement, { next })), kind)
    expect(readFileSync(join(next.folder, '.env'), 'utf8')).toBe(
      '# Written by srv.\nA="plain"\nB="a\\"b\\\\c\\$d\\`e"\nC="two\nlines"\n',
    )
    expect((statSync(join(next.folder, '.env')).mode & 0o777).toString(8)).toBe('600')
  })
})

test('there is nothing to do without variables, or without a release being prepared', () => {
  const bare = placementAt('/srv')
  const placement = placementAt('/srv', { env: { A: '1', B: secret('B') } })
  expect(env.applies?.(bare, undefined)).toBe(false)
  expect(env.applies?.(placement, undefined)).toBe(true)
  expect(env.skip?.(contextAt(placement))).toBe('no release is being prepared')
  expect(env.describe?.(contextAt(placement))).toBe('write .env: A, B')
})
