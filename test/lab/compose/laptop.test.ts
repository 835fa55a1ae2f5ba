import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeLab, onHost, page } from '../hosts.ts'
import { transcript, type Outcome } from '../project.ts'
import {
  allowBuilds,
  commandsOn,
  composeProject,
  first,
  makeAccount,
  removeAccount,
  removeProjects,
  second,
  type ComposeProject,
} from './project.ts'

const service = 'lab-laptop'
const port = 8120
const user = 'laptop'

function expectDone(outcome: Outcome): void {
  expect(outcome.code, transcript(outcome)).toBe(0)
}

function said(outcome: Outcome, text: RegExp): readonly string[] {
  return outcome.stdout.split('\n').flatMap((line) => text.exec(line)?.[1] ?? [])
}

describeLab('images that are built on this machine', () => {
  let project: ComposeProject

  beforeEach(async () => {
    await removeProjects(service)
    for (const host of [first(), second()]) await makeAccount(host, user, service)
  })
  afterEach(async () => {
    project.remove()
    await removeProjects(service)
    for (const host of [first(), second()]) await removeAccount(host, user)
  })

  it('come to the hosts without those layers that are there, and are built nowhere else', async () => {
    project = composeProject(service, {
      hosts: [first(), second()],
      user,
      compose: `build: 'laptop'`,
      instance: `env: { NAME: 'from the config' },`,
    })
    const web = '    environment: { NAME: "${NAME}" }\n'
    allowBuilds(project)
    expectDone(await project.deploy('one', { port, web }))
    expect(await Promise.all([page(first(), port), page(second(), port)])).toEqual(['200 one', '200 one'])
    const ids = await Promise.all(
      [first(), second()].map((host) => onHost(host, `docker image ls -q --no-trunc 'srv/${service}-web'`)),
    )
    expect(ids[0]).toMatch(/^sha256:\w+$/)
    expect(ids[1]).toBe(ids[0])
    // No host has the cache of a build: the code was never sent to an engine there.
    const counted = await commandsOn(second(), user)
    const begun = performance.now()
    const outcome = await project.deploy('two', { port, web })
    const signs = Math.floor((performance.now() - begun) / 15_000)
    expectDone(outcome)
    // As where it builds by itself: what a host has is told by a command that is sent anyway, and what it lacks comes in one more.
    const needed = (await commandsOn(second(), user)) - counted
    expect(needed).toBeGreaterThan(3)
    expect(needed).toBeLessThanOrEqual(6 + signs)
    expect(said(outcome, /(sending \d of \d layers)/)).toEqual(['sending 1 of 3 layers', 'sending 1 of 3 layers'])
    expect(await page(first(), port)).toBe('200 two')
    const inside = `docker exec $(docker ps -q --filter label=com.docker.compose.project=${service}) /bin/busybox env | grep ^NAME=`
    expect(await onHost(first(), inside)).toBe('NAME=from the config')
    expectDone(await project.srv(['rollback', 'production']))
    expect(await page(second(), port)).toBe('200 one')
    // Nothing of it is left here.
    expect(execFileSync('ls', [`${project.folder}/.srv/images`], { encoding: 'utf8' })).toBe('')
    expect(execFileSync('docker', ['image', 'ls', '-q', `srv/${service}-*`], { encoding: 'utf8' })).toBe('')
  })
})
