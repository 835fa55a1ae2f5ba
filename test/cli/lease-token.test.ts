import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventsOf, transcript } from '../support/cli-run.ts'
import { localProject, type LocalProject } from '../support/local-project.ts'

const tasks = `
  tell: defineTask({
    title: 'Tell what is inherited',
    on: 'host',
    run: async ({ run, local }) => {
      await run\`echo host $(printenv SRV_LEASE || echo nothing)\`
      await local.run\`echo here $(printenv SRV_LEASE || echo nothing)\`
    },
  }),`

describe('what a run inherits of the one that started it', () => {
  let project: LocalProject
  beforeEach(() => {
    project = localProject(tasks, `all: ['tell']`)
  })
  afterEach(() => {
    project.remove()
  })

  async function told(env: Readonly<Record<string, string>>): Promise<readonly unknown[]> {
    const outcome = await project.srv(['all', 'production', '--json'], { env })
    expect(outcome.code, transcript(outcome)).toBe(0)
    return eventsOf(outcome).flatMap(({ type, line }) => (type === 'step.output' ? [line] : []))
  }

  it('is for the commands that it starts on this machine, and not for those on a host that is this machine', async () => {
    const outer = await told({})
    expect(outer).toEqual(['host nothing', `here ${project.runs()[0] ?? ''}`])
    expect(await told({ SRV_LEASE: 'outer' })).toEqual(['host nothing', 'here outer'])
  })
})
