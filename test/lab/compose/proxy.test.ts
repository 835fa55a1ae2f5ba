import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeLab, onHost } from '../hosts.ts'
import { transcript, type Outcome } from '../project.ts'
import { load } from './load.ts'
import { composeProject, removeProjects, second, type ComposeProject } from './project.ts'

const service = 'lab-proxy'
const file = { nginx: '/etc/nginx/conf.d/lab-proxy.conf', caddy: '/etc/caddy/Caddyfile' }
/** Where srv writes the addresses. */
const route = { nginx: '/etc/nginx/conf.d/srv-lab-proxy-web.conf', caddy: '/etc/caddy/srv/lab-proxy-web.caddy' }
const port = { nginx: 8140, caddy: 8141 }

/** How the proxies of Debian are told of the upstream that srv writes. */
const setup = {
  nginx: `cat > ${file.nginx} <<'END'
upstream lab-proxy-web { server 127.0.0.1:9; }
server { listen ${String(port.nginx)}; location / { proxy_pass http://lab-proxy-web; } }
END
sed -i '/^upstream/d' ${file.nginx}
mkdir -p /etc/nginx/conf.d; [ -e /etc/nginx/conf.d/srv-lab-proxy-web.conf ] || echo 'upstream lab-proxy-web { server 127.0.0.1:9; }' > /etc/nginx/conf.d/srv-lab-proxy-web.conf
systemctl restart nginx`,
  caddy: `mkdir -p /etc/caddy/srv
printf '(lab-proxy-web) {\\n}\\n' > /etc/caddy/srv/lab-proxy-web.caddy
printf 'import srv/*.caddy\\n:${String(port.caddy)} {\\n  import lab-proxy-web\\n}\\n' > ${file.caddy}
systemctl restart caddy`,
} as const

function expectDone(outcome: Outcome): void {
  expect(outcome.code, transcript(outcome)).toBe(0)
}

describeLab.each(['nginx', 'caddy'] as const)('a compose project behind %s', (kind) => {
  let project: ComposeProject

  beforeAll(async () => {
    await removeProjects(service)
    await onHost(second(), setup[kind])
    project = composeProject(service, {
      hosts: [second()],
      compose: `proxy: { web: { kind: '${kind}', port: 8000 } }`,
      options: 'monitorMs: 0, drainMs: 1000',
    })
    expectDone(await project.deploy('one'))
  })
  afterAll(async () => {
    project.remove()
    await removeProjects(service)
    await onHost(
      second(),
      `systemctl stop ${kind}; rm -rf ${file.nginx} /etc/nginx/conf.d/srv-lab-proxy-web.conf /etc/caddy/srv`,
    )
  })

  it('loses no request while it is deployed with two containers and rolled back to one', async () => {
    const { answers, stop } = load(second(), port[kind])
    const outcome = await project.deploy('two', { web: '    deploy: { replicas: 2 }\n' })
    expectDone(outcome)
    expect(await onHost(second(), `grep -oE '[0-9.]+:8000' ${route[kind]} | sort -u | wc -l`)).toBe('2')
    expectDone(await project.srv(['rollback', 'production']))
    await stop()
    expect(outcome.stdout).toContain('web: starting the new one beside the old one')
    expect([...answers.keys()].sort()).toEqual(['200 one', '200 two'])
    for (const count of answers.values()) expect(count).toBeGreaterThan(50)
  })

  it('goes on with the old one when the new one is broken', async () => {
    const { answers, stop } = load(second(), port[kind])
    project.write('three', { behaviour: 'exits at once' })
    const outcome = await project.srv(['deploy', 'production', '--json'])
    await stop()
    expect(outcome.code, transcript(outcome)).toBe(5)
    expect([...answers.keys()]).toEqual(['200 one'])
  })
})
