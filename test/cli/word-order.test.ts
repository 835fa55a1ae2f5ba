import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transcript, type Outcome } from '../support/cli-run.ts'
import { localProject, type LocalProject } from '../support/local-project.ts'

describe('options in front of the words that they are about', () => {
  let project: LocalProject

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv(args)
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }

  beforeAll(() => {
    project = localProject('', '')
    // It is not found where it would be looked for: whoever does not take the option fails.
    renameSync(join(project.folder, 'srv.config.ts'), join(project.folder, 'other.ts'))
  })
  afterAll(() => {
    project.remove()
  })

  it.each([
    ['lock --config other.ts status production', 'No run holds a lease here.\n'],
    ['--config other.ts --host web1 lock status production', 'No run holds a lease here.\n'],
    ['lock --host web1 --config=other.ts release production app', 'No run holds a lease here.\n'],
    ['schedule --config other.ts --host web1 list production', 'There is nothing to schedule here.\n'],
    ['--host web1 schedule --tag=x --config other.ts --tag list,x --help list', 'Usage: srv schedule '],
    ['schedule --config other.ts install production --dry-run', 'Plan of schedule production on web1\n'],
    ['schedule --host web1 remove --config other.ts production --dry-run', 'Plan of unschedule production on web1\n'],
    ['-v --config other.ts tasks', 'PIPELINE'],
    ['--host web1 --config other.ts exec production -- echo --host lock', 'web1  --host lock\n'],
  ])('srv %s', async (line, shown) => {
    const { stdout } = await srv(0, ...line.split(' '))
    expect(stdout.slice(0, shown.length)).toBe(shown)
  })

  it.each([
    ['lock', "Missing required argument 'action'."],
    ['schedule', "Missing required argument 'action'."],
    ['schedule install --config other.ts', "Missing required argument 'environment'."],
    ['lock hold production', "Command-argument value 'hold' is invalid for argument 'action'."],
    ['schedule --host list production', "Missing required argument 'environment'."],
    ['schedule --host list production app', "Command-argument value 'production' is invalid for argument 'action'."],
    ['--host lock', 'A command is missing before --host.'],
  ])('srv %s is told what is wrong', async (line, problem) => {
    const { stderr, stdout } = await srv(2, ...line.split(' '))
    expect(stderr).toContain(`SRV-100 ${problem}`)
    expect(stdout).toBe('')
  })

  it('takes no option out of what stands behind --', async () => {
    const { stdout, stderr } = await srv(2, 'exec', 'production', '--', 'docker', 'inspect', '--json', '--help', 'x')
    expect(stderr).toContain('SRV-105')
    expect(stdout).toBe('')
    const json = await srv(2, 'exec', 'production', '--json', '--', 'true')
    expect(JSON.parse(json.stdout)).toMatchObject({ schema: 'srv.error/1', exit_code: 2 })
  })
})
