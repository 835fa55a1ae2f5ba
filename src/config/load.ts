import { pathToFileURL } from 'node:url'
import { srvError } from '../error/srv-error.ts'
import { isConfig } from './define.ts'
import type { FoundConfig } from './find.ts'
import { loadError } from './load-error.ts'

/** What a config file said; nobody has checked it yet. */
export interface LoadedConfig {
  /** Absolute path. */
  readonly file: string
  readonly input: unknown
}

/**
 * Lets Node read TypeScript from here on. It stays on for the whole run, since a task may import more of the project; and
 * with tsx's `tsImport` the config would get a second copy of this package.
 */
async function readTypeScript(): Promise<void> {
  // tsx trusts a cache in the shared temp folder blindly, and would write the config there for others to read.
  process.env['TSX_DISABLE_CACHE'] = '1'
  const { register } = await import('tsx/esm/api')
  register()
}

/** CommonJS packages wrap the default export once more. */
function unwrap(module: unknown): unknown {
  const inner = typeof module === 'object' && module !== null && 'default' in module ? module.default : module
  return !isConfig(inner) && typeof inner === 'object' && inner !== null && 'default' in inner ? inner.default : inner
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  return typeof value === 'object' ? 'an object that defineConfig did not make' : `a ${typeof value}`
}

/**
 * Runs a config file and takes what `defineConfig` made of it.
 *
 * @throws SrvError SRV-102 for a syntax error, SRV-103 when it throws, SRV-104 when it is no config, SRV-108 in a CommonJS package
 */
export async function loadConfig({ file }: FoundConfig): Promise<LoadedConfig> {
  await readTypeScript()
  let module: unknown
  try {
    module = await import(pathToFileURL(file).href)
  } catch (error) {
    throw loadError(file, error)
  }
  const config = unwrap(module)
  if (!isConfig(config)) throw srvError('SRV-104', { file, found: describe(config) })
  return { file, input: config.input }
}
