import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LabHost } from '../global-setup.ts'
import { describeLab, lab, onHost, page } from '../hosts.ts'
import { transcript, type Outcome } from '../project.ts'
import { composeProject, containers, saidBy, type ComposeProject } from './project.ts'

const service = 'lab-disk'
const port = 8150

function expectCode(outcome: Outcome, code: number): void {
  expect(outcome.code, transcript(outcome)).toBe(code)
}

describeLab('an engine whose disk is full', () => {
  let project: ComposeProject
  const small = (): LabHost => lab().engines[5]

  beforeAll(async () => {
    await onHost(small(), 'rm -f /var/lib/docker/filling')
    project = composeProject(service, { hosts: [small()] })
    expectCode(await project.deploy('one', { port }), 0)
  })
  afterAll(async () => {
    project.remove()
    await onHost(
      small(),
      `rm -rf /srv/${service} /var/lib/docker/filling; docker ps -aq | xargs -r docker rm -f; docker system prune -af`,
    )
  })

  it('breaks a build, and nothing that runs', async () => {
    const before = await containers(small(), service)
    const outcome = await project.deploy('two', {
      port,
      files: {
        Dockerfile: `FROM scratch
COPY busybox /bin/busybox
COPY busybox /bin/sh
COPY www /www
RUN ["/bin/busybox", "dd", "if=/dev/zero", "of=/large", "bs=1M", "count=500"]
ENTRYPOINT ["/bin/busybox"]
`,
      },
    })
    expectCode(outcome, 5)
    expect(saidBy(outcome)).toMatch(/no space left on device/i)
    expect(await containers(small(), service)).toEqual(before)
    expect(await page(small(), port)).toBe('200 one')
  })

  it('is seen before anything is built, and put right by some room', async () => {
    await onHost(
      small(),
      'docker builder prune -af >/dev/null; dd if=/dev/zero of=/var/lib/docker/filling bs=1M count=300 2>/dev/null',
    )
    const refused = await project.deploy('three', { port })
    expectCode(refused, 9)
    expect(saidBy(refused)).toMatch(/\/var\/lib\/docker has only \d+ MiB left on its disk/)
    expect(await page(small(), port)).toBe('200 one')
    await onHost(small(), 'rm /var/lib/docker/filling')
    expectCode(await project.deploy('three', { port }), 0)
    expect(await page(small(), port)).toBe('200 three')
  })
})
