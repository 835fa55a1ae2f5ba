import { afterEach, beforeEach, expect, it } from 'vitest'
import type { LabHost } from '../global-setup.ts'
import { describeLab, lab, onHost } from '../hosts.ts'
import { transcript } from '../project.ts'
import { composeProject, containers, removeProjects, saidBy, type ComposeProject } from './project.ts'

const service = 'lab-refuse'
const plugin = '/usr/libexec/docker/cli-plugins/docker-compose'
const old = '/usr/local/bin/docker-compose'

/** A host that no other test of containers uses: it goes without Compose for a while. */
const host = (): LabHost => lab().hosts[0]

describeLab('a host with nothing but Compose v1', () => {
  let project: ComposeProject

  beforeEach(async () => {
    await removeProjects(service)
    await onHost(host(), `mv ${plugin} ${plugin}.away; printf '#!/bin/sh\\necho 1.29.2\\n' > ${old}; chmod +x ${old}`)
  })
  afterEach(async () => {
    project.remove()
    await onHost(host(), `mv ${plugin}.away ${plugin}; rm ${old}`)
    await removeProjects(service)
  })

  it('is refused before anything is changed, with the packages that help', async () => {
    project = composeProject(service, { hosts: [host()] })
    const outcome = await project.deploy('one')
    expect(outcome.code, transcript(outcome)).toBe(9)
    expect(saidBy(outcome)).toContain('there is only docker-compose 1.29.2, which ended in 2023')
    expect(outcome.stdout).toContain(
      'Install the package docker-compose-plugin (from Docker), docker-compose-v2 (Ubuntu) or docker-compose (Debian 13).',
    )
    expect(await containers(host(), service)).toEqual([])
    expect(await onHost(host(), `ls /srv/${service} 2>/dev/null || :`)).toBe('')
  })
})
