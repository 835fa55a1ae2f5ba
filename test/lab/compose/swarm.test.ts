import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LabHost } from '../global-setup.ts'
import { describeLab, lab, onHost } from '../hosts.ts'
import type { Outcome } from '../project.ts'
import { killAt, letLeaseEnd } from './kill.ts'
import { commandsOn, composeProject, saidBy, statesOf, type ComposeProject } from './project.ts'
import { account, startRegistry } from './registry.ts'
import { endSwarm, expectCode, makeSwarm, placesOf as nodesOf, until } from './swarm.ts'

const execute = promisify(execFile)
const service = 'lab-swarm'
const instance = `${service}/docker`

/** The web server, three times, with a setting that is a config of the swarm, and a secret. */
const options = {
  web: '    deploy: { replicas: 3 }\n    configs: [ { source: app, target: /www/app.conf } ]\n    secrets: [password]\n    healthcheck: { test: ["CMD", "/bin/busybox", "true"], interval: 0.5s }\n',
  services:
    '  clock: { build: ., command: [sh, -c, "echo ticking; exec sleep 100000"], init: true, deploy: { mode: global } }\n',
  end: 'configs: { app: { file: ./app.conf } }\nsecrets: { password: { file: ./password } }\n',
}

const filesOf = (version: string) => ({ 'app.conf': `version = ${version}\n`, password: `secret of ${version}\n` })

/** What each container of a version says. */
const saidOf = (version: string): readonly string[] => [`${version} version = ${version} secret of ${version}`]

