import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { describeLab, onHost, page } from '../hosts.ts'
import { runEnd, transcript, type Outcome } from '../project.ts'
import { database, databaseFiles } from './app.ts'
import {
  commandsOn,
  composeProject,
  containers,
  first,
  removeProjects,
  second,
  saidBy,
  statesOf,
  type ComposeProject,
} from './project.ts'

const service = 'lab-compose'
const port = 8091
const instance = `${service}/docker`
const withDatabase = {
  port,
  web: '    depends_on: { db: { condition: service_healthy } }\n',
  services: database,
  files: databaseFiles,
}

const pagesOfBoth = (port: number): Promise<string[]> => Promise.all([page(first(), port), page(second(), port)])

function expectCode(outcome: Outcome, code: number): void {
  expect(outcome.code, transcript(outcome)).toBe(code)
}

describeLab('a compose project', () => {
  let project: ComposeProject

  beforeAll(() => removeProjects(service, 'lab-other'))
  afterEach(async () => {
    project.remove()
    await removeProjects(service, 'lab-other')
  })
  afterAll(() => removeProjects(service, 'lab-other'))

  it('is deployed, updated by at most six commands with what did not change left alone, and then has nothing to do', async () => {
    project = composeProject(service)
    expectCode(await project.deploy('one', withDatabase), 0)
    expect(await page(first(), port)).toBe('200 one')
    const before = await containers(first(), service)
    expect(before.map((line) => line.replace(/ \w+$/, ''))).toEqual(['db running', 'web running'])

    const counted = await commandsOn(first())
    const begun = performance.now()
    const outcome = await project.deploy('two', withDatabase)
    const signs = Math.floor((performance.now() - begun) / 15_000)
    expectCode(outcome, 0)
    expect(statesOf(outcome)).toEqual({ [`${instance}@${first().name}`]: 'new' })
    const needed = (await commandsOn(first())) - counted
    // None would mean that sshd's log was not read.
    expect(needed).toBeGreaterThan(3)
    // On a machine that is so slow the lease gives a sign of life every 15 seconds, which is a command as well.
    expect(needed).toBeLessThanOrEqual(6 + signs)
    expect(await page(first(), port)).toBe('200 two')
    const after = await containers(first(), service)
    expect(after[0]).toBe(before[0])
    expect(after[1]).not.toBe(before[1])

    const again = await project.deploy('two', withDatabase)
    expectCode(again, 0)
    expect(statesOf(again)).toEqual({ [`${instance}@${first().name}`]: 'unchanged' })
    expect(await containers(first(), service)).toEqual(after)
    expect(
      await onHost(first(), `stat -c %a /srv/${service}/.srv /srv/${service}/.srv/docker/compose/2*/model.json`),
    ).toMatch(/^700\n600\n600$/)
  })

  it('keeps the containers that stay when only their number is another', async () => {
    project = composeProject(service)
    const some = (replicas: number) => ({ web: `    deploy: { replicas: ${String(replicas)} }\n` })
    const counted = async (replicas: number): Promise<readonly string[]> => {
      expectCode(await project.deploy('one', some(replicas)), 0)
      const all = await containers(first(), service)
      expect(all.map((line) => line.replace(/ \w+$/, ''))).toEqual(
        Array.from({ length: replicas }, () => 'web running'),
      )
      return all
    }
    const one = await counted(1)
    const three = await counted(3)
    expect(three).toEqual(expect.arrayContaining([...one]))
    const two = await counted(2)
    expect(three).toEqual(expect.arrayContaining([...two]))
    expectCode(await project.srv(['rollback', 'production']), 0)
    expect(await containers(first(), service)).toHaveLength(3)
    expect(await containers(first(), service)).toEqual(expect.arrayContaining([...two]))
  })

  it('goes back with its files, its environment, its secrets and its image, and builds nothing', async () => {
    project = composeProject(service)
    const version = (name: string): Parameters<ComposeProject['deploy']>[1] => ({
      port,
      web: '    volumes: [ "./conf:/www/conf:ro" ]\n    environment: { NAME: "${NAME:-}" }\n    secrets: [ { source: token, target: /www/token } ]\n',
      services:
        '  twin: { build: { context: ., secrets: [ token ], dockerfile: twin }, command: [sleep, "100000"], init: true }\n',
      end: 'secrets: { token: { environment: TOKEN } }\n',
      files: {
        'conf/file': `${name}\n`,
        '.env': `NAME=${name}\nTOKEN='$secret of ${name}'\n`,
        // A secret is no part of what a build is cached by.
        twin: 'FROM scratch\nCOPY busybox /bin/busybox\nCOPY conf /conf\nRUN --mount=type=secret,id=token ["/bin/busybox", "cp", "/run/secrets/token", "/token"]\nENTRYPOINT ["/bin/busybox"]\n',
      },
    })
    const secrets = `curl -s localhost:${String(port)}/token; docker exec ${service}-twin-1 /bin/busybox cat /token`
    expectCode(await project.deploy('one', version('one')), 0)
    expectCode(await project.deploy('two', version('two')), 0)
    const asked = `curl -s localhost:${String(port)}/conf/file; docker exec ${service}-web-1 /bin/busybox env | grep ^NAME=`
    expect(await onHost(first(), asked)).toMatch(/^two\nNAME=two$/)
    expect(await onHost(first(), secrets)).toBe('$secret of two$secret of two')
    // The value stands nowhere but in a file of the release.
    expect(await onHost(first(), `grep -rlF 'secret of' /srv/${service}/.srv/docker/compose | wc -l`)).toBe('2')
    // What it would be built from is gone. The host's cache of builds belongs to all tests.
    execFileSync('rm', ['-r', join(project.folder, 'app')])
    const outcome = await project.srv(['rollback', 'production', '--json'])
    expectCode(outcome, 0)
    expect(await page(first(), port)).toBe('200 one')
    expect(await onHost(first(), asked)).toMatch(/^one\nNAME=one$/)
    expect(await onHost(first(), secrets)).toBe('$secret of one$secret of one')
    expect(outcome.stdout).not.toContain('compose:build')
  })

  it('whose port is taken by somebody else is brought back', async () => {
    project = composeProject(service)
    expectCode(await project.deploy('one', { port }), 0)
    const taker = `setsid busybox httpd -f -p ${String(port + 1)} -h /srv >/dev/null 2>&1 & echo $!`
    const pid = await onHost(first(), taker)
    const outcome = await project.deploy('two', { port: port + 1 })
    await onHost(first(), `kill ${pid}`)
    expectCode(outcome, 5)
    expect(saidBy(outcome)).toContain('address already in use')
    expect(await page(first(), port)).toBe('200 one')
  })

  it('hands a port and a name over to another service, and back when that one fails', async () => {
    project = composeProject(service)
    const fixed = `    container_name: ${service}-fixed\n`
    const heir = (name: string, healthy: boolean) => ({
      services: `  ${name}:
    build: .
    command: [httpd, -f, -p, "8000", -h, /www]
    init: true
    stop_grace_period: 1s
    depends_on: [web]
    ports: ["${String(port)}:8000"]
    healthcheck: { test: ["CMD", "/bin/busybox", "${String(healthy)}"], interval: 0.2s, retries: 1 }
${fixed}`,
    })
    const services = async (): Promise<readonly string[]> =>
      (await containers(first(), service)).map((line) => line.replace(/ \w+$/, ''))
    const holder = `docker inspect -f '{{index .Config.Labels "com.docker.compose.service"}}' ${service}-fixed`
    expectCode(await project.deploy('one', { port, web: fixed }), 0)
    expectCode(await project.deploy('two', heir('edge', false)), 5)
    expect([await page(first(), port), await onHost(first(), holder)]).toEqual(['200 one', 'web'])
    expectCode(await project.deploy('two', heir('edge', true)), 0)
    expect([await page(first(), port), await onHost(first(), holder)]).toEqual(['200 two', 'edge'])
    // Another name for the same service.
    expectCode(await project.deploy('two', heir('front', false)), 5)
    expect([await page(first(), port), await onHost(first(), holder)]).toEqual(['200 two', 'edge'])
    expectCode(await project.deploy('three', heir('front', true)), 0)
    expect(await services()).toEqual(['front running', 'web running'])
    expectCode(await project.srv(['rollback', 'production']), 0)
    expect([await page(first(), port), await onHost(first(), holder)]).toEqual(['200 two', 'edge'])
    expect(await services()).toEqual(['edge running', 'web running'])
  })

  it('with a file that is missing, and data in the release, is refused before anything is touched', async () => {
    project = composeProject(service)
    expectCode(await project.deploy('one', { port }), 0)
    const before = await containers(first(), service)
    const missing = await project.deploy('two', { port, web: '    env_file: [ absent.env ]\n' })
    expectCode(missing, 5)
    expect(saidBy(missing)).toContain('absent.env')
    const lost = await project.deploy('two', { port, web: '    volumes: [ "./uploads:/uploads" ]\n' })
    expectCode(lost, 5)
    expect(saidBy(lost)).toContain('every deploy would create it anew. Put data below ${SRV_DATA}')
    expect(await containers(first(), service)).toEqual(before)
    expect(await page(first(), port)).toBe('200 one')
  })

  it('keeps a volume that its new file defines in another way, with what is in it', async () => {
    project = composeProject(service)
    const web = '    volumes: [ "kept:/kept" ]\n'
    expectCode(await project.deploy('one', { port, web, end: 'volumes: { kept: {} }\n' }), 0)
    await onHost(first(), `echo precious > /var/lib/docker/volumes/${service}_kept/_data/file`)
    const outcome = await project.deploy('two', { port, web, end: 'volumes: { kept: { labels: { new: "yes" } } }\n' })
    expectCode(outcome, 0)
    expect(await onHost(first(), `cat /var/lib/docker/volumes/${service}_kept/_data/file`)).toBe('precious')
  })

  it('says how it drifted, and a deploy puts it right', async () => {
    project = composeProject(service)
    const options = { port, web: '    volumes: [ "./conf:/www/conf:ro" ]\n', files: { 'conf/file': 'one\n' } }
    expectCode(await project.deploy('one', options), 0)
    await onHost(
      first(),
      `file=$(ls /srv/${service}/.srv/docker/compose/mounts/*/file) && echo changed > "$file"
docker stop -t 1 ${service}-web-1 && docker rm ${service}-web-1 && docker run -d --init --name ${service}-web-1 --network ${service}_default \\
  --label com.docker.compose.project=${service} --label com.docker.compose.service=web --label com.docker.compose.oneoff=False \\
  $(docker image ls -q srv/${service}-web | head -n 1) sleep 1000`,
    )
    const drift = async (): Promise<readonly string[] | undefined> => {
      const { stdout } = await project.srv(['status', 'production', '--json'])
      return (JSON.parse(stdout) as { instances: { drift: string[] }[] }).instances[0]?.drift
    }
    expect(await drift()).toEqual([
      `${service}-web-1 was not started by srv`,
      expect.stringMatching(/^a mounted file has changed: \/srv\/.*\/conf$/) as string,
    ])
    const outcome = await project.deploy('one', options)
    expectCode(outcome, 0)
    expect(await page(first(), port)).toBe('200 one')
    expect(await onHost(first(), `curl -s localhost:${String(port)}/conf/file`)).toBe('one')
    expect((await project.srv(['status', 'production'])).stdout).toContain('none')
    await onHost(first(), `docker stop -t 1 ${service}-web-1`)
    expect(await drift()).toEqual(['web: 0 of 1 containers run'])
  })

  it('answers logs, ps and exec, and is restarted, stopped and started', async () => {
    project = composeProject(service)
    expectCode(await project.deploy('one', withDatabase), 0)
    const ps = await project.srv(['ps', 'production'])
    expect(ps.stdout).toContain(`${service}-db-1`)
    const exec = await project.srv([
      'exec',
      'production',
      '--in',
      'web',
      '--',
      '/bin/busybox',
      'cat',
      '/www/index.html',
    ])
    expect(exec.stdout).toBe(`${instance}@${first().name}  one\n`)
    const before = await containers(first(), service)
    const starts = async (): Promise<readonly string[]> =>
      (await onHost(first(), `docker inspect -f '{{.State.StartedAt}}' ${service}-db-1 ${service}-web-1`)).split('\n')
    const begun = await starts()
    expectCode(await project.srv(['restart', 'production']), 0)
    const restarted = await starts()
    expect(restarted.map((one, at) => one === begun[at])).toEqual([false, false])
    expectCode(await project.srv(['stop', 'production']), 0)
    expect(await page(first(), port)).toBe('ECONNREFUSED')
    expectCode(await project.srv(['start', 'production']), 0)
    expect(await page(first(), port)).toBe('200 one')
    expect(await containers(first(), service)).toEqual(before)
    const logs = await project.srv(['logs', 'production', '-n', '5'])
    expectCode(logs, 0)
  })

  it('stays apart from another one on the same host, and is deployed to two hosts', async () => {
    project = composeProject(service, {
      hosts: [first(), second()],
      services: `'lab-other': { instances: { docker: { kind: 'docker', git: { source: 'files', path: 'app' }, compose: { files: ['other.yaml'] } } } },`,
    })
    const other = `services:\n  web: { build: ., command: ["httpd", "-f", "-p", "8000", "-h", "/www"], init: true, stop_grace_period: 1s, ports: ["${String(port + 2)}:8000"] }\n`
    const outcome = await project.deploy('one', { port, files: { 'other.yaml': other } })
    expectCode(outcome, 0)
    expect(await pagesOfBoth(port)).toEqual(['200 one', '200 one'])
    const before = await containers(first(), 'lab-other')
    expectCode(await project.deploy('two', { port, files: { 'other.yaml': other } }, service), 0)
    expect(await pagesOfBoth(port)).toEqual(['200 two', '200 two'])
    expect(await pagesOfBoth(port + 2)).toEqual(['200 one', '200 one'])
    expect(await containers(first(), 'lab-other')).toEqual(before)
    expect(runEnd(outcome).exit_code).toBe(0)
  })

  it('keeps as many releases as it is told, and no more images', async () => {
    project = composeProject(service, { options: 'monitorMs: 0, keep: 2' })
    for (const version of ['one', 'two', 'three', 'four']) expectCode(await project.deploy(version, { port }), 0)
    await onHost(first(), 'docker tag $(docker image ls -q srv/lab-compose-web | head -n 1) somebody/elses:1')
    expectCode(await project.deploy('five', { port }), 0)
    const tags = await onHost(first(), `docker image ls --format '{{.Tag}}' srv/${service}-web | sort`)
    const frozen = await onHost(first(), `ls -d /srv/${service}/.srv/docker/compose/2* | xargs -n 1 basename`)
    expect(tags).toBe(frozen)
    expect(tags.split('\n')).toHaveLength(2)
    expect(
      await onHost(first(), 'docker image ls -q somebody/elses:1 | wc -l; docker image rm somebody/elses:1 >/dev/null'),
    ).toBe('1')
  })
})

