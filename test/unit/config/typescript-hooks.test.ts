import type { LoadHookContext, ResolveFnOutput, ResolveHookContext } from 'node:module'
import { beforeEach, expect, test } from 'vitest'
import { initialize, load, resolve } from '../../../src/config/typescript-hooks.ts'

const hooks = new URL('../../../src/config/typescript-hooks.ts', import.meta.url).href
const srv = 'file:///project/node_modules/srvkit/'
const config = 'file:///project/srv.config.js'

beforeEach(() => initialize({ config, reads: false, srv: undefined }))

/** What the hooks make of an import that Node takes for CommonJS. */
async function resolved(url: string, parentURL = config): Promise<ResolveFnOutput> {
  const context = {
    conditions: [],
    importAttributes: {},
    parentURL,
  } as Partial<ResolveHookContext> as ResolveHookContext
  return resolve(url, context, () => ({ url, format: 'commonjs' }))
}

test('the config and the TypeScript of the project are ES modules, whatever package.json says', async () => {
  const urls = [config, 'file:///project/hosts.ts', 'file:///project/hosts.ts?a=1', 'file:///project/hosts.js']
  const formats = (await Promise.all(urls.map((url) => resolved(url)))).map(({ format }) => format)
  expect(formats).toEqual(['module', 'module', 'module', 'commonjs'])
  expect(await resolved('file:///project/node_modules/pack/a.ts')).toMatchObject({ format: 'commonjs' })
})

test('what could not be linked is asked for by another name; srv is there once', async () => {
  await initialize({ config, reads: false, srv })
  const urls = [config, 'file:///project/node_modules/pack/a.js', `${srv}dist/src/index.js`, 'node:path']
  expect((await Promise.all(urls.map((url) => resolved(url)))).map(({ url }) => url)).toEqual([
    `${config}?again`,
    'file:///project/node_modules/pack/a.js?again',
    `${srv}dist/src/index.js`,
    'node:path',
  ])
})

test('what the hooks themselves import is read as Node reads it', async () => {
  const [tsx, part] = ['file:///tsx/index.ts', 'file:///tsx/part.ts']
  expect([await resolved(tsx, hooks), await resolved(part, tsx)]).toEqual([
    { url: tsx, format: 'commonjs' },
    { url: part, format: 'commonjs' },
  ])
  const context = {
    conditions: [],
    importAttributes: {},
    format: 'module',
  } as Partial<LoadHookContext> as LoadHookContext
  const found = { format: 'module', source: 'export {}', shortCircuit: true } as const
  expect(await load(part, context, () => found)).toBe(found)
})
