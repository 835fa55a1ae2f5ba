import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { scratchFunction } from '../../../plugins/docker-compose/scripts/scratch-awk.ts'
import { quote } from '../../../src/index.ts'
import { display } from '../../../src/shell/script.ts'
import { shellOf, shells } from '../git/machine.ts'

const model = new URL('models/shop.json', import.meta.url).pathname
const variables =
  'data=/srv/shop/data scratch=/srv/shop/.rehearsal/ID/data real=/real compose=/scratch instance=/srv/shop/instances/docker app= empty=/empty'

interface Service {
  readonly volumes?: readonly { readonly type: string; readonly source: string; readonly target: string }[]
}

interface Model {
  readonly services: Readonly<Record<string, Service>>
  readonly networks: unknown
  readonly volumes: unknown
}

test.each(shells)('makes a model that can run beside with %s', async (shell) => {
  const run = await shellOf(shell)
  const without = `sed 's/"network_mode": "host"/"tty": true/' ${quote(model)}`
  const { code, stdout, stderr } = await run(`${variables}\n${display(scratchFunction)}\n${without} | scratch`)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const made: Model = JSON.parse(stdout)
  const given: Model = JSON.parse(await readFile(model, 'utf8'))
  expect(Object.keys(made.services)).toEqual(Object.keys(given.services))
  const keys = Object.values(made.services).flatMap((one) => Object.keys(one))
  for (const gone of ['ports', 'labels', 'container_name', 'restart', 'build']) expect(keys).not.toContain(gone)
  expect(Object.fromEntries(Object.entries(made.services).map(([name, { volumes }]) => [name, volumes]))).toEqual(
    expect.objectContaining({
      db: [expect.objectContaining({ type: 'bind', source: '/srv/shop/.rehearsal/ID/data/db' })],
    }),
  )
  expect(made.volumes).toEqual({ cache: {} })
  expect(made.networks).toEqual({ default: { internal: true } })
})

/** What a service would reach beside the rehearsal, as Compose prints it. */
const ties: readonly (readonly [part: unknown, said: string])[] = [
  [{ network_mode: 'host' }, 'web uses the network host'],
  [{ network_mode: 'bridge' }, 'web uses the network bridge'],
  [{ network_mode: 'shop_default' }, 'web uses the network shop_default'],
  [{ network_mode: 'container:db' }, 'web uses the network container:db'],
  [{ external_links: ['shop-db-1:db'] }, 'web is linked to containers of others'],
  [{ volumes_from: ['db', 'container:shop-db-1:rw'] }, 'web uses the volumes of another container'],
]

function printed(web: unknown): string {
  return JSON.stringify({ name: 'shop', services: { web } }, undefined, 2)
}

test.each(shells)('refuses what reaches what serves with %s', async (shell) => {
  const run = await shellOf(shell)
  for (const [part, said] of ties) {
    const text = `${variables}\n${display(scratchFunction)}\nprintf '%s\\n' ${quote(printed(part))} | scratch`
    expect(await run(text)).toEqual(expect.objectContaining({ code: 3, stderr: `${said}\n` }))
  }
})

test.each(shells)('keeps what stays inside, and starts nothing again, with %s', async (shell) => {
  const run = await shellOf(shell)
  const inside = { network_mode: 'service:db', volumes_from: ['db:ro'], deploy: { replicas: 2 } }
  const policy = { condition: 'any', delay: '1s' }
  const given = { ...inside, deploy: { ...inside.deploy, restart_policy: policy }, external_links: null }
  const text = `${variables}\n${display(scratchFunction)}\nprintf '%s\\n' ${quote(printed(given))} | scratch`
  const { code, stdout, stderr } = await run(text)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toEqual({ name: 'shop', services: { web: { ...inside, external_links: null } } })
})
