import { afterAll, beforeAll, expect, it } from 'vitest'
import { holdProject, traces } from '../backup/project.ts'
import { describeLab, onHost } from '../hosts.ts'
import { runEnd, transcript, type LabFolder, type Outcome } from '../project.ts'
import { writeComposeProject, database, databaseFiles } from './app.ts'
import { containers, first, removeProjects } from './project.ts'
import { join } from 'node:path'

const service = 'lab-hold'

describeLab('holding a compose project', () => {
  let project: LabFolder

  const run = async (name: string): Promise<Outcome> => {
    const outcome = await project.srv([`run-hold-${name}`, 'production', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    return outcome
  }
  /** Service and state of each container. */
  const states = async (): Promise<readonly string[]> =>
    (await containers(first(), service)).map((line) => line.split(' ').slice(0, 2).join(' '))
  const starts = (): Promise<string> =>
    onHost(
      first(),
      `docker ps -aq --no-trunc --filter label=com.docker.compose.project=${service} | sort | xargs docker inspect -f '{{.Id}} {{.State.StartedAt}}'`,
    )

  beforeAll(async () => {
    await removeProjects(service)
    project = holdProject(
      service,
      [first()],
      `git({ source: 'files' }), dockerCompose({ monitorMs: 0, timeoutMs: 15_000, drainMs: 0 })`,
      `docker: { kind: 'docker', git: { path: 'app' }, compose: {} }`,
    )
    const off = `  off:\n    build: .\n    command: httpd -f -p 8000 -h /www\n    init: true\n    stop_grace_period: 1s\n`
    writeComposeProject(join(project.folder, 'app'), 'one', {
      web:
        '    depends_on: { db: { condition: service_healthy } }\n' +
        '    healthcheck: { test: ["CMD", "/bin/busybox", "test", "!", "-e", "/www/sick"], interval: 0.3s, retries: 2 }\n',
      services: database + off,
      files: databaseFiles,
    })
    const outcome = await project.srv(['deploy', 'production', '--json'])
    expect(outcome.code, transcript(outcome)).toBe(0)
    await onHost(first(), `docker stop -t 1 ${service}-off-1`)
  })
  afterAll(async () => {
    project.remove()
    await removeProjects(service)
  })

  it('freezes the containers that run, and wakes up those alone', async () => {
    const before = await starts()
    await run('pause')
    expect(await states()).toEqual(['db paused', 'off exited', 'web paused'])
    await run('held')
    await run('pause')
    await run('resume')
    expect(await states()).toEqual(['db running', 'off exited', 'web running'])
    expect(await starts()).toBe(before)
    expect((await project.srv(['run-hold-held', 'production'])).code).toBe(5)
    expect(await traces(first(), service)).toBe('')
  })

  it('stops what runs, although it was frozen, and starts it in order', async () => {
    const ids = (await containers(first(), service)).map((line) => line.split(' ')[2])
    await run('pause')
    await run('stop')
    expect(await states()).toEqual(['db exited', 'off exited', 'web exited'])
    await run('stop')
    await run('resume')
    expect(await states()).toEqual(['db running', 'off exited', 'web running'])
    expect((await containers(first(), service)).map((line) => line.split(' ')[2])).toEqual(ids)
    const at = async (name: string, field: string): Promise<string> =>
      onHost(first(), `docker inspect -f '{{${field}}}' ${service}-${name}-1`)
    await expect.poll(() => at('db', '.State.Health.Status'), { timeout: 30_000, interval: 200 }).toBe('healthy')
    expect(await at('off', '.State.Running')).toBe('false')
    expect((await at('db', '.State.StartedAt')) < (await at('web', '.State.StartedAt'))).toBe(true)
    expect(await traces(first(), service)).toBe('')
  })

  it('is watched once it is back, and says which container does not come healthy again', async () => {
    await run('stop')
    await run('prove-stop')
    for (const how of ['stop', 'pause']) {
      await onHost(first(), `docker exec ${service}-web-1 /bin/busybox touch /www/sick`)
      const health = `docker inspect -f '{{.State.Health.Status}}' ${service}-web-1`
      await expect.poll(() => onHost(first(), health), { timeout: 30_000, interval: 200 }).toBe('unhealthy')
      await run(how)
      const outcome = await project.srv([`run-hold-prove-${how}`, 'production', '--json'])
      expect(outcome.code, transcript(outcome)).not.toBe(0)
      expect(runEnd(outcome).errors[0]?.output.at(-1)).toBe('web is unhealthy, says its healthcheck')
      expect(await states()).toEqual(['db running', 'off exited', 'web running'])
      expect(await traces(first(), service)).toBe('')
      await onHost(first(), `docker exec ${service}-web-1 /bin/busybox rm /www/sick`)
      await expect.poll(() => onHost(first(), health), { timeout: 30_000, interval: 200 }).toBe('healthy')
    }
    await run('pause')
    await run('prove-pause')
  })

  it('starts nothing when nothing ran', async () => {
    await onHost(first(), `docker stop -t 1 ${service}-web-1 ${service}-db-1`)
    await run('stop')
    await run('held')
    await run('prove-stop')
    expect(await states()).toEqual(['db exited', 'off exited', 'web exited'])
    await onHost(first(), `docker start ${service}-db-1 ${service}-web-1`)
  })

  it('is brought back by the host when the run dies', async () => {
    const outcome = await project.srv(['run-hold-die', 'production', '--json'])
    expect(runEnd(outcome).exit_code).not.toBe(0)
    await expect.poll(() => traces(first(), service), { timeout: 60_000, interval: 500 }).toBe('')
    expect(await states()).toEqual(['db running', 'off exited', 'web running'])
  })

  it('hands on the input of a command inside a service', async () => {
    expect((await run('inside')).stdout).toContain('"line":"first"')
  })
})