describeLab('a swarm of three hosts', () => {
  let project: ComposeProject
  let nodes: readonly LabHost[]
  const manager = (): LabHost => lab().engines[2]
  const write = (version: string, more: Parameters<ComposeProject['write']>[1] = {}): void =>
    project.write(version, { ...options, ...more, files: filesOf(version) })
  const deploy = async (version: string): Promise<Outcome> => {
    write(version)
    return project.srv(['deploy', 'production', '--json'])
  }

  /** What all containers of the web server answer, asked inside: a node's kernel may have no IPVS, which published ports need. */
  const answers = async (on = nodes): Promise<readonly string[]> => {
    const command = `for one in $(docker ps -q --filter label=com.docker.swarm.service.name=${service}_web); do
docker exec "$one" /bin/sh -c '/bin/busybox wget -qO- localhost:8000/ localhost:8000/app.conf; /bin/busybox cat /run/secrets/password' | paste -sd' ' -; done`
    const said = await Promise.all(on.map((node) => onHost(node, command)))
    return [...new Set(said.flatMap((lines) => lines.split('\n')).filter((line) => line !== ''))]
  }

  /** A container that was replaced may still answer while it ends. */
  const expectAnswers = (version: string): Promise<void> =>
    expect.poll(answers, { timeout: 60_000, interval: 300 }).toEqual(saidOf(version))

  /** The nodes on which containers of the web server run, one for each. */
  const placesOf = (): Promise<readonly string[]> => nodesOf(`${service}_web`)

  // The hosts may be another file's for a while.
  beforeAll(async () => {
    nodes = await makeSwarm()
    project = composeProject(service, {
      hosts: nodes,
      environment: 'orchestrator: swarm(),',
      options: 'monitorMs: 1500',
    })
  }, 1_200_000)
  afterAll(async () => {
    project.remove()
    await endSwarm(service)
  })

  it('is told to run a stack, whose images come to every node without a registry', async () => {
    expectCode(await deploy('one'), 0)
    expect(await until(placesOf, (found) => found.length === 3)).toHaveLength(3)
    await expectAnswers('one')
    const ids = await Promise.all(
      nodes.map((node) => onHost(node, `docker image ls -q --no-trunc 'srv/${service}-web'`)),
    )
    expect(new Set(ids).size).toBe(1)
  })

  it('replaces one container after the other, with a config of a new name, and has nothing to do the second time', async () => {
    const counts = (): Promise<readonly number[]> => Promise.all(nodes.map((node) => commandsOn(node)))
    const counted = await counts()
    const begun = performance.now()
    expectCode(await deploy('two'), 0)
    const signs = Math.floor((performance.now() - begun) / 15_000)
    for (const [at, count] of (await counts()).entries()) {
      expect(count - (counted[at] ?? 0)).toBeGreaterThan(3)
      expect(count - (counted[at] ?? 0)).toBeLessThanOrEqual(6 + signs)
    }
    await expectAnswers('two')
    expect(
      await onHost(
        manager(),
        `docker service inspect -f '{{.UpdateStatus.State}} {{.Spec.UpdateConfig.Order}}' ${service}_web`,
      ),
    ).toBe('completed start-first')
    const again = await deploy('two')
    expectCode(again, 0)
    expect(statesOf(again)).toEqual(Object.fromEntries(nodes.map(({ name }) => [`${instance}@${name}`, 'unchanged'])))
  })

  it('takes a broken release back, although Docker calls that a success', async () => {
    write('three', { behaviour: 'exits at once' })
    const outcome = await project.srv(['deploy', 'production', '--json'])
    expectCode(outcome, 5)
    expect(saidBy(outcome)).toContain('web: the swarm rolled back its update')
    expect(saidBy(outcome)).toContain('web: cannot read its settings')
    expect(statesOf(outcome)[`${instance}@${manager().name}`]).toBe('old')
    await expectAnswers('two')
    expect((await project.srv(['status', 'production'])).stdout).not.toContain('release 2')
  })

  it('is not deployed once more beside the stack when the config does not name the swarm any more', async () => {
    const alone = composeProject(service, { hosts: nodes })
    try {
      const refused = await alone.deploy('two', { ...options, files: filesOf('two') })
      expectCode(refused, 9)
      expect(saidBy(refused)).toContain(`runs as the stack ${service} of a swarm`)
    } finally {
      alone.remove()
    }
    expect(
      await onHost(
        manager(),
        `docker ps -aq --filter label=com.docker.compose.project=${service} --filter label=com.docker.compose.oneoff=False`,
      ),
    ).toBe('')
    await expectAnswers('two')
  })

  it('is asked for status and logs, scaled, and rolled back', async () => {
    expectCode(await project.srv(['scale', 'production', '--replicas', 'web=5']), 0)
    expect(await until(placesOf, (found) => found.length === 5)).toHaveLength(5)
    const status = await project.srv(['status', 'production', '--json'])
    const { instances } = JSON.parse(status.stdout) as {
      instances: readonly { host: string; drift: readonly string[] }[]
    }
    expect(instances.map(({ drift }) => drift)).toEqual([['web was scaled to 5: the release has 3'], [], []])
    expectCode(await project.srv(['rollback', 'production']), 0)
    await expectAnswers('one')
    expect(await until(placesOf, (found) => found.length === 3)).toHaveLength(3)
    const logs = await project.srv(['logs', 'production', '-n', '500'])
    for (const { name } of nodes) expect(logs.stdout).toMatch(new RegExp(`clock.*@${name} +\\| ticking`))
    const unknown = await project.srv(['scale', 'production', '--replicas', 'wub=2', '--json'])
    expectCode(unknown, 5)
    expect(saidBy(unknown)).toContain('There is no service wub in the release: clock web')
  })

  it('gets its images through a registry, with the password of the manager where a node has none', async () => {
    const [first = manager(), second = manager(), ...others] = nodes
    const registry = await startRegistry(8127, [first, second, ...others], { wantsPassword: true })
    const through = composeProject(service, {
      hosts: nodes,
      environment: 'orchestrator: swarm(),',
      options: 'monitorMs: 1500',
      compose: `registry: '${registry.address}/team'`,
    })
    try {
      const login = `echo '${account.password}' | docker login -u ${account.user} --password-stdin ${registry.address} 2>/dev/null`
      for (const node of nodes) await onHost(node, `su deploy -c "${login}"`)
      through.write('five', { ...options, files: filesOf('five') })
      const outcome = await through.srv(['deploy', 'production', '--json'])
      expectCode(outcome, 0)
      expect(outcome.stdout).not.toMatch(/sending \d+ of \d+ layers/)
      await expectAnswers('five')
      expect(await registry.ask('_catalog')).toEqual({
        repositories: [`team/${service}-clock`, `team/${service}-web`],
      })
      const image = await onHost(
        manager(),
        `docker service inspect -f '{{.Spec.TaskTemplate.ContainerSpec.Image}}' ${service}_web`,
      )
      expect(image).toMatch(new RegExp(`^${registry.address}/team/${service}-web@sha256:\\w{64}$`))
      // Without the name a node has to ask the registry again, which lets nobody in without a password.
      await onHost(
        second,
        `su deploy -c 'docker logout ${registry.address}'; docker image ls --format '{{.Repository}}:{{.Tag}}' '${registry.address}/team/*' | xargs docker image rm -f; ! docker image inspect ${image} >/dev/null 2>&1`,
      )
      expectCode(await through.srv(['scale', 'production', '--replicas', 'web=6']), 0)
      expect((await placesOf()).filter((name) => name === second.name)).toHaveLength(2)
    } finally {
      through.remove()
      for (const node of nodes) await onHost(node, `su deploy -c 'docker logout ${registry.address}'`)
      await registry.stop()
    }
  })

  /** The boundaries of what a deploy to a swarm does beside what every deploy does. */
  it.for([
    ['step.start', 'compose:collect'],
    ['step.end', 'compose:collect'],
    ['step.progress', 'sending'],
    ['step.start', 'compose:up'],
    ['step.output', 'Updating service'],
    ['step.end', 'git:record'],
  ])('is deployed to by the next run when one was killed at %s of %s', async (words) => {
    const version = `after ${words.join(' ').replace(/\W+/g, ' ')}`
    write(version)
    await killAt(project, ['deploy', 'production'], words)
    for (const node of nodes) await letLeaseEnd(node, service)
    expectCode(await project.srv(['deploy', 'production', '--json']), 0)
    expect(await until(answers, (found) => found.length === 1)).toEqual(saidOf(version))
    const state = `cd /srv/${service}/.srv && ls -d lease docker/compose/open docker/compose/.new-* 2>/dev/null || :`
    expect(await Promise.all(nodes.map((node) => onHost(node, state)))).toEqual(['', '', ''])
    expect(readdirSync(join(project.folder, '.srv/images'))).toEqual([])
    expect(readdirSync(join(project.folder, 'tmp'))).toEqual([])
  })

  it('is not told anything without its manager', async () => {
    const outcome = await project.srv(['deploy', 'production', '--host', nodes[1]?.name ?? '', '--json'])
    expectCode(outcome, 2)
    expect(saidBy(outcome)).toContain(`and ${manager().name} is not among the hosts of this run. Nothing was changed.`)
  })

  it('runs on when a node dies: what it had runs elsewhere, and the rest can be deployed to', async () => {
    const dead = nodes[2]?.name ?? ''
    await execute('docker', ['kill', dead])
    const places = await until(placesOf, (found) => found.length === 3 && !found.includes(dead))
    expect(new Set(places).size).toBe(2)
    const whole = await deploy('four')
    expectCode(whole, 4)
    const rest = await project.srv(['deploy', 'production', '--host', `!${dead}`, '--json'])
    expectCode(rest, 0)
    const left = nodes.slice(0, 2)
    await expect.poll(() => answers(left), { timeout: 60_000, interval: 300 }).toEqual(saidOf('four'))
  })
})
