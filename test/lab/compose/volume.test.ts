import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeLab, onHost, page } from '../hosts.ts'
import { transcript, type Outcome } from '../project.ts'
import type { Behaviour } from './app.ts'
import { composeProject, first, removeProjects, type ComposeProject } from './project.ts'

const service = 'lab-volume'
const port = 8171

function expectCode(outcome: Outcome, code: number): void {
  expect(outcome.code, transcript(outcome)).toBe(code)
}

/** What the two services that keep something have. */
function kept(): Promise<string> {
  const asked = ['web-1 /bin/busybox cat /kept/file', 'store-1 /bin/busybox cat /data/file']
  return onHost(first(), asked.map((one) => `docker exec ${service}-${one}`).join('; '))
}

describeLab('a compose project', () => {
  let project: ComposeProject

  beforeEach(() => removeProjects(service))
  afterEach(async () => {
    project.remove()
    await removeProjects(service)
  })

  it('keeps what is in volumes without a name, of its file and of its images, forth and back', async () => {
    project = composeProject(service, { compose: `proxy: { web: { kind: 'labels' }, store: { kind: 'labels' } }` })
    const version = (behaviour: Behaviour = 'healthy') => ({
      behaviour,
      web: '    volumes: [ "/kept" ]\n    depends_on: [ store ]\n',
      services:
        '  store: { build: { context: ., dockerfile: store }, command: ["sleep", "100000"], init: true, stop_grace_period: 1s }\n',
      files: {
        store: 'FROM scratch\nCOPY busybox /bin/busybox\nCOPY www /www\nVOLUME /data\nENTRYPOINT ["/bin/busybox"]\n',
      },
    })
    expectCode(await project.deploy('one', version()), 0)
    await onHost(
      first(),
      `docker exec ${service}-web-1 /bin/busybox sh -c 'echo precious > /kept/file'
docker exec ${service}-store-1 /bin/busybox cp /www/index.html /data/file`,
    )
    project.write('two', version())
    const { stdout, stderr } = await project.srv(['plan', 'production'])
    for (const said of [
      'store stop-first, because it has an anonymous volume at /data',
      'web stop-first, because it has an anonymous volume at /kept',
    ])
      expect((stdout + stderr).replaceAll(/\s+/g, ' ')).toContain(said)
    expectCode(await project.deploy('two', version()), 0)
    expect(await kept()).toBe('precious\none')
    expectCode(await project.deploy('three', version('exits at once')), 5)
    expect(await kept()).toBe('precious\none')
    expectCode(await project.srv(['rollback', 'production']), 0)
    expect(await kept()).toBe('precious\none')
  })

  it('has services that are called what no image may be', async () => {
    project = composeProject(service)
    const odd = ['Worker', '_jobs', 'mail-', 'a__b.c']
    const version = {
      port,
      services: odd
        .map((name) => `  ${name}: { build: ., command: ["sleep", "100000"], init: true, stop_grace_period: 1s }\n`)
        .join(''),
    }
    const tags = `docker image ls --format '{{.Repository}}' 'srv/${service}-*' | sort | uniq -c | sed 's/^ *//'`
    for (const name of ['one', 'two', 'three']) expectCode(await project.deploy(name, version), 0)
    expectCode(await project.srv(['rollback', 'production']), 0)
    expect(await page(first(), port)).toBe('200 two')
    const all = (await onHost(first(), tags)).split('\n').map((line) => line.replace(/[0-9a-f]{8}$/, '#'))
    const names = ['a__b.c', 'jobs-#', 'mail-#', 'web', 'worker-#'].map((name) => `3 srv/${service}-${name}`)
    expect(all.sort()).toEqual(names.sort())
  })
})
