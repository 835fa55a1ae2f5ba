import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { describeLab, onHost, page } from '../hosts.ts'
import { inventoryText, labFolder, runEnd, transcript, type LabFolder, type Outcome } from '../project.ts'
import { traces } from '../backup/project.ts'
import { writeComposeProject } from './app.ts'
import { killAt, letLeaseEnd } from './kill.ts'
import { containers, first, removeProjects, second } from './project.ts'

const service = 'lab-with-data'
const tank = `/var/tmp/${service}`
const port = 18_791

describeLab('rolling back a compose project with its data', () => {
  let project: LabFolder
  let count = 0

  async function srv(code: number, ...args: readonly string[]): Promise<Outcome> {
    const outcome = await project.srv([...args, '--json'])
    expect(outcome.code, transcript(outcome)).toBe(code)
    return outcome
  }
  const rollback = ['rollback', 'production', '--with-data'] as const

  /** Each version has an image of its own, for the app and for its database, and is sick where a file of its name says so. */
  const write = (version: string): void => {
    writeComposeProject(join(project.folder, 'app'), version, {
      port,
      web: `    healthcheck: { test: ["CMD", "/bin/busybox", "test", "!", "-e", "/outside/${version}"], interval: 0.3s, retries: 2 }
    volumes: [ "${tank}/outside:/outside:ro", "\${SRV_DATA}:/data:ro" ]
`,
      services: `  db:
    build: .
    init: true
    stop_grace_period: 1s
    command: sleep 100000
    volumes: [ "store:/store" ]
`,
      end: 'volumes: { store: {} }\n',
    })
  }
  /** The app writes something, to its files and to its database. */
  const fill = (text: string): Promise<string> =>
    onHost(
      first(),
      `su deploy -c "echo '${text}' >/srv/${service}/data/words" && docker exec ${service}-db-1 /bin/sh -c 'echo "${text}" >/store/words'`,
    )
  /** Which release serves, with which files and in which database; all three belong together. */
  async function serving(): Promise<readonly string[]> {
    const read = `cat /srv/${service}/data/words; docker exec ${service}-db-1 /bin/sh -c 'cat /store/words /www/index.html'`
    return [await page(first(), port), ...(await onHost(first(), read)).split('\n')]
  }
  const whole = (version: string): readonly string[] => [`200 ${version}`, `of ${version}`, `of ${version}`, version]
  const states = async (): Promise<readonly string[]> =>
    (await containers(first(), service)).map((line) => line.split(' ').slice(0, 2).join(' '))
  /** What a run leaves that it should not. */
  const left = (): Promise<string> =>
    onHost(
      first(),
      `cd /srv/${service}/.srv/docker/compose && ls | grep -vE '^[0-9]{8}T|^(active|former|left|made|mounts|networks|project)$' || :
cd /srv/${service} && ls -A | grep -e .restore || :`,
    )

  /** Two releases, and the second one has written more. */
  async function deployTwo(): Promise<readonly [string, string]> {
    const versions = [`version-${String(++count)}`, `version-${String(++count)}`] as const
    for (const version of versions) {
      write(version)
      await srv(0, 'deploy', 'production')
      await fill(`of ${version}`)
    }
    expect(await serving()).toEqual(whole(versions[1]))
    return versions
  }

  beforeAll(async () => {
    await cleanUp()
    project = labFolder(`import { defineConfig, http } from 'srvkit'
import { git } from 'srvkit/git'
import { dockerCompose } from 'srvkit/docker-compose'
import { dump, rsyncBackup } from 'srvkit/rsync-backup'

const store = dump({ name: 'store', in: 'db', command: 'cat /store/words', load: 'cat >/store/words' })

export default defineConfig({
  environments: { production: { hosts: ${inventoryText([first(), second()])} } },
  plugins: [git({ source: 'files' }), dockerCompose({ monitorMs: 0, drainMs: 0 }), rsyncBackup({ to: '${second().name}:${tank}' })],
  services: {
    '${service}': {
      hosts: ['${first().name}'],
      instances: {
        docker: {
          kind: 'docker',
          git: { path: 'app' },
          compose: {},
          health: http(':${String(port)}/', { samples: 2, intervalMs: 200, timeoutMs: 20_000 }),
          backup: { beforeDeploy: true, dumps: [store] },
        },
      },
    },
  },
})
`)
  })
  beforeEach(async () => {
    await onHost(first(), `rm -rf ${tank} && mkdir -p ${tank}/outside && chown -R deploy: ${tank}`)
  })
  afterAll(async () => {
    project.remove()
    await cleanUp()
  })

  async function cleanUp(): Promise<void> {
    await removeProjects(service)
    for (const host of [first(), second()]) await onHost(host, `rm -rf ${tank} /srv/${service}`)
    await onHost(second(), `mkdir -p ${tank} && chown deploy: ${tank}`)
  }

  it('has the release of before on what it wrote, and forwards once more', async () => {
    const [one, two] = await deployTwo()
    const outcome = await srv(0, ...rollback)
    expect(await serving()).toEqual(whole(one))
    expect(await states()).toEqual(['db running', 'web running'])
    expect([await left(), await traces(first(), service)]).toEqual(['', ''])
    expect(transcript(outcome)).not.toContain('is gone')
    // What was written since is kept, that of the database too.
    expect(await onHost(first(), `cd /srv/${service} && cat data.before-*/words dumps.before-*/store.dump`)).toBe(
      `of ${two}\nof ${two}`,
    )
    await onHost(first(), `cd /srv/${service} && rm -rf *.before-*`)
  })

  it('has all of it back when the release of before does not become healthy', async () => {
    const [one, two] = await deployTwo()
    await onHost(first(), `touch ${tank}/outside/${one}`)
    const outcome = await srv(5, ...rollback)
    expect(runEnd(outcome).errors[0]?.message).toContain('unhealthy')
    expect(await serving()).toEqual(whole(two))
    expect(await states()).toEqual(['db running', 'web running'])
    expect([await left(), await traces(first(), service)]).toEqual(['', ''])
    await onHost(first(), `rm ${tank}/outside/${one}`)
    await srv(0, ...rollback)
    expect(await serving()).toEqual(whole(one))
  })

  it.for([
    ['step.output', 'becomes that of'],
    ['step.start', 'compose:up'],
    ['step.output', 'starting its existing containers'],
    ['step.end', 'compose:up'],
  ])('is cut off at %s of %s, and its host has one release on its own data', async (words) => {
    const [one, two] = await deployTwo()
    await killAt(project, rollback, words)
    await letLeaseEnd(first(), service)
    const ended = `ls /srv/${service}/.srv/timer/run /srv/${service}/.srv/held/docker 2>/dev/null || :; grep -s -e -end /srv/${service}/.srv/lease/run || :`
    await expect.poll(() => onHost(first(), ended), { timeout: 90_000, interval: 300 }).toBe('')
    expect([whole(one), whole(two)]).toContainEqual(await serving())
    expect(await states()).toEqual(['db running', 'web running'])
    await srv(0, 'deploy', 'production')
    expect((await serving())[0]).toBe(`200 ${two}`)
    expect([await left(), await traces(first(), service)]).toEqual(['', ''])
  })
})
