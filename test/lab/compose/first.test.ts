import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { describeLab, onHost, page } from '../hosts.ts'
import { transcript, type Outcome } from '../project.ts'
import type { Behaviour, Version } from './app.ts'
import { killAt, letLeaseEnd } from './kill.ts'
import { composeProject, containers, removeProjects, saidBy, second, statesOf, type ComposeProject } from './project.ts'

const service = 'lab-first'
const port = 8097
const placement = (): string => `${service}/docker@${second().name}`

function expectCode(outcome: Outcome, code: number): void {
  expect(outcome.code, transcript(outcome)).toBe(code)
}

/** A service beside `web`, in the network of that; it keeps what it is told in a volume without a name. */
const helper = `  helper:
    build: { context: ., dockerfile: helper }
    network_mode: service:web
    init: true
    stop_grace_period: 1s
    command: [sleep, "100000"]
  migrate: { build: ., command: [echo, migrated], depends_on: [web] }
  idle: { build: ., command: [sleep, "100000"], init: true, stop_grace_period: 1s }
`
const version = (behaviour: Behaviour = 'healthy', more: Version = {}): Version => ({
  port,
  behaviour,
  services: helper,
  files: {
    helper: 'FROM scratch\nCOPY busybox /bin/busybox\nVOLUME /kept\nENTRYPOINT ["/bin/busybox"]\n',
  },
  ...more,
})

/** Each container with its name, state and id. */
const named = (): Promise<string> =>
  onHost(
    second(),
    `docker ps -a --filter label=com.docker.compose.project=${service} --format '{{.Names}} {{.State}} {{.ID}}' | sort`,
  )
const kept = (container: string): Promise<string> =>
  onHost(
    second(),
    `docker exec ${container} /bin/busybox cat /kept/file; docker exec ${container} /bin/busybox wget -qO- localhost:8000`,
  )
const record = (): Promise<string> =>
  onHost(second(), `ls /srv/${service}/.srv/docker/compose | grep -E 'before|open|aside' || :`)

