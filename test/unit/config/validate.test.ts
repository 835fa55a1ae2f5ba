import { expect, test } from 'vitest'
import { z } from 'zod'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { isSrvError } from '../../../src/error/srv-error.ts'
import type { Flag } from '../../../src/index.ts'
import { definePlugin, defineTask } from '../../../src/plugin/define.ts'

const stock = {
  build: defineTask({ title: 'Build', on: 'instance', run: () => undefined }),
  restart: defineTask({ title: 'Restart', on: 'instance', run: () => undefined }),
}

async function problems(input: unknown): Promise<string> {
  try {
    await resolveConfig({ file: '/project/srv.config.ts', input }, undefined, stock)
    return 'none'
  } catch (error) {
    return isSrvError(error) ? `${error.code} exit ${String(error.exitCode)}: ${error.message}` : String(error)
  }
}

test('reports everything that is wrong together, each at its place, with near misses', async () => {
  const { default: config } = await import(
    new URL('../../fixtures/config-problems/srv.config.ts', import.meta.url).href
  )
  expect(await problems(config.input)).toMatchInlineSnapshot(`
    "SRV-101 exit 2: /project/srv.config.ts has 63 problems; nothing was contacted:
      environments.production.hosts.web1.port must be a number, not a text
      environments.production.hosts.web1.tags must be a list, not a text
      environments.production.hosts.web1.usr is not a known option. Did you mean user? (also: address, port, key, sshConfig, root, tags, hostKeys)
      environments.production.hosts.web2 must be "user@host", an object with an address, or sandbox()
      environments.production.hosts.Web3 is not a valid name: it must begin with a lower-case letter or digit, continue with these, ".", "_" or "-", and have at most 63 characters
      environments.production.hosts.web5 is not a host: write "user@host", "user@host:port", "host" or "local"
      environments.production.hosts.web6.address is missing: it must be a text
      environments.production.hosts.web6.adress is not a known option. Did you mean address? (also: user, port, key, sshConfig, root, tags, hostKeys)
      environments.production.hosts.web7.address must be only the host: set the user with the option user
      environments.production.hosts.web7.root must be an absolute path
      environments.production.hosts.web7.root must not contain ..
      environments.production.hosts.web7.hostKeys[0] is not a public host key: write "ssh-ed25519 AAAA…", as in a .pub file, without the comment
      environments["two words"] is not a valid name: it must begin with a lower-case letter or digit, continue with these, ".", "_" or "-", and have at most 63 characters
      environments["dots.."] is not a valid name: it must begin with a lower-case letter or digit, continue with these, ".", "_" or "-", and have at most 63 characters
      tasks.plain is not a task: make it with defineTask()
      hooks["after:deploy"] must be a function, or { handler, order: "first" or "last", optional }
      override["source:fetch"] must be a function
      enviroments is not a known option. Did you mean environments? (also: plugins, services, tasks, pipelines, hooks, override)
      environments.production.hosts.web4 is the same machine as web1: web.example.org port 22
      environments.production.services.blgo is not a service. Did you mean blog? (also: none, nothing)
      environments.production.services.blog.instances.native.kind cannot be changed by an environment
      environments.production.services.blog.instances.nativ is not an instance of blog. Did you mean native? (also: other, docker)
      environments.production.services.blog.hosts[1] names wbe1, which is not a host of any environment. Did you mean web1? (also: web2, Web3, web4, web5, web6, web7, one)
      environments.empty.hosts has no host
      services.blog.hosts[0] names weeb1, which is not a host of any environment. Did you mean web1? (also: web2, Web3, web4, web5, web6, web7, one)
      services.blog.tags[0] names us, which is not a tag of any host. There are none.
      plugins[1] has the same name as plugins[0], source. Give it a name of its own: source.as('source-2', { … })
      plugins[5] was not called: write name() instead of name
      plugins[6] is not a plugin
      plugins.kept.keep is wrong: Invalid input: expected number, received string
      plugins.kept.kep is not a known option. Did you mean keep?
      plugins.broken failed in its setup: no luck
      plugins.needy needs the plugin sorce, which is not in the list. Did you mean source? (also: broken, needy, hooked)
      services.blog.repository must not be empty
      environments.production.services.blog.ref must not begin with -
      services.blog.env.A-B is not a name for an environment variable: letters, digits and _ only
      services.blog.env.COUNT must be a text or secret()
      services.blog.instances.native.build[1] must be a text, not a number
      services.blog.instances.native.buildTimeoutMs must be more than 0
      services.blog.instances.native.health.url is not a URL: write ":3000/up" for the host itself, or "http://127.0.0.1:3000/up"
      services.blog.instances.native.start.exec must be a single line
      services.blog.instances.native.sorce is not a known option. Did you mean source?
      environments.production.services.blog.instances.native.source.pth is not a known option. Did you mean path? (also: shared)
      services.blog.instances.native.hooked is set, but that plugin takes no settings for instances
      services.blog.instances.other.kind must be "native" or "docker"
      services.blog.instances.docker.start is not a known option. Available: kind, repository, ref, build, buildTimeoutMs, health, env, source, hooked, kept, broken, needy.
      services.none.instances has no instance
      services.nothing must be an object, not null
      plugins.env has the name of an instance option: give it another name with .as('my-env', { … })
      tasks.build has the name of a stock task: change that task with override, or choose another name
      tasks.deploy has the name of a pipeline: choose another name
      pipelines.deploy[1] names source:fecth, which is not a task or pipeline. Did you mean source:fetch?
      pipelines.deploy[3].batch is not a known option. Available: rolling, canary, window.
      pipelines.deploy[3].rolling[0] names restrat, which is not a task or pipeline. Did you mean restart?
      pipelines.deploy[3].canary must be a whole number, 0 or more
      pipelines.deploy[3].window must be a whole number from 1, or a share such as "25%"
      pipelines.deploy[4].paralel is not a known option. Did you mean parallel? (also: rolling)
      pipelines.deploy[5].parallel must be a list
      pipelines.deploy[6] must be an id, a task, a list, { parallel: […] } or { rolling: […] }
      pipelines.first contains itself: first > second > first
      hooks["before:source:fetc"] names source:fetc, which is not a task or pipeline. Did you mean source:fetch?
      hooks.deploy must begin with before:, after: or finally:. Did you mean before:deploy?
      plugins.hooked.hooks["before:source:swich"] names source:swich, which is not a task or pipeline. Did you mean source:switch?"
  `)
})

