import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cliProject, type Project } from '../support/cli-project.ts'
import { transcript } from '../support/cli-run.ts'
import { hasPrograms } from '../support/programs.ts'
import { hasSshd, startSshd, type Sshd } from '../support/sshd.ts'

/** Two tasks share a flag, and each has something to say about its value; one flag is always needed. */
const own = {
  head: `import { rsyncBackup } from 'srvkit/rsync-backup'
import { srvError } from 'srvkit'
const refuse = (problem) => { throw srvError('SRV-100', { problem }) }
const size = (check) => ({ size: { type: 'string', description: 'How large', default: '1', check } })
const grow = (name, flags) => defineTask({ title: name, on: 'host', changes: false, flags, run: ({ probe }) => probe\`:\` })
`,
  further: `
  tasks: {
    first: grow('First', size((said) => { if (!/^\\d+$/.test(said)) refuse('The size is a number.') })),
    second: grow('Second', size((said) => { if (Number(said) > 9) refuse('The size is below 10.') })),
    named: grow('Named', { name: { type: 'string', description: 'A name', check: (said) => { if (said === undefined) refuse('Name it.') } } }),
    elsewhere: defineTask({
      title: 'Elsewhere', on: 'instance', applies: ({ host }) => host.name === 'web2',
      flags: { place: { type: 'string', description: 'A place', check: (said) => { if (said === undefined) refuse('Place it.') } } },
      run: () => {},
    }),
  },
  pipelines: { grow: ['first', 'second'], name: ['named'], place: ['elsewhere', 'first'] },
`,
}

describe.skipIf(!hasSshd || !hasPrograms('rsync'))('values of flags that a task cannot work with', () => {
  let sshd: Sshd
  let project: Project

  beforeAll(async () => {
    sshd = await startSshd({ addresses: ['127.9.28.1', '127.9.28.2', '127.9.28.3'] })
    project = cliProject(sshd, { web1: {}, web2: {}, nas: {} })
  })
  beforeEach(() => {
    project.configure({
      ...own,
      plugins: `[git(), rsyncBackup({ to: { folder: 'nas:${project.folder}/tank', way: 'laptop' } })]`,
    })
  })
  afterAll(async () => {
    project.remove()
    await sshd.stop()
  })

  const path = 'it must be a file or folder below data/, such as uploads/2026'
  const to = 'it must be the absolute path of a folder on the host'
  const host = 'it must be the name of a host, as the config has it'
  const both =
    '--at 2026-11-22 is not possible: it means the newest one up to a time, and --snapshot X means that one: give one of the two'
  const time = 'is not a time: write it as 2026-11-22 or 2026-11-22T14:03:00Z'

  it.each([
    ['restore production app --at yesterday', `SRV-646 --at yesterday ${time}`],
    ['restore production --rehearse --at 2026-02-30', `SRV-646 --at 2026-02-30 ${time}`],
    ['restore production --path ../x', `SRV-654 --path ../x is not possible: ${path}`],
    ['restore production --path /etc', `SRV-654 --path /etc is not possible: ${path}`],
    ['restore production --path . --dry-run', `SRV-654 --path . is not possible: ${path}`],
    ['restore production --to relative', `SRV-654 --to relative is not possible: ${to}`],
    ['restore production --to /srv/../x', `SRV-654 --to /srv/../x is not possible: ${to}`],
    ['extract production', `SRV-654 --to (missing) is not possible: ${to}`],
    ['restore production --snapshot X --at 2026-11-22', `SRV-654 ${both}`],
    ['extract production --snapshot X --at 2026-11-22 --to /x', `SRV-654 ${both}`],
    ['restore production --snapshot X --at 2026-11-22 --rehearse', `SRV-654 ${both}`],
    ['rehearse production --snapshot X --at 2026-11-22', `SRV-654 ${both}`],
    ['verify production --snapshot X --at 2026-11-22', `SRV-654 ${both}`],
    ['restore production --from ..', `SRV-654 --from .. is not possible: ${host}`],
    ['rehearse production --from a/b', `SRV-654 --from a/b is not possible: ${host}`],
    ['extract production --from a/../b --to /x', `SRV-654 --from a/../b is not possible: ${host}`],
    ['verify production --level deep', 'SRV-647 --level deep is not valid: it is quick, sample or full'],
    ['plan production --pipeline verify --at x', `SRV-646 --at x ${time}`],
    ['grow production --size large', 'SRV-100 The size is a number'],
    ['grow production --size 10', 'SRV-100 The size is below 10'],
    ['name production', 'SRV-100 Name it'],
    ['place production', 'SRV-100 Place it'],
  ])('srv %s contacts nothing', async (line, problem) => {
    const log = sshd.log()
    const outcome = await project.srv(line.split(' '))
    expect(outcome.code, transcript(outcome)).toBe(2)
    expect(outcome.stderr.split('\n')[0]).toBe(`✖ ${problem}. Nothing was contacted.`)
    expect(outcome.stdout).toBe('')
    expect(sshd.log()).toBe(log)
    expect(existsSync(join(project.folder, '.srv/runs'))).toBe(false)
  })

  it.each([
    ['scale production', 'is missing'],
    ['scale production --replicas web', 'web is not valid'],
    ['scale production shop --replicas web=3,db=many --dry-run', 'web=3,db=many is not valid'],
  ])('srv %s contacts nothing', async (line, problem) => {
    project.configure({
      head: `import { dockerCompose } from 'srvkit/docker-compose'`,
      plugins: '[git(), dockerCompose()]',
      services: `shop: { instances: { docker: { kind: 'docker', git: { source: 'none' }, compose: { image: 'web' } } } },`,
    })
    const log = sshd.log()
    const outcome = await project.srv(line.split(' '))
    expect(outcome.code, transcript(outcome)).toBe(2)
    expect(outcome.stderr).toBe(
      `✖ SRV-623 --replicas ${problem}: it is service=number, several with commas. Nothing was contacted.
  → srv scale production shop --replicas web=3
`,
    )
    expect(sshd.log()).toBe(log)
    expect(existsSync(join(project.folder, '.srv/runs'))).toBe(false)
  })

  it('srv restore names the keepers where another is meant, and how to choose one', async () => {
    const { code, stderr } = await project.srv(['restore', 'production', '--source', 'tape'])
    expect(code).toBe(2)
    expect(stderr).toContain('SRV-654 --source tape is not possible: in the config, snapshots are kept by nas.')
    expect(stderr).toContain('Name one of these machines, or one of its folders')
    expect(stderr).not.toContain('uploads/2026')
  })

  it.each(['grow production', 'grow production --size 9', 'name production --name x', 'place production --host web1'])(
    'srv %s is done',
    async (line) => {
      const log = sshd.log()
      const outcome = await project.srv(line.split(' '))
      expect(outcome.code, transcript(outcome)).toBe(0)
      expect(sshd.log()).not.toBe(log)
    },
  )
})
