import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeLab, lab, onHost, page } from '../hosts.ts'
import { runEnd, transcript, type Outcome } from '../project.ts'
import { database, databaseFiles, type Version } from './app.ts'
import {
  composeProject,
  containers,
  makeAccount,
  removeAccount,
  removeProjects,
  saidBy,
  second,
  statesOf,
  type ComposeProject,
} from './project.ts'

const service = 'lab-newer'
const port = 8190
const user = 'newer'
const placement = (): string => `${service}/docker@${second().name}`

function expectCode(outcome: Outcome, code: number): void {
  expect(outcome.code, transcript(outcome)).toBe(code)
}

/** Hosts have Compose as one release of Debian has it; docker takes a user's own plugin before that of the machine. */
describeLab('with a later Compose', () => {
  let project: ComposeProject

  beforeAll(async () => {
    await cleanUp()
    const plugins = `/home/${user}/.docker/cli-plugins`
    await makeAccount(second(), user, service)
    await onHost(second(), `mkdir -p ${plugins}`)
    execFileSync('docker', ['cp', lab().newerCompose, `${second().name}:${plugins}/docker-compose`], { stdio: 'pipe' })
    await onHost(second(), `chown -R ${user}: /home/${user}`)
    project = composeProject(service, { hosts: [second()], user })
  })
  afterAll(async () => {
    project.remove()
    await cleanUp()
  })

  async function cleanUp(): Promise<void> {
    await removeProjects(service)
    await removeAccount(second(), user)
  }

  it('is deployed, updated, undone when it is sick, and gone back to', async () => {
    expectCode(await project.deploy('one', { port }), 0)
    const said = await onHost(second(), `su - ${user} -c 'docker compose version --short'`)
    expect(Number(said.split('.')[1])).toBeGreaterThan(32)
    expectCode(await project.deploy('two', { port }), 0)
    expect(await page(second(), port)).toBe('200 two')
    const running = await containers(second(), service)
    const again = await project.deploy('two', { port })
    expectCode(again, 0)
    expect(statesOf(again)).toEqual({ [placement()]: 'unchanged' })
    const sick = await project.deploy('three', { port, behaviour: 'exits at once' })
    expectCode(sick, 5)
    expect(runEnd(sick).errors.length).toBeGreaterThan(0)
    expect(await page(second(), port)).toBe('200 two')
    expect((await containers(second(), service)).length).toBe(running.length)
    expectCode(await project.srv(['rollback', 'production', '--json']), 0)
    expect(await page(second(), port)).toBe('200 one')
    expectCode(await project.srv(['restart', 'production', '--json']), 0)
    expect((await project.srv(['ps', 'production'])).stdout).toContain('web')
  })

  it('keeps a volume that its new file defines in another way, about which Compose would ask', async () => {
    const web = '    volumes: [ "kept:/kept" ]\n'
    expectCode(await project.deploy('four', { port, web, end: 'volumes: { kept: {} }\n' }), 0)
    const file = `/var/lib/docker/volumes/${service}_kept/_data/file`
    await onHost(second(), `echo precious >${file}`)
    const changed = await project.deploy('five', { port, web, end: 'volumes: { kept: { labels: { new: "yes" } } }\n' })
    expect([changed.code, saidBy(changed), await onHost(second(), `cat ${file}`)]).toEqual([0, '', 'precious'])
    expect(await page(second(), port)).toBe('200 five')
  })

  it('makes a network anew that is defined in another way, with all that is on it, and also on the way back', async () => {
    const network = (mtu: string, behaviour: 'healthy' | 'exits at once' = 'healthy'): Version => ({
      port,
      behaviour,
      services: database,
      files: databaseFiles,
      end: `networks: { default: { driver_opts: { "com.docker.network.driver.mtu": "${mtu}" } } }\n`,
    })
    const mtu = (): Promise<string> =>
      onHost(
        second(),
        `docker network inspect -f '{{index .Options "com.docker.network.driver.mtu"}}' ${service}_default`,
      )
    const asked = (): Promise<string> =>
      onHost(
        second(),
        `docker exec $(docker ps -q --filter name=${service}-web) /bin/busybox ping -c 1 -W 2 db >/dev/null && echo reached`,
      )
    expectCode(await project.deploy('six', network('1400')), 0)
    expectCode(await project.deploy('seven', network('1300')), 0)
    expect([await mtu(), await asked(), await page(second(), port)]).toEqual(['1300', 'reached', '200 seven'])
    const sick = await project.deploy('eight', network('1200', 'exits at once'))
    expectCode(sick, 5)
    expect([await mtu(), await asked(), await page(second(), port)]).toEqual(['1300', 'reached', '200 seven'])
    expect(statesOf(await project.deploy('seven', network('1300')))).toEqual({ [placement()]: 'unchanged' })
  })

  it('takes back a first deploy over what was started by hand, with the names by which its services find each other', async () => {
    await removeProjects(service)
    const asked = `docker exec ${service}-api-1 /bin/busybox wget -qO- web:8000`
    const api = {
      port,
      services:
        '  api: { build: ., command: [sleep, "100000"], init: true, stop_grace_period: 1s, depends_on: [web] }\n',
    }
    project.write('by hand', api)
    await onHost(second(), `rm -rf /tmp/${service}; mkdir -p /srv/${service}; chown ${user}: /srv/${service}`)
    execFileSync('docker', ['cp', join(project.folder, 'app'), `${second().name}:/tmp/${service}`], { stdio: 'pipe' })
    await onHost(
      second(),
      `chown -R ${user}: /tmp/${service}
su - ${user} -c 'cd /tmp/${service} && docker compose -p ${service} up -d --build' >/dev/null 2>&1
rm -rf /tmp/${service}`,
    )
    expect(await onHost(second(), asked)).toBe('by hand')
    const before = await containers(second(), service)
    expectCode(await project.deploy('six', { ...api, behaviour: 'exits at once' }), 5)
    expect(await containers(second(), service)).toEqual(before)
    expect(await onHost(second(), asked)).toBe('by hand')
    // Compose takes the first service out of the network, and then fails, since the other one is in it.
    const redefined = await project.deploy('seven', {
      ...api,
      end: 'networks: { default: { labels: { new: "yes" } } }\n',
    })
    expectCode(redefined, 5)
    expect(saidBy(redefined)).toContain('active endpoints')
    expect(await containers(second(), service)).toEqual(before)
    expect(await onHost(second(), asked)).toBe('by hand')
    expectCode(await project.deploy('eight', api), 0)
    expect(await page(second(), port)).toBe('200 eight')
    expect((await containers(second(), service)).map((line) => line.replace(/ \w+$/, ''))).toEqual([
      'api running',
      'web running',
    ])
  })
})
