import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { transcript, type Outcome } from '../support/cli-run.ts'
import { localProject, type LocalProject } from '../support/local-project.ts'

describe('an environment whose name is also the value of an option', () => {
  let project: LocalProject
  const roots = ['web1', 'box']

  /** The files that the task left, by host. */
  const marks = (): Readonly<Record<string, readonly string[]>> =>
    Object.fromEntries(roots.map((root) => [root, readdirSync(join(project.folder, 'hosts', root)).sort()]))

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv(args)
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }

  beforeAll(() => {
    // The one host of staging has the name of the other environment.
    project = localProject(
      `mark: defineTask({
        title: 'Mark',
        on: 'host',
        flags: { ref: { type: 'string', description: 'What to write down' } },
        run: ({ run, host, flags }) => run\`touch \${host.root}/\${flags.ref ?? 'none'}\`,
      })`,
      `ship: ['mark']`,
      `staging: { hosts: { production: { address: 'local', root: new URL('hosts/box', import.meta.url).pathname } } }`,
    )
    mkdirSync(join(project.folder, 'hosts/box'))
  })
  afterEach(() => {
    for (const root of roots) {
      for (const name of readdirSync(join(project.folder, 'hosts', root)))
        rmSync(join(project.folder, 'hosts', root, name), { recursive: true })
    }
  })
  afterAll(() => {
    project.remove()
  })

  it.each([
    [['ship', '--ref', 'production', 'staging'], { web1: [], box: ['production'] }],
    [['ship', '--ref', 'staging', 'production'], { web1: ['staging'], box: [] }],
    [['ship', '--ref=production', 'staging'], { web1: [], box: ['production'] }],
    [['ship', '--host', 'production', 'staging'], { web1: [], box: ['none'] }],
    [['ship', '--host', 'production', '--ref', 'production', 'staging', 'app'], { web1: [], box: ['production'] }],
    [['ship', 'production', '--ref', 'staging'], { web1: ['staging'], box: [] }],
  ])('acts on the environment that %j names', async (args, left) => {
    await srv(0, ...args)
    expect(marks()).toEqual(left)
  })

  it('plans for that environment', async () => {
    const { stdout } = await srv(0, 'plan', '--pipeline', 'ship', '--ref', 'production', 'staging')
    expect(stdout).toContain('Plan of ship staging on production')
    expect(marks()).toEqual({ web1: [], box: [] })
  })

  it('asks that environment', async () => {
    const exec = await srv(0, 'exec', '--host', 'production', 'staging', '--json', '--', 'true')
    expect(JSON.parse(exec.stdout)).toMatchObject({ hosts: [{ host: 'production' }] })
    const status = await srv(0, 'status', '--host', 'production', 'staging', '--json')
    expect(JSON.parse(status.stdout)).toMatchObject({ environment: 'staging' })
  })

  it('acts on nothing when what stands in its place is none', async () => {
    const runs = project.runs()
    const { stderr } = await srv(2, 'ship', '--ref', 'production', 'stagin')
    expect(stderr).toContain('SRV-110')
    expect(stderr).toContain('Did you mean staging?')
    expect(marks()).toEqual({ web1: [], box: [] })
    expect(project.runs()).toEqual(runs)
  })
})