const instances = { native: { kind: 'native' } }

test('an overlay is checked as a service, and its problems stand where they were written', async () => {
  const overlaid = (overlay: object) => ({
    environments: { one: { hosts: { here: 'local' }, services: { blog: overlay } }, two: { hosts: { here: 'local' } } },
    services: { blog: { instances } },
  })
  expect(await problems(overlaid({ instances: { native: { ref: 5, helth: [] } }, tag: ['x'] }))).toMatchInlineSnapshot(`
    "SRV-101 exit 2: /project/srv.config.ts has 3 problems; nothing was contacted:
      environments.one.services.blog.tag is not a known option. Did you mean tags? (also: repository, ref, description, hosts, env, instances)
      environments.one.services.blog.instances.native.ref must be a text, not a number
      environments.one.services.blog.instances.native.helth is not a known option. Did you mean health? (also: kind, repository, ref, build, buildTimeoutMs, env, start)"
  `)
  expect(await problems(overlaid({ ref: 'main', instances: { native: { env: { A: 'b' } } } }))).toBe('none')
})

test('a problem of the base that no overlay corrects is told once for all environments', async () => {
  const config = {
    environments: { one: { hosts: { here: 'local' } }, two: { hosts: { here: 'local' } } },
    services: { blog: { ref: 5, instances } },
  }
  expect(await problems(config)).toMatchInlineSnapshot(`
    "SRV-101 exit 2: /project/srv.config.ts has a problem; nothing was contacted:
      services.blog.ref must be a text, not a number"
  `)
})

