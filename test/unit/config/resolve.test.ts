import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { definePlugin, swarm } from '../../../src/index.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import type { ResolvedConfig } from '../../../src/config/resolved-config.ts'
import { defineTask } from '../../../src/plugin/define.ts'

const file = fileURLToPath(new URL('../../fixtures/config-whole/srv.config.ts', import.meta.url))
const task = (title: string) => defineTask({ title, on: 'instance', run: () => undefined })
const stock = { restart: task('Restart'), health: task('Ask for health') }

async function resolved(environment?: string): Promise<ResolvedConfig> {
  const { default: config } = await import(file)
  return resolveConfig({ file, input: config.input }, environment, stock)
}

test('hosts in each of their forms', async () => {
  const { hosts } = await resolved('production')
  const root = fileURLToPath(new URL('../../fixtures/config-whole', import.meta.url))
  expect(hosts.map((host) => ({ ...host, key: host.key?.replace(root, '<project>') }))).toMatchInlineSnapshot(`
    [
      {
        "address": "web1.example.org",
        "hostKeys": [],
        "key": undefined,
        "kind": "ssh",
        "loopback": "127.0.0.1",
        "name": "web1",
        "port": 2222,
        "root": "/srv",
        "tags": [],
        "user": "deploy",
      },
      {
        "address": "web2.example.org",
        "hostKeys": [
          "ssh-ed25519 AAAA",
        ],
        "key": "<project>/keys/web2",
        "kind": "ssh",
        "loopback": "127.0.0.1",
        "name": "web2",
        "port": 22,
        "root": "/opt/srv",
        "tags": [
          "eu",
        ],
        "user": "me",
      },
    ]
  `)
  expect((await resolved('local')).hosts).toMatchInlineSnapshot(`
    [
      {
        "address": "",
        "hostKeys": [],
        "kind": "local",
        "loopback": "127.0.0.1",
        "name": "here",
        "root": "/srv",
        "tags": [],
      },
      {
        "address": "",
        "hostKeys": [],
        "kind": "sandbox",
        "loopback": "127.0.0.1",
        "name": "box",
        "root": "/srv",
        "tags": [
          "toy",
        ],
      },
      {
        "address": "::1",
        "hostKeys": [],
        "kind": "ssh",
        "loopback": "127.0.0.1",
        "name": "six",
        "port": 2200,
        "root": "/srv",
        "tags": [],
        "user": "root",
      },
    ]
  `)
})

test('services with the overlay of the environment', async () => {
  const { services } = await resolved('production')
  const withoutHosts = services.map((service) => ({ ...service, hosts: service.hosts.map(({ name }) => name) }))
  expect(withoutHosts).toMatchInlineSnapshot(`
    [
      {
        "description": "The blog",
        "hosts": [
          "web1",
          "web2",
        ],
        "instances": [
          {
            "build": [
              "npm ci",
            ],
            "env": {
              "LEVEL": "warn",
              "PORT": "3000",
              "TOKEN": {
                "name": "TOKEN",
                "read": [Function],
                Symbol(srvkit.secret): true,
              },
            },
            "health": [
              {
                "intervalMs": 1000,
                "kind": "http",
                "samples": 4,
                "status": [],
                "timeoutMs": 60000,
                "url": ":3000/up",
              },
            ],
            "id": "blog/native",
            "kind": "native",
            "name": "native",
            "ref": "stable",
            "repository": "git@github.com:me/blog.git",
            "service": "blog",
            "settings": {
              "assets": {
                "shared": [],
              },
              "source": {
                "path": "packages/blog",
                "shared": [
                  "uploads",
                ],
              },
            },
            "start": {
              "exec": "node server.js",
              "kind": "systemd",
              "scope": "system",
              "service": [],
              "stopTimeoutMs": 10000,
            },
          },
        ],
        "name": "blog",
      },
      {
        "hosts": [
          "web1",
          "web2",
        ],
        "instances": [
          {
            "build": [],
            "env": {},
            "health": [],
            "id": "shop/docker",
            "kind": "docker",
            "name": "docker",
            "ref": "v2",
            "service": "shop",
            "settings": {
              "assets": {
                "shared": [],
              },
              "source": {
                "shared": [],
              },
            },
          },
        ],
        "name": "shop",
      },
    ]
  `)
})

test('placements by host names and tags, with their folders', async () => {
  const production = await resolved('production')
  expect(production.placements.map(({ id, paths }) => [id, paths.instance])).toMatchInlineSnapshot(`
    [
      [
        "blog/native@web1",
        "/srv/blog/instances/native",
      ],
      [
        "blog/native@web2",
        "/opt/srv/blog/instances/native",
      ],
      [
        "shop/docker@web1",
        "/srv/shop/instances/docker",
      ],
      [
        "shop/docker@web2",
        "/opt/srv/shop/instances/docker",
      ],
    ]
  `)
  expect(production.placements[1]?.paths).toMatchInlineSnapshot(`
    {
      "data": "/opt/srv/blog/data",
      "instance": "/opt/srv/blog/instances/native",
      "service": "/opt/srv/blog",
      "state": "/opt/srv/blog/.srv",
    }
  `)
  const local = await resolved('local')
  expect(local.placements.map(({ id }) => id)).toMatchInlineSnapshot(`
    [
      "blog/native@here",
      "blog/native@box",
      "blog/native@six",
      "shop/docker@box",
    ]
  `)
  expect(local.services[0]?.instances[0]?.env).toMatchInlineSnapshot(`
    {
      "LEVEL": "info",
      "PORT": "3000",
      "TOKEN": {
        "name": "TOKEN",
        "read": [Function],
        Symbol(srvkit.secret): true,
      },
    }
  `)
})

