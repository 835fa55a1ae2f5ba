import type { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeLab, onHost, page } from '../hosts.ts'
import { transcript, type Outcome } from '../project.ts'
import { composeProject, containers, first, removeProjects, saidBy, second, type ComposeProject } from './project.ts'

const service = 'lab-operate'
const other = 'lab-operate-admin'
const port = 8180

function expectCode(outcome: Outcome, code: number): void {
  expect(outcome.code, transcript(outcome)).toBe(code)
}

/** Services of a project and the ids of their containers. */
async function idsOf(name = service): Promise<Record<string, string>> {
  const lines = await containers(first(), name)
  return Object.fromEntries(lines.map((line) => [line.split(' ')[0] ?? '', line.split(' ')[2] ?? '']))
}

/** Listens to a stream until it has held all of these texts. The time-out of the test ends it. */
function until(stream: Readable, texts: readonly RegExp[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let all = ''
    stream.on('data', (chunk: string) => {
      all += chunk
      if (texts.every((text) => text.test(all))) resolve(all)
    })
    stream.on('end', () => {
      reject(new Error(`It ended without ${texts.join(' and ')}:\n${all}`))
    })
  })
}

describeLab('a compose project that serves', () => {
  let project: ComposeProject

  beforeEach(() => removeProjects(service, other))
  afterEach(async () => {
    project.remove()
    await removeProjects(service, other)
  })

  it('lets several hosts be listened to, each line with where it comes from, and since a time', async () => {
    project = composeProject(service, { hosts: [first(), second()] })
    const services =
      '  clock: { build: ., command: [sh, -c, "echo began; while sleep 1; do echo tick; done"], init: true, stop_grace_period: 1s }\n'
    expectCode(await project.deploy('one', { port, services }), 0)
    const { child, outcome } = project.start(['logs', 'production', '--follow', '-n', '1'])
    const prefix = (name: string): RegExp => new RegExp(`^${service}/docker@${name} +.*clock-1 +\\| tick$`, 'm')
    if (child.stdout === null) throw new Error('it has no output')
    // Ticks go on: more than the one line that was asked of what was there.
    const all = await until(
      child.stdout,
      [first(), second()].map(({ name }) => new RegExp(`(${prefix(name).source}[^]*){3}`, 'm')),
    )
    child.kill('SIGINT')
    await outcome
    expect(all).not.toContain('began')
    const since = await project.srv(['logs', 'production', '--since', '3s', '-n', '1000'])
    expectCode(since, 0)
    const ticks = since.stdout.split('\n').filter((line) => prefix(first().name).test(line)).length
    expect(ticks).toBeGreaterThan(0)
    expect(ticks).toBeLessThanOrEqual(4)
    expect(await onHost(first(), `pgrep -af '[d]ocker compose.* logs' || :`)).toBe('')
  })

  it('is replaced only where what its own containers are made of changed', async () => {
    project = composeProject(service)
    const idle = 'build: ., command: ["sleep", "100000"], init: true, stop_grace_period: 1s'
    const version = (changed: Readonly<Record<string, string>>) => {
      const before = {
        env: 'A=1\n',
        config: 'one',
        secret: 'one',
        file: 'one',
        limit: '32M',
        network: 'one',
        volume: 'one',
      }
      const now = { ...before, ...changed }
      return {
        port,
        services: `  e: { ${idle}, env_file: [e.env] }
  c: { ${idle}, configs: [ { source: app, target: /app.conf } ] }
  s: { ${idle}, secrets: [password] }
  m: { ${idle}, volumes: [ "./m.conf:/m.conf:ro" ] }
  d: { ${idle}, deploy: { resources: { limits: { memory: "${now.limit}" } } } }
  n: { ${idle}, networks: [front] }
  v: { ${idle}, volumes: [ "kept:/kept" ] }
`,
        end: `configs: { app: { file: ./app.conf } }
secrets: { password: { file: ./password } }
networks: { front: { labels: { version: "${now.network}" } } }
volumes: { kept: { labels: { version: "${now.volume}" } } }
`,
        files: { 'e.env': now.env, 'app.conf': now.config, password: now.secret, 'm.conf': now.file },
      }
    }
    expectCode(await project.deploy('one', version({})), 0)
    const all: [string, Record<string, string>][] = [
      ['e', { env: 'A=2\n' }],
      ['c', { config: 'two' }],
      ['s', { secret: 'two' }],
      ['m', { file: 'two' }],
      ['d', { limit: '48M' }],
      ['n', { network: 'two' }],
      ['v', { volume: 'two' }],
    ]
    let changed = {}
    for (const [name, change] of all) {
      const before = await idsOf()
      changed = { ...changed, ...change }
      expectCode(await project.deploy('one', version(changed)), 0)
      const after = await idsOf()
      expect(Object.keys(after).filter((one) => after[one] !== before[one])).toEqual([name])
    }
    const inside = `for s in c s m; do docker exec ${service}-$s-1 /bin/busybox cat /app.conf /run/secrets/password /m.conf 2>/dev/null; echo; done`
    expect((await onHost(first(), inside)).split(/\n+/)).toEqual(['two', 'two', 'two'])
    expect(await onHost(first(), `docker inspect -f '{{.HostConfig.Memory}}' ${service}-d-1`)).toBe(
      String(48 * 2 ** 20),
    )
  })

  it('is restarted without what came to its end', async () => {
    project = composeProject(service)
    const services = `  migrate: { build: ., command: ["true"] }
`
    const web = '    depends_on: { migrate: { condition: service_completed_successfully } }\n'
    expectCode(await project.deploy('one', { port, web, services }), 0)
    const began = (name: string): Promise<string> =>
      onHost(first(), `docker inspect -f '{{.State.StartedAt}}' ${service}-${name}-1`)
    const before = [await began('migrate'), await began('web')]
    expectCode(await project.srv(['restart', 'production']), 0)
    const after = [await began('migrate'), await began('web')]
    expect(after.map((time, at) => time === before[at])).toEqual([true, false])
    expect(await page(first(), port)).toBe('200 one')
  })

  it('goes back to any release that is kept, and the plan says in which way each service is replaced', async () => {
    project = composeProject(service)
    for (const version of ['one', 'two', 'three']) expectCode(await project.deploy(version, { port }), 0)
    const releases = await project.srv(['releases', 'production', '--json'])
    const ids = [...new Set(releases.stdout.match(/\d{8}T\d{6}Z-[0-9a-f]{7}/g))].sort()
    expect(ids).toHaveLength(3)
    expectCode(await project.srv(['rollback', 'production', '--to', ids[0] ?? '']), 0)
    expect(await page(first(), port)).toBe('200 one')
    expectCode(await project.srv(['rollback', 'production', '--to', ids[2] ?? '']), 0)
    expect(await page(first(), port)).toBe('200 three')
    project.write('four', { port })
    const plan = await project.srv(['plan', 'production'])
    expect(plan.stdout + plan.stderr).toContain(`web stop-first, because it publishes port ${String(port)} of the host`)
  })

  it('keeps an image that somebody still uses, and those of a service with a longer name, when old releases go', async () => {
    project = composeProject(service, {
      options: 'monitorMs: 0, keep: 1',
      services: `'${other}': { instances: { docker: { kind: 'docker', git: { source: 'files', path: 'app' }, compose: { keep: 9, files: ['other.yaml'] } } } },`,
    })
    const files = (version: string) => ({
      'other.yaml': `services:\n  web: { build: ., command: ["sleep", "100000"], init: true, stop_grace_period: 1s, environment: { V: "${version}" } }\n`,
    })
    for (const version of ['one', 'two']) expectCode(await project.deploy(version, { port, files: files(version) }), 0)
    const tags = `docker image ls --format '{{.Tag}}' srv/${other}-web | sort`
    const before = await onHost(first(), tags)
    expect(before.split('\n')).toHaveLength(2)
    const used = await onHost(first(), `docker inspect -f '{{.Image}}' ${service}-web-1`)
    await onHost(first(), `docker run -d --name by-hand ${used} sleep 100000`)
    for (const version of ['three', 'four', 'five'])
      expectCode(await project.deploy(version, { port, files: files('two') }, service), 0)
    expect(await onHost(first(), tags)).toBe(before)
    const images = `docker image ls --no-trunc -q srv/${service}-web | sort -u`
    const kept = (await onHost(first(), images)).split('\n')
    expect(kept).toContain(used)
    expect(kept).toHaveLength(3)
    await onHost(first(), 'docker rm -f by-hand')
    expectCode(await project.deploy('six', { port, files: files('two') }, service), 0)
    expect((await onHost(first(), images)).split('\n')).not.toContain(used)
  })

  it('is not deployed under another name while it runs under the one that it has', async () => {
    project = composeProject(service)
    expectCode(await project.deploy('one', { port }), 0)
    const before = await idsOf()
    const former = project
    project = composeProject(service, { compose: `project: '${other}'` })
    try {
      const refused = await project.deploy('two', { port })
      expectCode(refused, 9)
      expect(saidBy(refused)).toContain(`runs as the project ${service}, and the config says now`)
      const status = await project.srv(['status', 'production'])
      expect(status.stdout).toContain(`it still runs as the project ${service}`)
      expect(await idsOf()).toEqual(before)
      expect(await page(first(), port)).toBe('200 one')
      expectCode(await former.srv(['stop', 'production']), 0)
    } finally {
      former.remove()
    }
    expectCode(await project.deploy('two', { port }), 0)
    expect(await page(first(), port)).toBe('200 two')
  })

  it('is not touched when the config names services that it does not have', async () => {
    project = composeProject(service, { compose: `overlap: ['webb']` })
    const refused = await project.deploy('one', { port })
    expectCode(refused, 9)
    expect(saidBy(refused)).toContain('names services that its compose files do not have: webb (overlap)')
    expect(refused.stdout).toContain('webb: Did you mean web?')
    expect(await containers(first(), service)).toEqual([])
  })

  it('shows what was changed of a container by hand, and a deploy of the same makes it anew', async () => {
    project = composeProject(service)
    const services =
      '  idle: { build: ., command: ["sleep", "100000"], init: true, stop_grace_period: 1s, mem_limit: 64m, cpus: 0.5, restart: unless-stopped }\n'
    const drift = async (): Promise<readonly string[]> => {
      const { stdout } = await project.srv(['status', 'production', '--json'])
      const found = JSON.parse(stdout) as { instances: readonly { drift: readonly string[] }[] }
      return found.instances.flatMap((one) => one.drift)
    }
    const deploy = (): Promise<Outcome> => project.deploy('one', { port, services })
    expectCode(await deploy(), 0)
    // A restart, and that of the engine's own making, change nothing of that.
    expectCode(await project.srv(['restart', 'production']), 0)
    expect(await drift()).toEqual([])
    const other = `${service}-other`
    const network = `${service}_default`
    const changes: [change: string, container: string, said: string][] = [
      [
        'docker update --memory 128m --memory-swap 256m',
        'idle',
        'memory 134217728 instead of 67108864, memory with swap 268435456 instead of 134217728',
      ],
      ['docker update --cpus 0.25', 'idle', 'CPUs 0.25 instead of 0.5'],
      ['docker update --restart always', 'web', 'restart policy always instead of none'],
      [`docker network connect ${other}`, 'web', `networks ${other}, ${network} instead of ${network}`],
      [`docker network disconnect ${network}`, 'idle', `networks none instead of ${network}`],
    ]
    await onHost(first(), `docker network create ${other}`)
    try {
      for (const [change, name, said] of changes) {
        const before = await idsOf()
        await onHost(first(), `${change} ${service}-${name}-1`)
        expect(await drift()).toEqual([`${service}-${name}-1 was changed by hand: ${said}`])
        expectCode(await deploy(), 0)
        const after = await idsOf()
        expect(Object.keys(after).filter((one) => after[one] !== before[one])).toEqual([name])
        expect(await drift()).toEqual([])
      }
    } finally {
      await removeProjects(service)
      await onHost(first(), `docker network rm ${other}`)
    }
  })
})
