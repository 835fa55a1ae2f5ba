import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LabHost } from '../global-setup.ts'
import { describeLab, onHost, page } from '../hosts.ts'
import { transcript, type Outcome } from '../project.ts'
import { database, databaseFiles } from './app.ts'
import { killAt, letLeaseEnd } from './kill.ts'
import { allowBuilds, composeProject, first, removeProjects, second, type ComposeProject } from './project.ts'

const service = 'lab-chaos'
const port = 8095
const options = { port, services: database, files: databaseFiles }
const here = 'lab-chaos-here'
const herePort = 8096

/** What must be true of a host after the deploy that follows: what serves, and nothing that the dead run left. */
async function whole(host: LabHost, service: string, port: number): Promise<unknown> {
  const containers = `docker ps -a --filter label=com.docker.compose.project=${service} --format '{{.Names}} {{.State}}' | sort`
  return {
    page: await page(host, port),
    containers: await onHost(host, containers),
    lease: await onHost(host, `ls /srv/${service}/.srv/lease 2>/dev/null || :`),
    open: await onHost(host, `ls /srv/${service}/.srv/docker/compose/open 2>/dev/null || :`),
    prepared: await onHost(host, `cd /srv/${service}/.srv/docker/compose && ls -d .new-* 2>/dev/null || :`),
    // Tags that nobody knows would keep their images for ever; `left` has those that a prune was cut off from, for the next.
    tags: await onHost(
      host,
      `docker image ls --format '{{.Tag}}' 'srv/${service}-*' | sort -u | while read -r one; do [ -d /srv/${service}/.srv/docker/compose/$one ] || grep -qs ":$one$" /srv/${service}/.srv/docker/compose/left || echo "$one"; done`,
    ),
    processes: await onHost(host, `pgrep -af '[d]ocker compose|[s]rv_' | grep -F '${service}' || :`),
  }
}

function expectDone(outcome: Outcome): void {
  expect(outcome.code, transcript(outcome)).toBe(0)
}

/** Every boundary between two steps is the beginning of one of them; the step that changes what runs is cut in the middle too. */
const deploySteps = [
  ['step.start', 'git:fetch'],
  ['step.start', 'compose:render'],
  ['step.start', 'compose:build'],
  ['step.start', 'compose:freeze'],
  ['step.start', 'git:switch'],
  ['step.start', 'compose:up'],
  ['step.output', 'web: stopping the old one first'],
  ['step.end', 'compose:up'],
  ['step.start', '"health"'],
  ['step.end', 'git:record'],
  ['step.start', 'compose:prune'],
  ['step.end', 'compose:prune'],
] as const

const rollbackSteps = [
  ['step.start', 'git:select'],
  ['step.start', 'compose:up'],
  ['step.output', 'web: stopping the old one first'],
  ['step.end', 'compose:up'],
  ['step.end', 'git:record'],
] as const

/** Those of a deploy whose images are built on this machine, and in the middle of what moves them. */
const packSteps = [
  ['step.end', 'compose:build'],
  ['step.start', 'compose:pack'],
  ['step.output', 'compose:pack'],
  ['step.end', 'compose:pack'],
  ['step.start', 'compose:spread'],
  ['step.progress', 'sending'],
  ['step.end', 'compose:spread'],
  ['step.start', 'git:switch'],
] as const

describeLab('srv is killed', () => {
  let project: ComposeProject
  let version = 0
  let hosts: readonly LabHost[]

  beforeAll(async () => {
    hosts = [second()]
    await removeProjects(service)
    const health = `health: http(':${String(port)}/', { samples: 2, intervalMs: 200, timeoutMs: 8000 }),`
    project = composeProject(service, { hosts: [second()], instance: health })
    expectDone(await project.deploy('first', options))
  })
  afterAll(async () => {
    project.remove()
    await removeProjects(service)
  })

  const expectWhole = async (page: string): Promise<void> => {
    for (const host of hosts) {
      expect(await whole(host, service, port)).toEqual({
        page: `200 ${page}`,
        containers: `${service}-db-1 running\n${service}-web-1 running`,
        lease: '',
        open: '',
        prepared: '',
        tags: '',
        processes: '',
      })
    }
  }

  it.for(deploySteps)('at %s of %s in a deploy, and the next deploy makes it whole', async (words) => {
    const name = `version ${++version}`
    project.write(name, options)
    await killAt(project, ['deploy', 'production'], words)
    for (const host of hosts) await letLeaseEnd(host, service)
    expectDone(await project.srv(['deploy', 'production', '--json']))
    await expectWhole(name)
  })

  it.for(rollbackSteps)('at %s of %s in a rollback, and the next deploy makes it whole', async (words) => {
    const name = `version ${++version}`
    expectDone(await project.deploy(name, options))
    await killAt(project, ['rollback', 'production'], words)
    for (const host of hosts) await letLeaseEnd(host, service)
    expectDone(await project.srv(['deploy', 'production', '--json']))
    await expectWhole(name)
  })
})

describeLab('srv is killed while images go from this machine to the hosts', () => {
  let project: ComposeProject
  let version = 0
  const hosts = (): readonly LabHost[] => [first(), second()]

  beforeAll(async () => {
    await removeProjects(here)
    project = composeProject(here, { hosts: hosts(), compose: `build: 'laptop'` })
    allowBuilds(project)
    expectDone(await project.deploy('first', { port: herePort }))
  })
  afterAll(async () => {
    project.remove()
    await removeProjects(here)
  })

  it.for(packSteps)('at %s of %s, and the next deploy leaves nothing of it anywhere', async (words) => {
    const name = `version ${++version}`
    project.write(name, { port: herePort })
    await killAt(project, ['deploy', 'production'], words)
    for (const host of hosts()) await letLeaseEnd(host, here)
    expectDone(await project.srv(['deploy', 'production', '--json']))
    for (const host of hosts()) {
      expect(await whole(host, here, herePort)).toEqual({
        page: `200 ${name}`,
        containers: `${here}-web-1 running`,
        lease: '',
        open: '',
        prepared: '',
        tags: '',
        processes: '',
      })
    }
    expect(readdirSync(join(project.folder, '.srv/images'))).toEqual([])
    expect(readdirSync(join(project.folder, 'tmp'))).toEqual([])
    expect(execFileSync('docker', ['image', 'ls', '-q', `srv/${here}-*`], { encoding: 'utf8' })).toBe('')
  })
})
