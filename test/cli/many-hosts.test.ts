import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { transcript } from '../support/cli-run.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

const numbers = Array.from({ length: 12 }, (_, index) => String(index + 1))

describe.skipIf(!hasSshd)('a dozen hosts at once', () => {
  let sshd: Sshd
  let project: Project

  beforeAll(async () => {
    sshd = await startSshd({ addresses: numbers.map((number) => `127.9.18.${number}`) })
    project = cliProject(sshd, Object.fromEntries(numbers.map((number) => [`web${number}`, {}])))
    project.configure({
      further: `tasks: { mark: defineTask({ title: 'Mark', on: 'host', run: ({ run }) => run\`true\` }) },
  pipelines: { ship: ['mark'] },`,
    })
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  it.each(['ship production --json', 'status production', 'exec production -- true'])(
    'are no reason to warn: srv %s',
    async (line) => {
      const outcome = await project.srv(line.split(' '))
      expect(outcome.code, transcript(outcome)).toBe(0)
      expect(outcome.stderr).toBe('')
    },
  )
})
