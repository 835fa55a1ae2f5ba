import { chmod, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dockerCompose as plugin } from '../../../plugins/docker-compose/index.ts'
import { settingsSchema } from '../../../plugins/docker-compose/options.ts'
import { buildScript, lookScript } from '../../../plugins/docker-compose/scripts/build.ts'
import { siteOf } from '../../../plugins/docker-compose/scripts/prologue.ts'
import { quote, type Answer } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { explanationOf, runTask, testPlacement } from '../../../src/testing.ts'
import { folder, shellOf, shells, write } from '../git/machine.ts'
import { before, next, shop } from './situation.ts'

const { id } = next.release

/** A service that is built under a name of its own or that of Compose, and services that run what it or nobody here builds. */
const services = {
  api: { build: { context: '.' } },
  cron: { image: 'docker.io/library/shop:latest' },
  elsewhere: { image: 'shop:2' },
  jobs: { image: 'shop-api' },
  web: { build: { context: '.' }, image: 'shop' },
  worker: { image: 'shop' },
}

test.each(shells)('looks only for images that no service of the project builds with %s', async (shell) => {
  const run = await shellOf(shell)
  const base = await folder()
  await write(base, {
    [`.new-${id}/base.json`]: `${JSON.stringify({ services }, null, 2)}\n`,
    'bin/docker': `#!/bin/sh\nprintf '%s\\n' "$*" >> ${quote(join(base, 'asked'))}\n`,
  })
  await chmod(join(base, 'bin/docker'), 0o755)
  const asked = async (pull: string): Promise<readonly string[]> => {
    const site = siteOf(testPlacement(shop()), settingsSchema.parse({ pull }))
    const text = buildScript({ ...site, layout: { ...site.layout, compose: base }, isHere: true }, id, {
      builds: true,
      pulls: true,
    })
    const path = `rm -f ${quote(join(base, 'asked'))}\nPATH=${quote(join(base, 'bin'))}:$PATH`
    expect(await run(`${path}\n${display(text)}`)).toEqual({ code: 0, stdout: '', stderr: '' })
    const lines = (await readFile(join(base, 'asked'), 'utf8')).trimEnd().split('\n')
    return lines.map((line) => line.replace(/^compose .*\.json (?=build|pull)/, ''))
  }
  expect(await asked('missing')).toEqual(['build api web', 'image inspect shop:2'])
  expect(await asked('always')).toEqual(['build --pull api web', 'pull --quiet elsewhere'])
  const facts = (await readFile(join(base, `.new-${id}/facts`), 'utf8')).split('\n')
  expect(facts.filter((line) => line.startsWith('shares\t')).sort()).toEqual([
    'shares\tcron\tweb',
    'shares\tjobs\tapi',
    'shares\tworker\tweb',
  ])
})

test.each(shells)('names what the config says of services that there are not, with %s', async (shell) => {
  const run = await shellOf(shell)
  const base = await folder()
  await write(base, {
    [`.new-${id}/base.json`]: `${JSON.stringify({ services }, null, 2)}\n`,
    'bin/docker': `#!/bin/sh\nprintf '%s\\n' "$*" >> ${quote(join(base, 'asked'))}\n`,
  })
  await chmod(join(base, 'bin/docker'), 0o755)
  const build = (settings: object): Promise<Answer> => {
    const site = siteOf(testPlacement(shop()), settingsSchema.parse(settings))
    const there = { ...site, layout: { ...site.layout, compose: base }, isHere: true }
    const text = buildScript(there, id, { builds: true, pulls: true })
    return run(`PATH=${quote(join(base, 'bin'))}:$PATH\n${display(text)}`)
  }
  const known = { kind: 'nginx', port: 80 }
  expect(await build({ proxy: { web: known }, overlap: ['api'] })).toMatchObject({ code: 0, stdout: '' })
  await rm(join(base, 'asked'))
  const answer = await build({ proxy: { web: known, wbe: known }, overlap: ['api', 'other.db'] })
  const names = Object.keys(services)
  expect(answer).toEqual({
    code: 1,
    stdout: `${names.map((name) => `known ${name}\n`).join('')}unknown proxy wbe\nunknown overlap other.db\n`,
    stderr: `The config names services that the compose files do not have: wbe (proxy), other.db (overlap). They have: ${names.join(' ')}.\n`,
  })
  // Nothing was built.
  expect(await readdir(base)).not.toContain('asked')
  expect(await explanationOf(plugin(), 'build', shop(), answer)).toMatchObject({
    code: 'SRV-626',
    message:
      'The config of shop/docker names services that its compose files do not have: wbe (proxy), other.db (overlap). Nothing that runs on web1 was touched.',
    hint: 'wbe: Did you mean web? (also: api, cron, elsewhere, jobs, worker) other.db: Available: api, cron, elsewhere, jobs, web, worker. One with a profile is there only when `profiles` names that.',
  })
  expect(await explanationOf(plugin(), 'build', shop(), { code: 1, stdout: '', stderr: 'other' })).toBeUndefined()
})

