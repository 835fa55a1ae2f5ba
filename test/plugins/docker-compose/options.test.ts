import { expect, test } from 'vitest'
import { dockerCompose as plugin } from '../../../plugins/docker-compose/index.ts'
import { settingsSchema } from '../../../plugins/docker-compose/options.ts'
import { setUp, testPlacement } from '../../../src/testing.ts'
import { everything, shop } from './situation.ts'

const said = async (settings: unknown): Promise<string> => {
  const ready = await setUp(plugin())
  return ready.settings(settings).then(
    () => 'taken',
    (error: unknown) => (error as Error).message,
  )
}

test('takes everything that the documentation names', async () => {
  expect(await said(everything)).toBe('taken')
  expect(await said({ build: 'laptop', registry: 'registry.example.org:5000/team' })).toBe('taken')
  expect(await said({ image: 'ghcr.io/me/shop:1.4@sha256:00', ports: ['8080:80'], command: ['a b'] })).toBe('taken')
})

test.for([
  [{ files: ['../compose.yaml'] }, 'files 0 is wrong: must be a path in the release, without ..'],
  [{ files: ['/etc/compose.yaml'] }, 'files 0 is wrong: must be a path in the release'],
  [{ files: ['-f'] }, 'files 0 is wrong: must be a path in the release'],
  [{ envFiles: ['a\nb'] }, 'envFiles 0 is wrong: must be a path in the release, without ..'],
  [{ profiles: ['--all'] }, 'profiles 0 is wrong: is not a name: letters, digits, . _ and - only'],
  [{ project: 'Shop' }, 'project is wrong: is not a project name: lower-case letters, digits, _ and - only'],
  [{ platform: 'linux' }, 'platform is wrong: is not a platform, such as linux/amd64'],
  [{ registry: 'https://registry' }, 'registry is wrong: is not a registry, such as registry.example.org/team'],
  [{ image: '-it' }, 'image is wrong: is not the name of an image'],
  [{ image: 'caddy:2', ports: ['80:80\nprivileged: true'] }, 'ports 0 is wrong: must be one line'],
  [
    { proxy: { web: { kind: 'nginx', port: 8000, file: 'x.conf' } } },
    'proxy web file is wrong: must be an absolute path',
  ],
  [
    { image: 'caddy:2', files: ['compose.yaml'] },
    'files is wrong: it is only for compose files, and `image` is set instead',
  ],
  [{ image: 'caddy:2', build: 'laptop' }, 'build is wrong: it is only for compose files, and `image` is set instead'],
  [{ ports: ['80:80'] }, 'ports is wrong: it is only for `image`: set it in the compose file'],
  [{ command: ['x'] }, 'command is wrong: it is only for `image`: set it in the compose file'],
] as const)('refuses %j', async ([settings, problem]) => {
  expect(await said(settings)).toBe(problem)
})

const refusals = [
  [{ kind: 'nginx', port: 80 }, /^names nginx as the proxy of web, but srv cannot tell it where .* a swarm are/],
  [{ kind: 'caddy', port: 80 }, /^names caddy as the proxy of web/],
  [{ kind: 'labels', drain: ['x'] }, /^has `drain` for web, which srv cannot run in a swarm/],
  [{ kind: 'labels' }, undefined],
] as const

test.for(refusals)('in a swarm a proxy %j is refused: %s', async ([web, problem]) => {
  const { refuse } = (await setUp(plugin())).parts
  const settings = settingsSchema.parse({ proxy: { web } })
  const told = (orchestrator?: { readonly kind: 'swarm'; readonly manager: string }): unknown =>
    refuse?.(testPlacement(shop(orchestrator === undefined ? {} : { orchestrator })), settings)
  expect(told()).toBeUndefined()
  const said = told({ kind: 'swarm', manager: 'web1' })
  if (problem === undefined) expect(said).toBeUndefined()
  else expect(said).toMatch(problem)
})