test('what is no config at all', async () => {
  expect(await problems(undefined)).toMatchInlineSnapshot(`
    "SRV-101 exit 2: /project/srv.config.ts has a problem; nothing was contacted:
      is missing: it must be an object"
  `)
  expect(await problems({})).toMatchInlineSnapshot(`
    "SRV-101 exit 2: /project/srv.config.ts has 2 problems; nothing was contacted:
      environments is missing: it must be an object
      services is missing: it must be an object"
  `)
  expect(await problems({ environments: {}, services: {} })).toMatchInlineSnapshot(`
    "SRV-101 exit 2: /project/srv.config.ts has a problem; nothing was contacted:
      environments has no environment"
  `)
})

test('a list of plugins that is no list', async () => {
  const config = { environments: { one: { hosts: { here: 'local' } } }, services: {}, plugins: 'git' }
  expect(await problems(config)).toMatchInlineSnapshot(`
    "SRV-101 exit 2: /project/srv.config.ts has a problem; nothing was contacted:
      plugins must be a list, not a text"
  `)
})

test('flags of tasks that no command line could have', async () => {
  const on: Flag = { type: 'boolean', description: 'On' }
  const flagged = (...names: readonly string[]) =>
    defineTask({
      title: 'T',
      on: 'once',
      flags: Object.fromEntries(names.map((name) => [name, on])),
      run: () => undefined,
    })
  const plugin = definePlugin({
    id: 'p',
    options: z.strictObject({}),
    setup: () => ({ tasks: { t: flagged('tag', 'fine', 'wait-lock') } }),
  })
  const config = {
    environments: { one: { hosts: { here: 'local' } } },
    plugins: [plugin({})],
    services: { blog: { instances } },
    tasks: { mine: flagged('no-cache', 'noCache', 'skip-2', 'a--b') },
    pipelines: { own: ['p:t', { parallel: [flagged('help', 'two words')] }] },
  }
  expect(await problems(config)).toMatchInlineSnapshot(`
    "SRV-101 exit 2: /project/srv.config.ts has 7 problems; nothing was contacted:
      plugins.p.tasks.t.flags.tag is an option of srv itself: choose another name
      plugins.p.tasks.t.flags.wait-lock is an option of srv itself: choose another name
      tasks.mine.flags.no-cache begins with no-, which turns off another option: choose another name
      tasks.mine.flags.noCache is not a usable name of a flag: it must begin with a lower-case letter and go on with these, digits and single dashes between them
      tasks.mine.flags.a--b is not a usable name of a flag: it must begin with a lower-case letter and go on with these, digits and single dashes between them
      pipelines.own[1].parallel[0].flags.help is an option of srv itself: choose another name
      pipelines.own[1].parallel[0].flags["two words"] is not a usable name of a flag: it must begin with a lower-case letter and go on with these, digits and single dashes between them"
  `)
})

test('hosts that a plugin brings are checked as those of an environment', async () => {
  const nas = definePlugin({
    id: 'nas',
    options: z.strictObject({ to: z.string() }),
    setup: ({ options: { to } }) => ({
      hosts: { nas: to, 'DISK.example.org': 'disk', other: { address: 'other', port: 0 } },
    }),
  })
  const config = {
    environments: { one: { hosts: { here: 'local' } } },
    plugins: [nas({ to: 'a b' })],
    services: { blog: { instances } },
  }
  expect(await problems(config)).toMatchInlineSnapshot(`
    "SRV-101 exit 2: /project/srv.config.ts has 2 problems; nothing was contacted:
      plugins.nas.hosts.nas is not a host: write "user@host", "user@host:port", "host" or "local"
      plugins.nas.hosts.other.port must be at least 1"
  `)
})
