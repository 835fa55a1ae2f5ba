import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { swapBackScript } from '../../../plugins/rsync-backup/scripts/swap.ts'
import { lines, raw } from '../../../src/index.ts'
import { render } from '../../../src/shell/script.ts'

let service: string
const at = (...parts: readonly string[]): string => join(service, ...parts)

function write(...parts: readonly string[]): void {
  mkdirSync(at(...parts.slice(0, -1)), { recursive: true })
  writeFileSync(at(...parts), parts.join('/'))
}

beforeEach(() => {
  service = mkdtempSync(join(tmpdir(), 'srv-swap-'))
})
afterEach(() => {
  rmSync(service, { recursive: true, force: true })
})

/** What a restore left that was cut off between its two renames, when somebody made the folder again that was away. */
function cutOff(path: string): void {
  write('.restore-r1', 'data', path, 'new')
  write('data.before-r1', path, 'old')
  write('data', path, 'made meanwhile')
}

it.each(['', 'uploads'])('puts data back also where something was made in their place: "%s"', (path) => {
  cutOff(path)
  const text = lines(
    raw('set -eu'),
    swapBackScript({ service, data: at('data') }, 'r1', path === '' ? undefined : path),
  )
  const run = (): void => {
    execFileSync('/bin/sh', ['-s'], { input: render(text, () => '') })
  }
  run()
  run()
  expect(readdirSync(service).sort()).toEqual(['data', 'data.before-r1.made'])
  expect(readFileSync(at('data', path, 'old'), 'utf8')).toBe(['data.before-r1', path, 'old'].join('/'))
  expect(readdirSync(at('data.before-r1.made'))).toEqual(['made meanwhile'])
})
