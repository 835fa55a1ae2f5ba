import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { program } from '../support/project-folder.ts'
import { startProgram, type Outcome } from '../support/cli-run.ts'

describe('srv explain', () => {
  let folder = ''
  // No config is near: none is needed.
  const srv = (...args: readonly string[]): Promise<Outcome> =>
    startProgram([program, 'explain', ...args], folder, { PATH: env['PATH'] ?? '' }).outcome

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'srv-explain-'))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it.each([['SRV-501'], ['srv-501'], ['501']])('takes the code as %s', async (code) => {
    expect(await srv(code)).toMatchInlineSnapshot(`
      {
        "code": 0,
        "stderr": "",
        "stdout": "SRV-501 ‹task› failed on ‹target›: ‹reason›.
      or: ‹task› failed on ‹target› with exit status ‹code›.
        → Read the lines above; \`-v\` shows all output of each step.

      Exit code 5. The summary that follows says what serves on each host.
      ",
      }
    `)
  })

  it('prints one JSON document with --json', async () => {
    const { stdout } = await srv('110', '--json')
    expect(JSON.parse(stdout)).toMatchInlineSnapshot(`
      {
        "chapter": "Nothing was contacted.",
        "code": "SRV-110",
        "exit_code": 2,
        "hints": [
          "Name one of the environments, or add it under \`environments\` in the config.",
        ],
        "messages": [
          "The config has no environment ‹environment›. ‹suggestion› Nothing was contacted.",
        ],
        "schema": "srv.explain/1",
      }
    `)
  })

  it('says which code was probably meant', async () => {
    const outcome = await srv('SRV-51O')
    expect({ ...outcome, stderr: outcome.stderr.split('\n')[0] }).toMatchInlineSnapshot(`
      {
        "code": 2,
        "stderr": "✖ SRV-100 No error has the code SRV-51O. Did you mean SRV-510? Nothing was contacted.",
        "stdout": "",
      }
    `)
  })
})
