import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeLab, onHost, page } from '../hosts.ts'
import { inventoryText, labFolder, transcript, type LabFolder, type Outcome } from '../project.ts'
import { containers, first, removeProjects } from './project.ts'

const example = fileURLToPath(new URL('../../../examples/compose-shop', import.meta.url))
const image = 'busybox:1.37'

function expectDone(outcome: Outcome): void {
  expect(outcome.code, transcript(outcome)).toBe(0)
}

describeLab('the example with containers', () => {
  let project: LabFolder

  beforeAll(async () => {
    await removeProjects('shop')
    // No registry can be reached: what the example is built from is made of the host's own busybox.
    await onHost(
      first(),
      `rm -rf /tmp/srv-lab-busybox; mkdir -p /tmp/srv-lab-busybox/bin /tmp/srv-lab-busybox/tmp; cd /tmp/srv-lab-busybox
cp "$(command -v busybox)" bin/busybox; for one in sh httpd wget; do ln -s busybox bin/$one; done
tar -c . | docker import -c 'ENV PATH=/bin' - ${image} >/dev/null`,
    )
    const config = readFileSync(join(example, 'srv.config.ts'), 'utf8')
    const here = /\{ here: \{[^}]*\} \}/
    expect(config).toMatch(here)
    project = labFolder(config.replace(here, () => inventoryText([first()])))
    cpSync(join(example, 'app'), join(project.folder, 'app'), { recursive: true })
  })
  afterAll(async () => {
    project.remove()
    await removeProjects('shop')
    await onHost(first(), `rm -rf /tmp/srv-lab-busybox; docker image rm -f ${image} >/dev/null`)
  })

  it('is deployed, and has nothing to do the second time', async () => {
    expectDone(await project.srv(['deploy', 'production']))
    expect(await page(first(), 8080)).toContain('<h1>Shop</h1>')
    expect(await onHost(first(), 'curl -s localhost:8080/prices/prices.txt')).toBe('bread EUR 3.20')
    const before = await containers(first(), 'shop')
    expect(before.map((line) => line.replace(/ \w+$/, ''))).toEqual(['prices exited', 'web running'])
    expectDone(await project.srv(['deploy', 'production']))
    expect(await containers(first(), 'shop')).toEqual(before)
    expectDone(await project.srv(['status', 'production']))
  })
})