describeLab('the first deploy over containers that were started by hand', () => {
  let project: ComposeProject

  beforeAll(() => removeProjects(service))
  afterEach(async () => {
    project.remove()
    await removeProjects(service)
  })
  afterAll(() => onHost(second(), `rm -rf /tmp/${service}`))

  /** Starts a version as a person does, from a folder of the host, and stops `idle`. */
  async function startByHand(options: Version, compose = ''): Promise<void> {
    project = composeProject(service, { hosts: [second()], compose })
    project.write('by hand', options)
    await onHost(second(), `rm -rf /tmp/${service}`)
    execFileSync('docker', ['cp', join(project.folder, 'app'), `${second().name}:/tmp/${service}`], { stdio: 'pipe' })
    await onHost(
      second(),
      `cd /tmp/${service} && docker compose -p ${service} up -d --build >/dev/null 2>&1
docker stop -t 1 ${service}-idle-1
docker exec ${service}-helper-1 /bin/busybox sh -c 'echo precious > /kept/file'`,
    )
    expect(await page(second(), port)).toBe('200 by hand')
  }

  it.for([
    ['a fixed port', ''],
    ['a fixed name', `    container_name: ${service}-web\n`],
  ] as const)('with %s is undone when it fails, and takes over when it is well', async ([_what, web]) => {
    await startByHand(version('healthy', { web }))
    const before = await named()
    for (const behaviour of ['exits at once', 'never healthy'] as const) {
      const outcome = await project.deploy('broken', version(behaviour, { web }))
      expectCode(outcome, 5)
      expect(statesOf(outcome)).toEqual({ [placement()]: 'old' })
      expect(await named()).toBe(before)
      expect(await page(second(), port)).toBe('200 by hand')
      expect(await kept(`${service}-helper-1`)).toBe('precious\nby hand')
      expect(await record()).toBe('')
    }
    const outcome = await project.deploy('good', version('healthy', { web }))
    expectCode(outcome, 0)
    expect(await page(second(), port)).toBe('200 good')
    expect((await containers(second(), service)).map((line) => line.replace(/ \w+$/, ''))).toEqual([
      'helper running',
      'idle running',
      'migrate exited',
      'web running',
    ])
    const after = await named()
    for (const line of before.split('\n')) expect(after).not.toContain(line.split(' ').at(-1))
    expect(await kept(`${service}-helper-2`)).toBe('precious\ngood')
    if (web !== '') expect(after).toContain(`${service}-web running`)
    expect(await record()).toBe('')
    // From now on there is a release to go back to.
    expectCode(await project.deploy('broken', version('exits at once', { web })), 5)
    expect(await page(second(), port)).toBe('200 good')
    expect(await kept(`${service}-helper-2`)).toBe('precious\ngood')
  })

  it('brings back what was started by hand when the health of the new version is not what it has to be', async () => {
    await startByHand(version())
    project.remove()
    const instance = `health: http(':${String(port)}/', { samples: 2, intervalMs: 200, timeoutMs: 3000 }),`
    project = composeProject(service, { hosts: [second()], instance })
    const before = await named()
    expectCode(await project.deploy('broken', version('answers 404')), 5)
    expect(await named()).toBe(before)
    expect(await page(second(), port)).toBe('200 by hand')
    expect(await kept(`${service}-helper-1`)).toBe('precious\nby hand')
  })

  it('refuses what only Compose can start, says so beforehand, and leaves alone what is not part of the release', async () => {
    await startByHand(version())
    const before = await named()
    const plan = await project.srv(['plan', 'production'])
    expect(plan.stdout + plan.stderr).toContain('helper, web were started by hand')
    const inline = {
      web: '    configs: [ { source: page, target: /page } ]\n',
      end: 'configs: { page: { content: "inline" } }\n',
    }
    const refused = await project.deploy('inline', version('healthy', inline))
    expectCode(refused, 5)
    expect(saidBy(refused)).toContain(`Stop what is running (${service}-web-1)`)
    expect(await named()).toBe(before)
    expectCode(await project.deploy('less', { port }), 0)
    expect(await page(second(), port)).toBe('200 less')
    const releases = async (): Promise<string> => (await project.srv(['releases', 'production', '--json'])).stdout
    const known = await releases()
    expectCode(await project.deploy('less', { port }), 0)
    expect(await releases()).toBe(known)
    const status = await project.srv(['status', 'production'])
    expect(status.stdout).toContain(`${service}-helper-1 is not part of the release and was not started by srv`)
    const after = await named()
    for (const line of before.split('\n').filter((one) => !one.includes('-web-'))) expect(after).toContain(line)
  })

  const cuts = [
    ['step.start', 'compose:up'],
    ['step.output', 'web: stopping what was started by hand'],
    ['step.output', 'helper: stopping what was started by hand'],
    ['step.end', 'compose:up'],
    ['step.end', 'git:record'],
  ] as const

  it.for(cuts)('is killed at %s of %s, and the next deploy makes it whole', async (words) => {
    const web = `    container_name: ${service}-web\n`
    await startByHand(version('healthy', { web }))
    const before = await named()
    project.write('cut', version('healthy', { web }))
    await killAt(project, ['deploy', 'production'], words)
    await letLeaseEnd(second(), service)
    expectCode(await project.deploy('broken', version('exits at once', { web })), 5)
    if (words[1] === 'git:record') expect(await page(second(), port)).toBe('200 cut')
    else {
      expect(await named()).toBe(before)
      expect(await page(second(), port)).toBe('200 by hand')
      expect(await kept(`${service}-helper-1`)).toBe('precious\nby hand')
    }
    expectCode(await project.deploy('whole', version('healthy', { web })), 0)
    expect(await page(second(), port)).toBe('200 whole')
    const after = await named()
    expect(after).not.toContain('aside')
    for (const line of before.split('\n')) expect(after).not.toContain(line.split(' ').at(-1))
    expect(
      await kept(
        `$(docker ps -q --filter label=com.docker.compose.project=${service} --filter label=com.docker.compose.service=helper)`,
      ),
    ).toBe('precious\nwhole')
    expect(await record()).toBe('')
  })
})
