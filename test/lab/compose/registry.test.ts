import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeLab, onHost, page } from '../hosts.ts'
import { transcript, type Outcome } from '../project.ts'
import {
  allowBuilds,
  composeProject,
  first,
  removeProjects,
  saidBy,
  second,
  statesOf,
  type ComposeProject,
} from './project.ts'
import { startRegistry, type Registry } from './registry.ts'

const service = 'lab-registry'
const port = 8126

function expectDone(outcome: Outcome): void {
  expect(outcome.code, transcript(outcome)).toBe(0)
}

describeLab('images that come through a registry', () => {
  let project: ComposeProject
  let registry: Registry
  const hosts = () => [first(), second()] as const
  const onBoth = (command: string) => Promise.all(hosts().map((host) => onHost(host, command)))
  const pages = () => Promise.all(hosts().map((host) => page(host, port)))
  /** Removes what came from the registry, from an engine that a shell command speaks to. */
  const forgetting = (): string =>
    `docker image ls --format '{{.Repository}} {{.ID}}' | awk '{ if (index($1, "${registry.address}/") == 1) print $2 }' | sort -u | xargs -r docker image rm -f`

  /** Puts an image into the registry under a name that other content had before. */
  function publish(content: string): void {
    const folder = join(project.folder, 'base')
    mkdirSync(folder, { recursive: true })
    copyFileSync('/bin/busybox', join(folder, 'busybox'))
    writeFileSync(join(folder, 'content'), content)
    writeFileSync(
      join(folder, 'Dockerfile'),
      'FROM scratch\nCOPY busybox /bin/busybox\nCOPY content /content\nSTOPSIGNAL SIGKILL\nCMD ["/bin/busybox", "sleep", "100000"]\n',
    )
    const name = `${registry.address}/${service}-base:1`
    execFileSync('docker', ['build', '-q', '-t', name, folder], { stdio: 'pipe' })
    execFileSync('docker', ['push', '-q', name], { stdio: 'pipe' })
  }

  beforeEach(async () => {
    registry = await startRegistry(8125, hosts())
    await removeProjects(service)
    project = composeProject(service, {
      hosts: hosts(),
      compose: `build: 'laptop', registry: '${registry.address}/team'`,
    })
    allowBuilds(project)
  })
  afterEach(async () => {
    project.remove()
    await removeProjects(service)
    await onBoth(forgetting())
    execFileSync('sh', ['-c', forgetting()], { stdio: 'pipe' })
    await registry.stop()
  })

  it('are looked for by each deploy that is told so, and put in place when they are new', async () => {
    const compose = `image: '${registry.address}/${service}-base:1', pull: 'always'`
    const alone = composeProject(service, { git: `source: 'none'`, compose })
    const inside = `docker exec ${service}-app-1 /bin/busybox cat /content`
    const told: unknown[] = []
    for (const content of ['one', 'one', 'two', 'two']) {
      publish(content)
      const outcome = await alone.srv(['deploy', 'production', '--json'])
      expectDone(outcome)
      told.push([await onHost(first(), inside), ...Object.values(statesOf(outcome))])
    }
    alone.remove()
    expect(told).toEqual([
      ['one', 'new'],
      ['one', 'unchanged'],
      ['two', 'new'],
      ['two', 'unchanged'],
    ])
  })

  it('are pushed once, pulled by each host, frozen by digest, and not needed there to go back', async () => {
    publish('one')
    const services = `  base: { image: '${registry.address}/${service}-base:1', init: true }\n`
    const outcome = await project.deploy('one', { port, services })
    expectDone(outcome)
    expect(await pages()).toEqual(['200 one', '200 one'])
    // Nothing was sent over SSH, and nothing was built on a host.
    expect(outcome.stdout).not.toMatch(/sending \d+ of \d+ layers/)
    expect(await registry.ask('_catalog')).toEqual({ repositories: [`${service}-base`, `team/${service}-web`] })
    const images = await onBoth(`cat /srv/${service}/.srv/docker/compose/2*/images`)
    expect(images[0]).toMatch(
      new RegExp(
        `^sha256:\\w{64} ${registry.address}/${service}-base@sha256:\\w{64}\nsha256:\\w{64} ${registry.address}/team/${service}-web@sha256:\\w{64}$`,
      ),
    )
    expect(images[1]).toBe(images[0])

    // The name moves: what serves stays what it was, until the next deploy looks for something newer.
    publish('two')
    const running = (compose: string) =>
      onBoth(
        `docker ps -q --filter label=com.docker.compose.project=${service} --filter label=com.docker.compose.service=${compose}`,
      )
    const before = await running('base')
    expectDone(await project.deploy('two', { port, services }))
    expect(await pages()).toEqual(['200 two', '200 two'])
    expect(await running('base')).toEqual(before)

    // Without the registry nothing new comes, and what serves is not touched; what was frozen needs none.
    await registry.stop()
    const failed = await project.deploy('three', { port, services })
    expect([failed.code, statesOf(failed)]).toEqual([
      5,
      Object.fromEntries(hosts().map(({ name }) => [`${service}/docker@${name}`, 'unchanged'])),
    ])
    expect(saidBy(failed)).toContain('connection refused')
    expectDone(await project.srv(['rollback', 'production', '--json']))
    expect(await pages()).toEqual(['200 one', '200 one'])

    // A config that has no registry any more still removes the tags that an older release has of it.
    const named = () =>
      onBoth(`docker image ls --format '{{.Repository}}:{{.Tag}}' | grep -c '/team/${service}-web:' || :`)
    expect(await named()).toEqual(['2', '2'])
    const without = composeProject(service, { hosts: hosts(), options: 'monitorMs: 0, drainMs: 0, keep: 1' })
    try {
      expectDone(await without.deploy('four', { port }))
      expectDone(await without.deploy('five', { port }))
      expect(await pages()).toEqual(['200 five', '200 five'])
      expect(await named()).toEqual(['0', '0'])
    } finally {
      without.remove()
    }
  })

  it('are got again by digest for a release that is gone back to, and when they cannot be, nothing is touched', async () => {
    const services = `  base: { image: '${registry.address}/${service}-base:1', init: true }\n`
    /** Removes the images of the first release, which nothing uses once the second one serves, with all names. */
    const clean = async () => {
      await onBoth(
        `cut -d ' ' -f 1 "$(ls -d /srv/${service}/.srv/docker/compose/2* | head -n 1)/images" | xargs docker image rm -f`,
      )
    }
    const content = `docker exec ${service}-base-1 /bin/busybox cat /content`
    publish('one')
    expectDone(await project.deploy('one', { port, services }))
    // Its name means another image by now.
    publish('two')
    expectDone(await project.deploy('two', { port }))
    await clean()
    const back = await project.srv(['rollback', 'production', '--json'])
    expectDone(back)
    expect(await pages()).toEqual(['200 one', '200 one'])
    expect(await onBoth(content)).toEqual(['one', 'one'])
    // It has the name of the release again, which keeps it.
    const [named] = await onBoth(`docker image ls --format '{{.Repository}}:{{.Tag}}' '${registry.address}/team/*'`)
    expect(named).toMatch(new RegExp(`/team/${service}-base:2\\d{7}T`))

    expectDone(await project.deploy('three', { port }))
    await clean()
    await registry.stop()
    const before = await onBoth(`docker ps -q --no-trunc --filter label=com.docker.compose.project=${service}`)
    const failed = await project.srv([
      'rollback',
      'production',
      '--json',
      '--to',
      (await onHost(hosts()[0], `ls /srv/${service}/.srv/docker/compose | grep ^2 | head -n 1`)).trim(),
    ])
    expect(failed.code).toBe(9)
    expect(saidBy(failed)).toMatch(
      new RegExp(
        `its image ${registry.address}/\\S+@sha256:\\w{64} was removed there, and could not be pulled from its registry again: .*connection refused`,
      ),
    )
    expect(await onBoth(`docker ps -q --no-trunc --filter label=com.docker.compose.project=${service}`)).toEqual(before)
    expect(await pages()).toEqual(['200 three', '200 three'])
  })
})
