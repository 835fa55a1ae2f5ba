import { chmod } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { dockerCompose as plugin } from '../../../plugins/docker-compose/index.ts'
import { quote, type Answer } from '../../../src/index.ts'
import { askCheck, type Situation } from '../../../src/testing.ts'
import { folder, shellOf, shells, write } from '../git/machine.ts'
import { shop } from './situation.ts'

const answer = (stdout: string) => (): Answer => ({ code: 0, stdout, stderr: '' })

const install =
  'Install the package docker-compose-plugin (from Docker), docker-compose-v2 (Ubuntu) or docker-compose (Debian 13).'

test.for([
  ['compose 2.26.1-4\n', { ok: true, found: '2.26.1-4' }],
  ['compose v2.0.0\n', { ok: true, found: 'v2.0.0' }],
  ['compose 5.5.0\n', { ok: true, found: '5.5.0' }],
  // Without docker itself, another check has said so.
  ['none\n', { ok: true }],
  ['', { ok: false, problem: 'Docker Compose is not installed', fix: install }],
  ['alone 1.29.2\n', { ok: false, problem: 'there is only docker-compose 1.29.2, which ended in 2023', fix: install }],
  ['alone\n', { ok: false, problem: 'there is only docker-compose v1, which ended in 2023', fix: install }],
  [
    'alone 2.26.1\n',
    { ok: false, problem: 'docker-compose 2.26.1 is there, but docker does not know it as its plugin', fix: install },
  ],
] as const)('of a host whose Compose is %j', async ([stdout, verdict]) => {
  expect(await askCheck(plugin(), 'Docker Compose', shop(), answer(`user deploy\n${stdout}`))).toEqual(verdict)
})

test.for([
  ['engine 20.10.24', { ok: true, found: '20.10.24' }],
  [
    'none',
    { ok: false, problem: 'docker is not installed', fix: 'Install Docker: https://docs.docker.com/engine/install/' },
  ],
  [
    'broken permission denied while trying to connect to the Docker daemon socket',
    {
      ok: false,
      problem: 'deploy may not use Docker',
      fix: 'On the host, as root: usermod -aG docker deploy; it takes effect at the next login.',
    },
  ],
  [
    'broken Cannot connect to the Docker daemon',
    {
      ok: false,
      problem: 'the Docker engine does not answer: Cannot connect to the Docker daemon',
      fix: 'Start it on the host: systemctl start docker',
    },
  ],
] as const)('of a host that says %j of its engine', async ([said, verdict]) => {
  expect(await askCheck(plugin(), 'Docker engine', shop(), answer(`user deploy\n${said}\n`))).toEqual(verdict)
})

test('of a disk that is full, nearly, or not at all', async () => {
  const df = (free: number) => answer(`root /var/lib/docker\ndisk /dev/sda1 1000000 0 ${String(free)} 1% /\n`)
  const ask = (respond: () => Answer) => askCheck(plugin(), 'room for images', shop(), respond)
  expect(await ask(df(100 * 1024))).toEqual({
    ok: false,
    problem: '/var/lib/docker has only 100 MiB left on its disk',
    fix: 'Free some space on the host: docker image ls shows what takes it.',
  })
  expect(await ask(df(200 * 1024))).toEqual({ ok: true, found: '200 MiB' })
  expect(await ask(answer(''))).toEqual({ ok: true })
  const inodes = (total: string, free: string) =>
    answer(`${df(900 * 1024)().stdout}inodes /dev/sda1 ${total} 1 ${free} 1% /\n`)
  expect(await ask(inodes('65536', '9999'))).toEqual({
    ok: false,
    problem: '/var/lib/docker has room for only 9999 more files on its disk: it is running out of inodes',
    fix: 'Free some space on the host: docker image ls shows what takes it.',
  })
  for (const [total, free] of [
    ['65536', '10000'],
    ['0', '0'],
    ['-', '-'],
  ] as const)
    expect(await ask(inodes(total, free))).toEqual({ ok: true, found: '900 MiB' })
})

test.for([
  ['active true', 'web1', undefined],
  ['active false', 'web2', undefined],
  ['active false', 'web1', 'web1 is a worker of the swarm, but is meant to manage it'],
  ['inactive false', 'web1', 'its engine is not in a swarm: it is inactive'],
  ['inactive false', 'web2', 'its engine is not in a swarm: it is inactive'],
] as const)('of a host whose swarm is %s, with the manager %s', async ([said, manager, problem]) => {
  const situation = shop({ orchestrator: { kind: 'swarm', manager } })
  const verdict = await askCheck(plugin(), 'Docker Swarm', situation, answer(`swarm ${said}\n`))
  expect(verdict?.ok === false ? verdict.problem : undefined).toBe(problem)
  expect(await askCheck(plugin(), 'Docker Swarm', shop(), answer(`swarm ${said}\n`))).toBeUndefined()
})

/** Programs of a host, by name, with what they print; `docker` fails when it is asked for a word of `broken`. */
const docker = (said: Readonly<Record<string, string>>) => `#!/bin/sh
case "$1 $2" in
${Object.entries(said)
  .map(([word, text]) => `"${word} "*) ${text} ;;`)
  .join('\n')}
*) exit 1 ;;
esac
`

