import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeLab, onHost, page } from '../hosts.ts'
import { transcript, type Outcome } from '../project.ts'
import { composeProject, containers, first, removeProjects, saidBy, statesOf, type ComposeProject } from './project.ts'

const service = 'lab-gate'
const port = 8170

function expectCode(outcome: Outcome, code: number): void {
  expect(outcome.code, transcript(outcome)).toBe(code)
}

describeLab('the gate of a compose project', () => {
  let project: ComposeProject

  beforeEach(() => removeProjects(service))
  afterEach(async () => {
    project.remove()
    await removeProjects(service)
  })

  it('asks over HTTP too: what runs and answers wrong is brought back', async () => {
    project = composeProject(service, {
      instance: `health: http(':${String(port)}/', { samples: 2, intervalMs: 200, timeoutMs: 8000 }),`,
    })
    expectCode(await project.deploy('one', { port }), 0)
    const outcome = await project.deploy('two', { port, behaviour: 'answers 404' })
    expectCode(outcome, 5)
    expect(saidBy(outcome)).toContain('404')
    // What it said goes with its containers: it is shown, and kept with the release.
    expect(outcome.stdout).toContain('"message":"web: it serves nothing"')
    expect(await onHost(first(), `cat /srv/${service}/.srv/docker/compose/2*/failed/web.log`)).toMatch(
      / it serves nothing$/,
    )
    expect(await page(first(), port)).toBe('200 one')
  })

  it('sees that a container was killed for its memory', async () => {
    project = composeProject(service)
    const web = '    mem_limit: 16m\n'
    expectCode(await project.deploy('one', { port, web }), 0)
    const outcome = await project.deploy('two', { port, web, behaviour: 'eats all memory' })
    expectCode(outcome, 5)
    expect(saidBy(outcome)).toContain('web was killed: out of memory')
    expect(await page(first(), port)).toBe('200 one')
  })

  it('waits for what comes to its end by itself, before what needs it', async () => {
    project = composeProject(service)
    const version = (status: number) => ({
      port,
      web: '    depends_on: { migrate: { condition: service_completed_successfully } }\n',
      services: `  migrate: { build: ., command: [sh, -c, "echo migrating; exit ${String(status)}"] }\n`,
    })
    const outcome = await project.deploy('one', version(0))
    expectCode(outcome, 0)
    const lines = outcome.stdout.split('\n').filter((line) => /"line":"(web|migrate): starting/.test(line))
    expect(lines.map((line) => /"line":"(\w+)/.exec(line)?.[1])).toEqual(['migrate', 'web'])
    const before = await containers(first(), service)
    expect(before.map((line) => line.replace(/ \w+$/, ''))).toEqual(['migrate exited', 'web running'])
    const failed = await project.deploy('two', version(3))
    expectCode(failed, 5)
    expect(saidBy(failed)).toContain('migrate ended with exit status 3')
    expect(saidBy(failed)).toContain('migrate: migrating')
    // What waits for it was never touched.
    expect((await containers(first(), service))[1]).toBe(before[1])
    expect(await page(first(), port)).toBe('200 one')
  })

  it('says that nothing serves when the old one does not come back either', async () => {
    project = composeProject(service)
    const web =
      '    volumes: [ "${SRV_DATA}:/data" ]\n    entrypoint: [sh, -c, "[ -f /data/whole ] && exec httpd -f -p 8000 -h /www || { echo no data; exit 9; }"]\n'
    await onHost(
      first(),
      `mkdir -p /srv/${service}/data; echo yes > /srv/${service}/data/whole; chown -R deploy:deploy /srv/${service}`,
    )
    expectCode(await project.deploy('one', { port, web }), 0)
    const outcome = await project.deploy('two', {
      port,
      web: '    volumes: [ "${SRV_DATA}:/data" ]\n',
      behaviour: 'breaks its data',
    })
    expectCode(outcome, 7)
    expect(saidBy(outcome)).toContain('web: broke it')
    expect(statesOf(outcome)).toEqual({ [`${service}/docker@${first().name}`]: 'down' })
    await onHost(first(), `echo yes > /srv/${service}/data/whole`)
    expectCode(await project.deploy('three', { port, web }), 0)
    expect(await page(first(), port)).toBe('200 three')
  })

  it('is never reached by a release with an image that nobody has', async () => {
    project = composeProject(service)
    expectCode(await project.deploy('one', { port }), 0)
    const before = await containers(first(), service)
    const services = '  cache: { image: "registry.invalid/cache:1" }\n'
    const outcome = await project.deploy('two', { port, services })
    expectCode(outcome, 5)
    expect(saidBy(outcome)).toContain('registry.invalid')
    expect(await containers(first(), service)).toEqual(before)
    expect(await onHost(first(), `docker image ls -q 'srv/${service}-web' | wc -l`)).toBe('1')
  })
})
