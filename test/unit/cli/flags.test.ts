import { expect, test } from 'vitest'
import { planCommand } from '../../../src/cli/commands/plan.ts'
import { reservedFlags } from '../../../src/config/check-flags.ts'
import { createOpenWork } from '../../../src/run/steps/open-work.ts'

test('every option of a command that takes the flags of tasks is kept from them', () => {
  const command = planCommand({
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: {},
    cwd: '/',
    argv: [],
    signal: new AbortController().signal,
    interrupt: () => undefined,
    openWork: createOpenWork(),
  })
  const names = command.options.map(({ long }) => long?.slice(2) ?? '')
  expect(names).toContain('dry-run')
  expect(names.filter((name) => !reservedFlags.includes(name))).toEqual([])
})