describeLab('a broken version of a compose project', () => {
  let project: ComposeProject
  let before: readonly string[]

  beforeAll(async () => {
    await removeProjects(service)
    project = composeProject(service, { options: `monitorMs: Number(process.env.MONITOR_MS ?? 0)` })
    expectCode(await project.deploy('one', withDatabase), 0)
    before = await containers(first(), service)
  })
  afterAll(async () => {
    project.remove()
    await removeProjects(service)
  })

  it.for([
    ['build fails', 'compose:build failed'],
    ['exits at once', 'web: cannot read its settings'],
    ['crashes again and again', 'web: no database'],
    ['never healthy', 'web is unhealthy, says its healthcheck'],
    ['becomes unhealthy', 'web is unhealthy, says its healthcheck'],
    ['dies after two seconds', 'web: lost its database'],
    ['ends with status 0', 'web ended'],
  ] as const)('that %s is brought back, and says why', async ([behaviour, reason]) => {
    project.write('two', { ...withDatabase, behaviour })
    const env = { MONITOR_MS: '3000' }
    const outcome = await project.srv(['deploy', 'production', '--json'], { env })
    expectCode(outcome, 5)
    expect(saidBy(outcome)).toContain(reason)
    expect(await page(first(), port)).toBe('200 one')
    const after = await containers(first(), service)
    expect(after[0]).toBe(before[0])
    if (behaviour === 'build fails') expect(after).toEqual(before)
    else
      expect(await onHost(first(), `ls /srv/${service}/.srv/docker/compose/2*/failed | sort -u | grep web`)).toBe(
        'web.json\nweb.log',
      )
    before = after
    expect(await onHost(first(), `docker image ls -q 'srv/${service}-web' | wc -l`)).toBe('1')
    const status = await project.srv(['status', 'production', '--json'])
    expect((JSON.parse(status.stdout) as { instances: { drift: string[] }[] }).instances[0]?.drift).toEqual([])
  })
})
