import { expect, test } from 'vitest'
import { dockerCompose as plugin } from '../../../plugins/docker-compose/index.ts'
import type { Answer } from '../../../src/index.ts'
import { askCheck } from '../../../src/testing.ts'
import { shop } from './situation.ts'

const answer =
  (stdout: string, code = 0) =>
  (): Answer => ({ code, stdout, stderr: '' })

const install =
  'Install the package docker-compose-plugin (from Docker), docker-compose-v2 (Ubuntu) or docker-compose (Debian 13).'

test.for([
  ['2.26.1-4\n', 0, { ok: true, found: '2.26.1-4' }],
  ['v2.0.0\n', 0, { ok: true, found: 'v2.0.0' }],
  ['5.5.0\n', 0, { ok: true, found: '5.5.0' }],
  // Without docker itself, another check has said so.
  ['none\n', 0, { ok: true }],
  ['', 1, { ok: false, problem: 'Docker Compose is not installed', fix: install }],
  [
    'alone 1.29.2\n',
    1,
    { ok: false, problem: 'there is only docker-compose 1.29.2, which ended in 2023', fix: install },
  ],
  [
    'alone 2.26.1\n',
    1,
    { ok: false, problem: 'docker-compose 2.26.1 is there, but docker does not know it as its plugin', fix: install },
  ],
] as const)('of a host that says %j to compose version', async ([stdout, code, verdict]) => {
  expect(await askCheck(plugin(), 'Docker Compose', shop(), answer(stdout, code))).toEqual(verdict)
})

test.for([
  ['deploy\n20.10.24\n', 0, { ok: true, found: '20.10.24' }],
  [
    '',
    127,
    { ok: false, problem: 'docker is not installed', fix: 'Install Docker: https://docs.docker.com/engine/install/' },
  ],
  [
    'deploy\npermission denied while trying to connect to the Docker daemon socket\n',
    1,
    {
      ok: false,
      problem: 'deploy may not use Docker',
      fix: 'On the host, as root: usermod -aG docker deploy; it holds from the next log-in on.',
    },
  ],
  [
    'deploy\nCannot connect to the Docker daemon\n',
    1,
    {
      ok: false,
      problem: 'the Docker engine does not answer: Cannot connect to the Docker daemon',
      fix: 'Start it on the host: systemctl start docker',
    },
  ],
] as const)('of a host that says %j to docker version', async ([stdout, code, verdict]) => {
  expect(await askCheck(plugin(), 'Docker engine', shop(), answer(stdout, code))).toEqual(verdict)
})

test('of a disk that is full, nearly, or not at all', async () => {
  const df = (free: number) => answer(`/var/lib/docker\n/dev/sda1 1000000 0 ${String(free)} 1% /\n`)
  const ask = (respond: () => Answer) => askCheck(plugin(), 'room for images', shop(), respond)
  expect(await ask(df(100 * 1024))).toEqual({
    ok: false,
    problem: '/var/lib/docker has only 100 MiB left on its disk',
    fix: 'Free some space on the host: docker image ls shows what takes it.',
  })
  expect(await ask(df(200 * 1024))).toEqual({ ok: true, found: '200 MiB' })
  expect(await ask(answer(''))).toEqual({ ok: true })
})

test.for([
  ['active true', 'web1', undefined],
  ['active false', 'web2', undefined],
  ['active false', 'web1', 'web1 is a worker of the swarm, and is to manage it'],
  ['inactive false', 'web1', 'its engine is in no swarm: it is inactive'],
  ['inactive false', 'web2', 'its engine is in no swarm: it is inactive'],
] as const)('of a host whose swarm is %s, with the manager %s', async ([said, manager, problem]) => {
  const situation = shop({ orchestrator: { kind: 'swarm', manager } })
  const verdict = await askCheck(plugin(), 'Docker Swarm', situation, answer(`${said}\n`))
  expect(verdict?.ok === false ? verdict.problem : undefined).toBe(problem)
  expect(await askCheck(plugin(), 'Docker Swarm', shop(), answer(`${said}\n`))).toBeUndefined()
})
