import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transcript } from '../support/cli-run.ts'
import { localProject, type LocalProject } from '../support/local-project.ts'

/** The names of properties in a document; those of maps are names of hosts, instances and errors. */
function propertiesOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((one) => propertiesOf(one))
  const maps = new Set(['commits', 'serving', 'logs'])
  return Object.entries(value).flatMap(([name, inner]) => [name, ...(maps.has(name) ? [] : propertiesOf(inner))])
}

describe('what commands print with --json', () => {
  let project: LocalProject

  beforeAll(async () => {
    project = localProject(
      `mark: defineTask({ title: 'Mark', on: 'host', script: () => sh\`true\` })`,
      `ship: ['mark']`,
    )
    const outcome = await project.srv(['ship', 'production'])
    expect(outcome.code, transcript(outcome)).toBe(0)
  })
  afterAll(() => {
    project.remove()
  })

  it.each([
    ['status production', 'srv.status/1'],
    ['releases production', 'srv.releases/1'],
    ['snapshots production', 'srv.snapshots/1'],
    ['schedule list production', 'srv.schedules/1'],
    ['lock status production', 'srv.lock/1'],
    ['hosts list production', 'srv.hosts/1'],
    ['tasks', 'srv.tasks/1'],
    ['runs', 'srv.runs/1'],
    ['runs show', 'srv.runs.show/1'],
    ['runs show --log local', 'srv.runs.log/1'],
    ['explain SRV-501', 'srv.explain/1'],
    ['sandbox status', 'srv.sandbox/1'],
    ['sandbox stop', 'srv.sandbox.stop/1'],
    ['exec production -- true', 'srv.exec/1'],
  ])('srv %s is one document, whose names are in one spelling', async (line, schema) => {
    const [command = '', ...rest] = line.split(' ')
    const outcome = await project.srv([command, '--json', ...rest])
    expect(outcome.code, transcript(outcome)).toBe(0)
    expect(outcome.stdout.trimEnd().split('\n')).toHaveLength(1)
    const document: unknown = JSON.parse(outcome.stdout)
    expect(document).toMatchObject({ schema })
    expect(propertiesOf(document).filter((name) => !/^[a-z]+(_[a-z]+)*$/.test(name))).toEqual([])
  })

  it('srv exec tells how a command ended, and nothing else about it', async () => {
    const outcome = await project.srv([
      'exec',
      'production',
      '--json',
      '--',
      'sh',
      '-c',
      'echo out; echo err >&2; exit 3',
    ])
    expect(outcome.code, transcript(outcome)).toBe(5)
    expect(JSON.parse(outcome.stdout)).toEqual({
      schema: 'srv.exec/1',
      hosts: [{ host: 'web1', end: { kind: 'exit', code: 3 }, stdout: 'out\n', stderr: 'err\n' }],
    })
  })
})