test('tasks, pipelines, hooks and overrides by name', async () => {
  const { tasks, pipelines, hooks, overrides, plugins } = await resolved('production')
  expect([...tasks.values()].map(({ id, plugin }) => [id, plugin])).toMatchInlineSnapshot(`
    [
      [
        "restart",
        undefined,
      ],
      [
        "health",
        undefined,
      ],
      [
        "source:fetch",
        "source",
      ],
      [
        "source:switch",
        "source",
      ],
      [
        "assets:fetch",
        "assets",
      ],
      [
        "assets:switch",
        "assets",
      ],
      [
        "uptime",
        undefined,
      ],
    ]
  `)
  expect(Object.fromEntries(pipelines)).toMatchInlineSnapshot(`
    {
      "deploy": [
        "source:fetch",
        {
          "canary": 1,
          "rolling": [
            "source:switch",
            "restart",
            "health",
          ],
          "window": "25%",
        },
      ],
      "look": [
        "uptime",
      ],
    }
  `)
  expect(hooks.map(({ target, plugin }) => [target, plugin])).toMatchInlineSnapshot(`
    [
      [
        "after:switch:never",
        "source",
      ],
      [
        "after:switch:never",
        "assets",
      ],
      [
        "before:source:switch",
        undefined,
      ],
    ]
  `)
  expect([...overrides.keys()]).toEqual(['assets:fetch'])
  expect(plugins.map(({ name, id, options }) => ({ name, id, options }))).toMatchInlineSnapshot(`
    [
      {
        "id": "source",
        "name": "source",
        "options": {
          "keep": 3,
        },
      },
      {
        "id": "source",
        "name": "assets",
        "options": {
          "keep": 5,
        },
      },
    ]
  `)
})

test('the first environment stands in for what depends on none', async () => {
  const { environment, environments } = await resolved()
  expect([environment, environments]).toEqual(['production', ['production', 'local']])
})

test('an environment that the config does not have', async () => {
  await expect(resolved('prodution')).rejects.toThrowErrorMatchingInlineSnapshot(
    `[SrvError: The config has no environment prodution. Did you mean production? (also: local) Nothing was contacted.]`,
  )
  await expect(resolved('constructor')).rejects.toThrowErrorMatchingInlineSnapshot(
    `[SrvError: The config has no environment constructor. Available: production, local. Nothing was contacted.]`,
  )
})

test('what a plugin refuses where it is placed is a problem of the config, in that environment alone', async () => {
  const boats = definePlugin({
    id: 'boats',
    options: z.strictObject({}),
    settings: z.strictObject({ sails: z.int().default(1) }),
    setup: () => ({
      refuse: ({ service: { orchestrator } }, { sails }) =>
        orchestrator === undefined ? undefined : `has ${String(sails)} sails, and a swarm has none`,
    }),
  })
  const hosts = { here: 'local', there: 'deploy@there.example.org' }
  const instances = { docker: { kind: 'docker', boats: { sails: 2 } } }
  const input = {
    environments: { harbour: { hosts }, sea: { hosts, orchestrator: swarm() } },
    plugins: [boats()],
    services: { shop: { instances } },
  }
  expect((await resolveConfig({ file, input }, 'harbour', stock)).placements).toHaveLength(2)
  await expect(resolveConfig({ file, input }, 'sea', stock)).rejects.toMatchObject({
    code: 'SRV-101',
    message: expect.stringMatching(
      /services\.shop\.instances\.docker\.boats has 2 sails, and a swarm has none$/m,
    ) as unknown,
  })
})

test('a plugin gives the instances of a service what they say together, or says what does not go together', async () => {
  const boats = definePlugin({
    id: 'boats',
    options: z.strictObject({}),
    settings: z.strictObject({ sails: z.int().default(1) }),
    share(all) {
      const sails = all.reduce((sum, { said, settings }) => (said.sails === undefined ? sum : sum + settings.sails), 0)
      const { instance = '' } = all.at(-1) ?? {}
      return sails > 3
        ? { disagreements: [{ instance, path: ['sails'], text: 'is one too many' }] }
        : { settings: all.map(() => ({ sails })) }
    },
    setup: () => ({}),
  })
  const input = (docker: number) => ({
    environments: {
      harbour: { hosts: { here: 'local' } },
      sea: { hosts: { here: 'local' }, services: { shop: { instances: { docker: { boats: { sails: docker } } } } } },
    },
    plugins: [boats()],
    services: {
      shop: { instances: { native: { kind: 'native', boats: { sails: 2 } }, docker: { kind: 'docker' } } },
    },
  })
  const sails = async (environment: string) =>
    (await resolveConfig({ file, input: input(1) }, environment, stock)).services.flatMap(({ instances }) =>
      instances.map(({ settings }) => settings['boats']),
    )
  expect(await sails('harbour')).toEqual([{ sails: 2 }, { sails: 2 }])
  expect(await sails('sea')).toEqual([{ sails: 3 }, { sails: 3 }])
  await expect(resolveConfig({ file, input: input(2) }, 'harbour', stock)).rejects.toMatchObject({
    code: 'SRV-101',
    message: expect.stringMatching(
      /environments\.sea\.services\.shop\.instances\.docker\.boats\.sails is one too many$/m,
    ) as unknown,
  })
})
