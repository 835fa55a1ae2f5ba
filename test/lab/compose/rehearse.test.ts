import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeLab, onHost } from '../hosts.ts'
import { inventoryText, labFolder, runEnd, transcript, type LabFolder, type Outcome } from '../project.ts'
import { writeFileSync } from 'node:fs'
import { writeComposeProject } from './app.ts'
import { containers, first, removeProjects } from './project.ts'

const service = 'lab-rehearse'
const tank = '/var/tmp/lab-rehearse'

function configText(rehearsal: string): string {
  return `import { defineConfig } from 'srvkit'
import { git } from 'srvkit/git'
import { dockerCompose } from 'srvkit/docker-compose'
import { rsyncBackup } from 'srvkit/rsync-backup'

export default defineConfig({
  environments: { production: { hosts: ${inventoryText([first()])} } },
  plugins: [git({ source: 'files' }), dockerCompose({ monitorMs: 0, drainMs: 0 }), rsyncBackup({ to: '${tank}' })],
  services: {
    '${service}': {
      instances: { docker: { kind: 'docker', git: { path: 'app' }, compose: {}, backup: { rehearsal: { ${rehearsal} } } } },
    },
  },
})
`
}

describeLab('rehearsing a restore of a compose project', () => {
  let project: LabFolder

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  const rehearse = (code: number, rehearsal: string): Promise<Outcome> => {
    writeFileSync(join(project.folder, 'srv.config.ts'), configText(rehearsal))
    return srv(code, 'restore', 'production', '--rehearse')
  }
  const proof = async (): Promise<unknown> =>
    JSON.parse(await onHost(first(), `tail -n 1 ${tank}/*/${service}/rehearsals.jsonl`))
  const left = (): Promise<string> =>
    onHost(
      first(),
      `for kind in container volume network; do docker $kind ls -q $([ $kind != container ] || echo -a) --filter label=com.docker.compose.project=srv-rehearsal-${service}; done; ls -d /srv/${service}/.rehearsal 2>/dev/null || :`,
    )
  const version = (text: string): void => {
    writeComposeProject(join(project.folder, 'app'), text, {
      port: 18_790,
      web: `    container_name: ${service}-fixed
    labels: { traefik.enable: "true" }
    volumes: ["\${SRV_DATA}/state:/data", "named:/named", "/var/tmp/${service}-outside:/outside", "./conf:/conf:ro", "./spool:/spool"]
    healthcheck: { test: ["CMD", "/bin/busybox", "test", "-e", "/data/file"], interval: 0.5s, retries: 20 }
    environment: { MODE: real }
`,
      end: 'volumes: { named: {} }\n',
      files: { conf: `${text}\n`, 'spool/queue': 'nothing\n' },
    })
  }

  beforeAll(async () => {
    await removeProjects(service)
    await onHost(
      first(),
      `rm -rf ${tank}; mkdir -p ${tank} /var/tmp/${service}-outside /srv/${service}/data/state; echo old >/srv/${service}/data/state/file; chown -R deploy: ${tank} /srv/${service}`,
    )
    project = labFolder(configText(''))
    version('one')
    await srv(0, 'deploy', 'production')
    await srv(0, 'backup', 'production')
    await onHost(first(), `echo new >/srv/${service}/data/state/file`)
    version('two')
    await srv(0, 'deploy', 'production')
    // The app keeps to itself what it wrote into a folder of the release: the log-in user may not read it.
    await onHost(
      first(),
      `for one in /srv/${service}/.srv/docker/compose/mounts/*.*; do [ ! -d "$one" ] || install -m 600 /dev/null "$one/private"; done; ls /srv/${service}/.srv/docker/compose/mounts/*/private`,
    )
  })
  afterAll(async () => {
    project.remove()
    await removeProjects(service)
    await onHost(first(), `rm -rf ${tank} /var/tmp/${service}-outside`)
  })

  it('starts its frozen release as a project of another name, and touches nothing of the one that serves', async () => {
    const before = await containers(first(), service)
    const inside = (words: string): string => `docker exec "$SRV_PROJECT-web-1" /bin/busybox ${words}`
    const holds = [
      `[ "$(${inside('cat /data/file')})" = old ]`,
      `[ "$(${inside('cat /www/index.html /conf')} | tr '\\n' ' ')" = 'one one ' ]`,
      `[ "$(${inside('env')} | grep MODE)" = MODE=scratch ]`,
      `[ -z "$(docker port "$SRV_PROJECT-web-1")" ]`,
      inside('touch /data/written /named/written /outside/written'),
      `[ -z "$(docker inspect -f '{{index .Config.Labels "traefik.enable"}}' "$SRV_PROJECT-web-1")" ]`,
      `[ -e "$SRV_DATA/state/written" ]`,
    ].join(' && ')
    await rehearse(0, `assert: ${JSON.stringify(holds)}, variables: { MODE: 'scratch' }`)
    expect(await proof()).toMatchObject({ ok: true, checked: ['data', 'release', 'health', 'assert'], note: '' })
    expect(await left()).toBe('')
    expect(await containers(first(), service)).toEqual(before)
    const reached = `ls /srv/${service}/data/state /var/tmp/${service}-outside; docker exec ${service}-fixed /bin/busybox ls /named`
    expect(await onHost(first(), reached)).toBe(`/srv/${service}/data/state:\nfile\n\n/var/tmp/${service}-outside:`)
  })

  it('leaves nothing when a container does not become healthy', async () => {
    await onHost(first(), `mv /srv/${service}/data/state/file /srv/${service}/data/state/other`)
    await srv(0, 'backup', 'production', '--allow-shrunk')
    await onHost(first(), `cp /srv/${service}/data/state/other /srv/${service}/data/state/file`)
    const [error] = runEnd(await rehearse(10, '')).errors
    expect(error?.message).toContain('was not healthy: web is unhealthy, says its healthcheck.')
    expect(await proof()).toMatchObject({ ok: false, checked: ['data', 'release'] })
    expect(await left()).toBe('')
  })
})