test.each(shells)('tells which names of a frozen release mean newer images by now with %s', async (shell) => {
  const run = await shellOf(shell)
  const base = await folder()
  const image = ['elsewhere\tshop:2', 'cache\tregistry.example.org/cache', 'worker\tshop']
  const lines = ['build\tweb', ...image.map((words) => `image\t${words}`), 'shares\tworker\tweb']
  await write(base, {
    [`${id}/facts`]: `${lines.join('\n')}\n`,
    [`${id}/services`]: 'cache\th\tsha256:1\nelsewhere\th\tsha256:2\nweb\th\tsha256:3\nworker\th\tsha256:3\n',
    'bin/docker': `#!/bin/sh
case $* in
*' pull '*) printf '%s\\n' "\${*#*base.json }" >&2 ;;
*cache) echo sha256:1 ;;
*) echo sha256:9 ;;
esac
`,
  })
  await chmod(join(base, 'bin/docker'), 0o755)
  const site = siteOf(testPlacement(shop()), settingsSchema.parse({ pull: 'always' }))
  const text = lookScript({ ...site, layout: { ...site.layout, compose: base }, isHere: true }, id)
  expect(await run(`PATH=${quote(join(base, 'bin'))}:$PATH\n${display(text)}`)).toEqual({
    code: 0,
    stdout: 'newer elsewhere shop:2\n',
    stderr: 'pull --quiet elsewhere cache\n',
  })
})

test('looks for newer images only where they are wanted and nothing else is new', async () => {
  const settings = { pull: 'always' }
  const why = 'they are looked for when the images are made ready'
  expect((await runTask(plugin(), 'look', shop({ isUnchanged: true }))).skipped).toBe('it does not apply')
  expect((await runTask(plugin(), 'look', shop({ settings }))).skipped).toBe(why)
  const { commands, error, isAnew } = await runTask(plugin(), 'look', shop({ settings, isUnchanged: true }))
  expect({ error, isAnew, ids: commands.join('\n').match(/^id=.*/gm) }).toEqual({
    error: undefined,
    isAnew: false,
    ids: [`id=${before}`],
  })
})

test('a build on this machine may ask the agent for keys, and one on a host may not', async () => {
  const socket = '/run/user/1000/a gent'
  const run = await shellOf('/bin/sh', { env: { SSH_AUTH_SOCK: socket } })
  const base = await folder()
  await write(base, {
    [`.new-${id}/base.json`]: `${JSON.stringify({ services: { web: { build: { context: '.', ssh: ['default'] } } } }, null, 2)}\n`,
    // It knows of folders that only docker looks into, so that Compose is called through it.
    '.docker/config.json': '{ "cliPluginsExtraDirs": [] }',
    'bin/docker': `#!/bin/sh\nprintf '%s\\n' "\${SSH_AUTH_SOCK-none}" >&2\n`,
  })
  await chmod(join(base, 'bin/docker'), 0o755)
  const site = siteOf(testPlacement(shop()), settingsSchema.parse({}))
  const asked = async (isHere: boolean): Promise<string> => {
    const there = { ...site, layout: { ...site.layout, compose: base }, isHere }
    const text = display(buildScript(there, id, { builds: true, pulls: false }))
    return (await run(`HOME=${quote(base)} PATH=${quote(join(base, 'bin'))}:/usr/bin:/bin\n${text}`)).stderr
  }
  expect(await asked(true)).toBe(`${socket}\n`)
  expect(await asked(false)).toBe('none\n')
})
