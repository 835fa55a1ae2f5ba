import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LabHost } from '../global-setup.ts'
import { describeLab, onHost } from '../hosts.ts'
import type { Outcome } from '../project.ts'
import { composeProject, saidBy, statesOf, type ComposeProject } from './project.ts'
import { endSwarm, expectCode, makeSwarm, placesOf, revive, until } from './swarm.ts'

const execute = promisify(execFile)
const service = 'lab-jobs'
const instance = `${service}/docker`

/** Several deploys in one test, some of which wait for what does not come. */
const long = 400_000

/** A job whose image is that of every version, so that only what it is told makes it another one. */
const job = (name: string, says: string, code = 0, more = ''): string =>
  `  ${name}: { build: { context: ., dockerfile: job.Dockerfile }, command: [sh, -c, "echo ${says}; exit ${String(code)}"], init: true${more} }\n`

describeLab('one-shot services of a swarm', () => {
  let project: ComposeProject
  let nodes: readonly [LabHost, LabHost, LabHost]

  /** The web server on a port of two nodes, which waits for a job. */
  const write = (version: string, services: string): void =>
    project.write(version, {
      web: `    depends_on: { migrate: { condition: service_completed_successfully } }
    ports: [ { target: 8000, published: 8089, mode: host } ]
    deploy: { replicas: 2 }
`,
      services,
      files: {
        'job.Dockerfile':
          'FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\nENTRYPOINT ["/bin/busybox"]\n',
      },
    })
  const deploy = (version: string, services: string, ...more: readonly string[]): Promise<Outcome> => {
    write(version, services)
    return project.srv(['deploy', 'production', '--json', ...more])
  }

  const web = (): Promise<readonly string[]> => placesOf(`${service}_web`)

  /** What each container of the web server answers with, by the container's id. */
  const answers = async (on: readonly LabHost[] = nodes): Promise<Record<string, string>> => {
    const command = `for one in $(docker ps -q --filter label=com.docker.swarm.service.name=${service}_web); do
echo "$one $(docker exec "$one" /bin/busybox wget -qO- localhost:8000/)"; done`
    const said = await Promise.all(on.map((node) => onHost(node, command)))
    const pairs = said.flatMap((text) => text.split('\n')).filter((line) => line !== '')
    return Object.fromEntries(pairs.map((line) => [line.split(' ')[0] ?? '', line.split(' ').slice(1).join(' ')]))
  }

  /** All that a job said so far, in the order of time. */
  const ran = async (name: string): Promise<readonly string[]> => {
    const command = `docker service logs --raw --timestamps ${service}_${name} | sort | cut -d ' ' -f 2-`
    return (await onHost(nodes[0], command)).split('\n')
  }

  /** When a service was told to be what it is, and when the newest task of another one ended. */
  const toldAt = (name: string): Promise<string> =>
    onHost(nodes[0], `docker service inspect -f '{{json .UpdatedAt}}' ${service}_${name}`)
  const endedAt = (name: string): Promise<string> =>
    onHost(
      nodes[0],
      `docker inspect --type task -f '{{json .Status.Timestamp}}' $(docker service ps -q --no-trunc ${service}_${name} | head -n 1)`,
    )
  const time = (json: string): number => Date.parse(json.replaceAll('"', ''))

  beforeAll(async () => {
    nodes = await makeSwarm()
    project = composeProject(service, {
      hosts: nodes,
      environment: 'orchestrator: swarm(),',
      options: 'monitorMs: 1500, timeoutMs: Number(process.env.TIMEOUT_MS ?? 30_000)',
    })
  }, 1_200_000)
  afterAll(async () => {
    project.remove()
    await endSwarm(service)
  })

  it('come to their end before what waits for them is told to run', async () => {
    expectCode(await deploy('one', job('migrate', 'migrating to one')), 0)
    expect(Object.values(await answers())).toEqual(['one', 'one'])
    expect(await ran('migrate')).toEqual(['migrating to one'])
    expect(time(await endedAt('migrate'))).toBeLessThanOrEqual(time(await toldAt('web')))
  })

  it('are changed, and end once more; unchanged ones do not run again', async () => {
    expectCode(await deploy('two', job('migrate', 'migrating to two')), 0)
    expect(Object.values(await answers())).toEqual(['two', 'two'])
    expect(await ran('migrate')).toEqual(['migrating to one', 'migrating to two'])
    expect(time(await endedAt('migrate'))).toBeLessThanOrEqual(time(await toldAt('web')))
    expectCode(await deploy('three', job('migrate', 'migrating to two')), 0)
    expect(Object.values(await answers())).toEqual(['three', 'three'])
    expect(await ran('migrate')).toEqual(['migrating to one', 'migrating to two'])
  })

  it('fail, and nothing that waits for them is touched', async () => {
    const before = await answers()
    const outcome = await deploy('four', job('migrate', 'cannot migrate', 3))
    expectCode(outcome, 5)
    expect(saidBy(outcome)).toContain('migrate ended with exit status 3')
    expect(saidBy(outcome)).toContain('migrate: cannot migrate')
    expect(statesOf(outcome)[`${instance}@${nodes[0].name}`]).toBe('old')
    expect(await answers()).toEqual(before)
    expectCode(await project.srv(['status', 'production']), 0)
  })

  it(
    'are told from what runs, or a swarm starts them again and again',
    async () => {
      const migrate = job('migrate', 'migrating to two')
      const outcome = await deploy('five', migrate + job('report', 'reporting'))
      expectCode(outcome, 5)
      expect(saidBy(outcome)).toContain(
        'report: it ends with exit status 0, and the swarm starts it again. For a job, set restart: "no" in its compose file',
      )
      const report = job('report', 'reporting', 0, ', restart: "no"')
      const sweep = job('sweep', 'sweeping', 0, ', deploy: { restart_policy: { condition: none } }')
      expectCode(await deploy('six', migrate + report + sweep), 0)
      expect([await ran('report'), await ran('sweep')]).toEqual([['reporting'], ['sweeping']])
      expect(Object.values(await answers())).toEqual(['six', 'six'])
    },
    long,
  )

  it('a number of containers that cannot be met is taken back', async () => {
    const before = await answers()
    // The fourth never runs: there is no use in waiting for long.
    const env = { TIMEOUT_MS: '10000' }
    const outcome = await project.srv(['scale', 'production', '--replicas', 'web=4', '--json'], { env })
    expectCode(outcome, 5)
    expect(saidBy(outcome)).toContain('web: 3 of 4 containers run after')
    expect(saidBy(outcome)).toContain('It is scaled back: web=2')
    expect(saidBy(outcome)).toContain('host-mode port already in use')
    expect(Object.keys(await answers()).filter((id) => id in before)).not.toEqual([])
    expect(await until(web, (places) => places.length === 2)).toHaveLength(2)
    expectCode(await project.srv(['status', 'production']), 0)
  })

  it(
    'a stack is restarted, stopped and started',
    async () => {
      const before = await answers()
      expectCode(await project.srv(['restart', 'production', '--json']), 0)
      const after = await answers()
      expect(Object.values(after)).toEqual(['six', 'six'])
      expect(Object.keys(after).filter((id) => id in before)).toEqual([])
      expectCode(await project.srv(['stop', 'production', '--json']), 0)
      expect(await onHost(nodes[0], 'docker service ls -q')).toBe('')
      expect(await answers()).toEqual({})
      expectCode(await project.srv(['start', 'production', '--json']), 0)
      expect(Object.values(await answers())).toEqual(['six', 'six'])
      expect((await project.srv(['start', 'production', '--json'])).stdout).toContain('they run already')
    },
    long,
  )

  it('a node that lives and is left out would get containers without their images', async () => {
    const before = await answers()
    const outcome = await deploy('seven', job('migrate', 'migrating to seven'), '--host', `!${nodes[2].name}`)
    expectCode(outcome, 5)
    expect(saidBy(outcome)).toContain(
      `The swarm may run migrate web on ${nodes[2].name}: that is not a host of this run`,
    )
    expect(await answers()).toEqual(before)
  })

  it(
    'a node that died comes back, is deployed to, and gets containers again',
    async () => {
      const dead = nodes[2]
      await execute('docker', ['kill', dead.name])
      const becomes = (state: string): Promise<string> =>
        until(
          () => onHost(nodes[0], `docker node inspect -f '{{.Status.State}}' ${dead.name}`),
          (said) => said === state,
        )
      await becomes('down')
      const migrate = job('migrate', 'migrating to seven')
      const rest = await deploy('seven', migrate, '--host', `!${dead.name}`)
      expectCode(rest, 0)
      expect(rest.stdout).toContain(`${dead.name} is away from the swarm: when it is back, deploy again`)
      await revive(dead)
      await becomes('ready')
      const whole = await project.srv(['deploy', 'production', '--json'])
      expectCode(whole, 0)
      // Each node has one such port: the third container has no other place.
      expectCode(await project.srv(['scale', 'production', '--replicas', 'web=3']), 0)
      expect(await web()).toContain(dead.name)
      expect(Object.values(await answers())).toEqual(['seven', 'seven', 'seven'])
    },
    long,
  )
})
