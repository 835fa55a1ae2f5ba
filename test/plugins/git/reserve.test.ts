import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeReserve } from '../../../plugins/git/scripts/in-place/reserve.ts'
import { quote } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { commit, folder, shellOf, shells, write } from './machine.ts'

const mebibyte = 1024 * 1024

test.each(shells)('takes room for what a move replaces alone with %s', async (shell) => {
  const run = await shellOf(shell)
  const instance = await folder()
  const first = await commit(instance, 'first', { 'page.html': 'one' })
  const second = await commit(instance, 'second', { 'more.html': 'more' })
  const third = await commit(instance, 'third', { 'page.html': 'x'.repeat(2 * mebibyte) })
  await write(instance, { 'uploads.bin': 'x'.repeat(8 * mebibyte) })
  const size = async (head: string, to: string): Promise<number> => {
    const text = `instance=${quote(instance)} git_folder=${quote(join(instance, '.git'))} head=${head} commit=${to}
in_repository() { git -C "$instance" "$@"; }
${display(makeReserve)}`
    expect(await run(text)).toEqual({ code: 0, stdout: '', stderr: '' })
    return Math.floor((await stat(join(instance, '.git/srv-reserve'))).size / mebibyte)
  }
  expect(await size(first, second)).toBe(4)
  expect(await size(second, third)).toBe(6)
})
