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

test.each(shells)('refuses what uses the network of the host with %s', async (shell) => {
  const run = await shellOf(shell)
  const { code, stderr } = await run(`${variables}\n${display(scratchFunction)}\nscratch < ${quote(model)}`)
  expect({ code, stderr }).toEqual({ code: 3, stderr: 'worker\n' })
})
