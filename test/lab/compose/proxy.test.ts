import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeLab, onHost, page } from '../hosts.ts'
import { transcript, type Outcome } from '../project.ts'
import { database, databaseFiles, type Version } from './app.ts'
import { load } from './load.ts'
import { composeProject, containers, removeProjects, saidBy, second, type ComposeProject } from './project.ts'

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
      options: 'monitorMs: 2000, drainMs: 1000',
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

  it('goes on with the new one until the old one serves again, when another service is sick', async () => {
    const other = (words: string): Version => ({
      behaviour: 'starts slowly',
      files: databaseFiles,
      services: `${database.replace(' db:', ' zed:')}    command: ["/bin/busybox", "sh", "-c", "${words}"]\n`,
    })
    expectDone(await project.deploy('four', other('sleep 10000')))
    const { answers, stop } = load(second(), port[kind])
    const outcome = await project.deploy('five', other('sleep 1; exit 5'))
    await stop()
    expect(outcome.code, transcript(outcome)).toBe(5)
    expect(saidBy(outcome)).toContain('zed ended with exit status 5')
    expect([...answers.keys()].sort()).toEqual(['200 five', '200 four'])
  })

  it('finds that containers have other addresses than the proxy knows, and tells it', async () => {
    expectDone(await project.deploy('six', { services: database, files: databaseFiles }))
    const address = "docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'"
    // Who starts first gets the lower address.
    await onHost(
      second(),
      `cd /; web=$(docker ps -q --filter name=${service}-web) db=$(docker ps -q --filter name=${service}-db)
first=$web last=$db
[ "$(printf '%s\n' "$(${address} $web)" "$(${address} $db)" | sort -V | head -n 1)" != "$(${address} $web)" ] || { first=$db last=$web; }
docker stop -t 0 $web $db
docker start $first
docker start $last`,
    )
    const before = await containers(second(), service)
    const status = await project.srv(['status', 'production'])
    expect(status.stdout).toContain(`the proxy of web has other addresses than its containers: ${route[kind]}`)
    expectDone(await project.deploy('six', { services: database, files: databaseFiles }))
    expect(await page(second(), port[kind])).toBe('200 six')
    expect(await containers(second(), service)).toEqual(before)
    expect((await project.srv(['status', 'production'])).stdout).not.toContain('the proxy of web')
  })
})
