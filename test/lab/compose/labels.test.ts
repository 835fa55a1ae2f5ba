import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeLab, onHost, page } from '../hosts.ts'
import { transcript, type Outcome } from '../project.ts'
import type { Version } from './app.ts'
import { killAt, letLeaseEnd } from './kill.ts'
import { load } from './load.ts'
import { composeProject, containers, removeProjects, saidBy, second, type ComposeProject } from './project.ts'

const service = 'lab-labels'
const port = 8142
/** Not the nginx of the host, which another test starts and stops. */
const files = { conf: `/etc/${service}.conf`, script: `/usr/local/bin/${service}` }

/**
 * What Traefik does, with nginx for its part that serves: it looks for containers anew when one starts, dies, or is healthy or
 * not any more, and some time after that; it takes those that run and have no healthcheck or are healthy; it drops a route of which
 * two say different things; and it sends no request to another one when the first does not answer. What cannot be asked, since
 * it went meanwhile, changes nothing: its end is an event too.
 */
const follower = `#!/bin/bash
apply() {
  servers= rules=
  all=$(docker ps -q --filter label=traefik.enable=true) || return
  for one in $all; do
    found=$(docker inspect -f '{{.State.Running}} {{with index .State "Health"}}{{.Status}}{{else}}healthy{{end}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}:{{index .Config.Labels "traefik.http.services.shop.loadbalancer.server.port"}} {{index .Config.Labels "traefik.http.routers.shop.rule"}}' "$one" 2>/dev/null) || return
    set -- $found
    [ "\${1:-} \${2:-}" = 'true healthy' ] || continue
    servers="$servers server $3;"
    case $rules in '' | "$4") rules=$4 ;; *) rules=none ;; esac
  done
  answer="proxy_pass http://${service}; proxy_next_upstream off;"
  if [ "\${rules:-none}" = none ]; then answer='return 404;' servers='server 127.0.0.1:9;'; fi
  echo "pid /run/${service}.pid; events { } http { access_log off; upstream ${service} { $servers } server { listen ${String(port)}; location / { $answer } } }" >${files.conf}.new
  cmp -s ${files.conf}.new ${files.conf} && return
  mv ${files.conf}.new ${files.conf}
  if [ -s /run/${service}.pid ]; then nginx -q -t -c ${files.conf} && nginx -c ${files.conf} -s reload; else nginx -c ${files.conf}; fi
}
since=$(date +%s)
apply
docker events --since "$since" --filter type=container --format '{{.Action}}' | while read -r action; do
  case $action in start | die | health_status*) ;; *) continue ;; esac
  sleep 0.5
  while read -r -t 0.01 action; do :; done
  apply
done
`

const version = (more: Partial<Version> = {}, rule = 'PathPrefix(`/`)'): Version => ({
  web: `    labels:
      traefik.enable: "true"
      traefik.http.routers.shop.rule: ${rule}
      traefik.http.services.shop.loadbalancer.server.port: "8000"
    healthcheck:
      test: ["CMD", "/bin/sh", "-c", "[ ! -e /dev/shm/leaving ] && /bin/busybox wget -qO /dev/null localhost:8000"]
      interval: 0.5s
      retries: 2
`,
  ...more,
})

function expectCode(outcome: Outcome, code: number): void {
  expect(outcome.code, transcript(outcome)).toBe(code)
}

describeLab('a compose project behind a proxy that goes by labels', () => {
  let project: ComposeProject

  beforeAll(async () => {
    await removeProjects(service)
    const write = ['exec', '-i', second().name, 'sh', '-c', `cat >${files.script} && chmod 755 ${files.script}`]
    execFileSync('docker', write, { input: follower })
    await onHost(
      second(),
      `systemctl reset-failed ${service} 2>/dev/null; systemd-run -q --unit ${service} ${files.script}`,
    )
    project = composeProject(service, {
      hosts: [second()],
      compose: `proxy: { web: { kind: 'labels', drain: ['/bin/busybox', 'touch', '/dev/shm/leaving'] } }`,
      options: 'monitorMs: Number(process.env.MONITOR_MS ?? 0), drainMs: 2000',
    })
    expectCode(await project.deploy('one', version()), 0)
  })
  afterAll(async () => {
    project.remove()
    await removeProjects(service)
    await onHost(second(), `systemctl stop ${service}; rm -f ${files.script} ${files.conf} ${files.conf}.new`)
  })

  it('loses no request while it is deployed and rolled back', async () => {
    await expect.poll(() => page(second(), port), { timeout: 30_000 }).toBe('200 one')
    const { answers, stop } = load(second(), port)
    const outcome = await project.deploy('two', version())
    expectCode(outcome, 0)
    expectCode(await project.srv(['rollback', 'production']), 0)
    await stop()
    expect(outcome.stdout).toContain('web: starting the new one beside the old one')
    expect([...answers.keys()].sort()).toEqual(['200 one', '200 two'])
    for (const count of answers.values()) expect(count).toBeGreaterThan(50)
  })

  it('goes on with the old one when the new one is broken', async () => {
    const { answers, stop } = load(second(), port)
    const outcome = await project.deploy('three', version({ behaviour: 'exits at once' }))
    await stop()
    expectCode(outcome, 5)
    expect(saidBy(outcome)).toContain('web: cannot read its settings')
    expect([...answers.keys()]).toEqual(['200 one'])
  })

  it('has the old one back, which had left, when the new one dies later', async () => {
    project.write('four', version({ behaviour: 'dies after two seconds' }))
    const outcome = await project.srv(['deploy', 'production', '--json'], { env: { MONITOR_MS: '8000' } })
    expectCode(outcome, 5)
    expect(saidBy(outcome)).toContain('web: lost its database')
    await expect.poll(() => page(second(), port), { timeout: 30_000 }).toBe('200 one')
  })

  it.for([
    ['web: starting the new one beside the old one', 'deploy', 'first'],
    ['web: the old one leaves the proxy', 'deploy', 'second'],
    ['web: the old one leaves the proxy', 'rollback', 'second'],
  ] as const)(
    'loses no request when srv is killed at "%s", and the next %s makes it whole',
    async ([line, verb, served]) => {
      const { answers, stop } = load(second(), port)
      project.write(verb === 'deploy' ? served : 'third', version())
      await killAt(project, ['deploy', 'production'], ['step.output', line])
      await letLeaseEnd(second(), service)
      expectCode(await project.srv([verb, 'production', '--json']), 0)
      await expect.poll(() => page(second(), port), { timeout: 30_000 }).toBe(`200 ${served}`)
      await stop()
      expect([...answers.keys()].filter((answer) => !answer.startsWith('200 '))).toEqual([])
      expect((await containers(second(), service)).map((one) => one.replace(/ \w+$/, ''))).toEqual(['web running'])
      expect(await onHost(second(), `cd /srv/${service}/.srv; ls lease docker/compose/open 2>/dev/null || :`)).toBe('')
    },
  )

  it('never has two containers that say different things', async () => {
    const outcome = await project.deploy('five', version({}, 'Path(`/`)'))
    expectCode(outcome, 0)
    expect(outcome.stdout).toContain('web: stopping the old one first: its labels changed, and a proxy would see both')
    await expect.poll(() => page(second(), port), { timeout: 30_000 }).toBe('200 five')
  })
})
