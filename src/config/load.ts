import * as nodeModule from 'node:module'
import { pathToFileURL } from 'node:url'
import { srvError } from '../error/srv-error.ts'
import { isConfig } from './define.ts'
import type { FoundConfig } from './find.ts'
import { loadError } from './load-error.ts'
import { preload } from './preload.ts'

/** What a config file said; nobody has checked it yet. */
export interface LoadedConfig {
  /** Absolute path. */
  readonly file: string
  readonly input: unknown
}

/**
 * Hooks that run on Node's own thread for them, and therefore cannot be functions here. They are tsx's, which are loaded
 * over there while this thread goes on. The config and the TypeScript that it imports are ES modules whatever the
 * project's package.json says: most projects say nothing, which means CommonJS, and then `import` of this package would
 * be a circle of `require` (tsx 4.23).
 */
const hooks = `
let config, tsx
const own = new Set()
export function initialize(data) {
  config = data.config
  if (data.tsx === undefined) {
    tsx = { resolve: (specifier, context, next) => next(specifier, context), load: (url, context, next) => next(url, context) }
    return
  }
  own.add(data.tsx)
  tsx = import(data.tsx).then(async (module) => (await module.initialize({}), module))
  tsx.catch(() => {})
}
export async function resolve(specifier, context, next) {
  // What tsx itself is made of comes by here as well, and cannot wait for tsx.
  if (own.has(specifier) || own.has(context.parentURL)) {
    const found = await next(specifier, context)
    own.add(found.url)
    return found
  }
  const found = await (await tsx).resolve(specifier, context, next)
  const [url] = found.url.split('?')
  const ours = url === config || (/[.]ts$/.test(url) && !url.includes('/node_modules/'))
  return ours ? { ...found, format: 'module' } : found
}
export async function load(url, context, next) {
  return own.has(url) ? next(url, context) : (await tsx).load(url, context, next)
}`

/**
 * Lets Node read TypeScript from here on. It stays on for the whole run, since a task may import more of the project; and
 * with tsx's `tsImport` the config would get a second copy of this package. Where Node has hooks for both kinds of
 * modules in this thread (`module.registerHooks`, 22.15 and later), tsx knows best how to use them.
 */
async function readTypeScript(config: string): Promise<void> {
  // tsx trusts a cache in the shared temp folder blindly, and would write the config there for others to read.
  process.env['TSX_DISABLE_CACHE'] = '1'
  process.setSourceMapsEnabled(true)
  const hasBoth = 'registerHooks' in nodeModule
  if (hasBoth) (await import('tsx/esm/api')).register()
  const tsx = hasBoth ? undefined : import.meta.resolve('tsx/esm')
  nodeModule.register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: { config, tsx } })
}

/** CommonJS packages wrap the default export once more. */
function unwrap(module: unknown): unknown {
  const inner = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
  return !isConfig(inner) && typeof inner === 'object' && inner !== null && 'default' in inner ? inner.default : inner
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  return typeof value === 'object' ? 'an object that defineConfig did not make' : `a ${typeof value}`
}

/**
 * Runs a config file and takes what `defineConfig` made of it; `meanwhile` is done while another thread reads it.
 *
 * @throws SrvError SRV-102 for a syntax error, SRV-103 when it throws, SRV-104 when it is no config, SRV-108 when a file that it imports is not what its package.json says
 */
export async function loadConfig(
  { file }: FoundConfig,
  meanwhile: () => void = () => undefined,
): Promise<LoadedConfig> {
  const { href } = pathToFileURL(file)
  await preload(file)
  await readTypeScript(href)
  const reading: Promise<unknown> = import(href)
  // What it says is told below, also when something else goes wrong first.
  reading.catch(() => undefined)
  meanwhile()
  let module: unknown
  try {
    module = await reading
  } catch (error) {
    throw loadError(file, error)
  }
  const config = unwrap(module)
  if (!isConfig(config)) throw srvError('SRV-104', { file, found: describe(config) })
  return { file, input: config.input }
}