test.for([
  [
    'all is well',
    { docker: docker({ info: `printf 'engine 20.10.24\\nroot /\\ncompose 2.26.1\\n'` }) },
    ['20.10.24', '2.26.1'],
  ],
  [
    'the engine does not answer',
    { docker: docker({ version: 'echo Cannot connect >&2; exit 1', compose: 'echo 2.26.1' }) },
    ['the Docker engine does not answer: Cannot connect', '2.26.1'],
  ],
  [
    'docker knows no plugins',
    { docker: docker({ version: 'echo 18.09' }), 'docker-compose': '#!/bin/sh\necho 1.29.2\n' },
    ['18.09', 'there is only docker-compose 1.29.2, which ended in 2023'],
  ],
] as const)('of what a host prints where %s', async ([, programs, found]) => {
  const here = await folder()
  await write(here, programs)
  for (const name of Object.keys(programs)) await chmod(`${here}/${name}`, 0o755)
  const run = await shellOf('/bin/sh')
  const respond = (script: string) => run(`PATH=${quote(here)}:/usr/bin:/bin\n${script}`)
  const said = async (title: string) => {
    const verdict = await askCheck(plugin(), title, shop(), respond)
    return verdict?.ok === false ? verdict.problem : verdict?.found
  }
  expect([await said('Docker engine'), await said('Docker Compose')]).toEqual(found)
})

test('of a user who may not tell the proxy, one who may, and root', async () => {
  const here = await folder()
  const run = await shellOf('/bin/sh')
  const proxy = {
    web: { kind: 'nginx', port: 80, file: '/no-nginx/web.conf' },
    api: { kind: 'caddy', port: 81, file: '/no-caddy/api' },
  } as const
  const ask = async (sudo: string, uid = '1000') => {
    await write(here, { sudo: `#!/bin/sh\n${sudo}\n`, id: `#!/bin/sh\necho ${uid}\n` })
    for (const name of ['sudo', 'id']) await chmod(`${here}/${name}`, 0o755)
    const respond = (script: string) => run(`PATH=${quote(here)}:$PATH\n${script}`)
    return askCheck(plugin(), 'rights on the proxy', shop({ settings: { proxy } }), respond)
  }
  const closed = (command: string) => ({
    ok: false,
    problem: `the login user is not root, and may not run this without a password: sudo ${command}`,
    fix: 'Log in as root, or allow it in /etc/sudoers.d/ with NOPASSWD.',
  })
  expect(await ask('exit 1')).toEqual(closed('mkdir -p /no-nginx'))
  expect(await ask('exit 0')).toEqual({ ok: true })
  // Somebody may run no more than what is needed for one of them.
  const nginx = '*" mkdir "* | *" /no-nginx/"*) ;;'
  expect(await ask(`case $* in ${nginx} *) exit 1 ;; esac`)).toEqual(closed('nginx -t -q'))
  const reloads = '*" nginx "*) ;;'
  const copy = 'cp /srv/shop/.srv/docker/compose/route.new /no-caddy/api'
  expect(await ask(`case $* in ${nginx} ${reloads} *) exit 1 ;; esac`)).toEqual(closed(copy))
  const caddy = '*" /no-caddy/api") ;;'
  expect(await ask(`case $* in ${nginx} ${reloads} ${caddy} *) exit 1 ;; esac`)).toMatchObject({
    ok: false,
    problem: expect.stringContaining(' reload '),
  })
  expect(await ask('exit 1', '0')).toEqual({ ok: true })
  expect(await askCheck(plugin(), 'rights on the proxy', shop(), () => run(''))).toBeUndefined()
})

test.each(shells)('of an instance that still runs as what the config does not say any more, with %s', async (shell) => {
  const run = await shellOf(shell)
  const here = await folder()
  // The engine runs one thing, by its label; a worker of a swarm knows no services.
  await write(here, {
    'bin/docker': `#!/bin/sh
[ "$1" = ps ] || [ -f "\${0%/*}/manages" ] || exit 1
case $* in *" label=com.docker.$(cat "\${0%/*}/runs")"*) echo c1 ;; esac
`,
  })
  await chmod(`${here}/bin/docker`, 0o755)
  const orchestrator = { kind: 'swarm', manager: 'web1' } as const
  const ask = async (said: string, runs: string, more: Situation = {}) => {
    await write(here, { project: said, 'bin/runs': runs })
    const respond = (script: string) =>
      run(`PATH=${quote(`${here}/bin`)}:$PATH\n${script.replace(/^compose=.*$/m, `compose=${quote(here)}`)}`)
    return askCheck(plugin(), 'project of Compose', shop(more), respond)
  }
  const fix = (where: string) =>
    `Stop it with the config of before, by srv stop, or on ${where} Its volumes stay, and have the name of the project. Or put the config back.`
  const own = 'compose.project=shop'
  expect(await ask('', own)).toEqual({ ok: true })
  expect(await ask('shop alone\n', own)).toEqual({ ok: true })
  expect(await ask('shop swarm\n', 'stack.namespace=shop', { orchestrator })).toEqual({ ok: true })
  expect(await ask('store alone\n', own)).toEqual({ ok: true })
  expect(await ask('store alone\n', 'compose.project=store')).toEqual({
    ok: false,
    problem:
      'shop/docker runs as the project store, and the config says now that it is the project shop: both would run',
    fix: fix('the host: docker compose -p store down.'),
  })
  expect(await ask('shop alone\n', own, { orchestrator })).toMatchObject({
    problem:
      'shop/docker runs as the project shop, and the config says now that it is the stack shop of a swarm: both would run',
  })
  for (const manages of [false, true]) {
    if (manages) await write(here, { 'bin/manages': '' })
    expect(await ask('shop swarm\n', 'stack.namespace=shop')).toEqual({
      ok: false,
      problem:
        'shop/docker runs as the stack shop of a swarm, and the config says now that it is the project shop: both would run',
      fix: fix('a manager: docker stack rm shop.'),
    })
  }
})
