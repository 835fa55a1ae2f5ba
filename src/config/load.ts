import { pathToFileURL } from 'node:url'
import { srvError } from '../error/srv-error.ts'
import { importBundle } from './bundle/import-bundle.ts'
import { isConfig } from './define.ts'
import type { FoundConfig } from './find.ts'
import { loadError } from './load-error.ts'
import { preload } from './preload.ts'
import { readTypeScript } from './typescript.ts'

/** What a config file said; nobody has checked it yet. */
export interface LoadedConfig {
  /** Absolute path. */
  readonly file: string
  readonly input: unknown
}

/** CommonJS packages wrap the default export a second time. */
function unwrap(module: unknown): unknown {
  const inner = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
  return !isConfig(inner) && typeof inner === 'object' && inner !== null && 'default' in inner ? inner.default : inner
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  return typeof value === 'object' ? 'an object that was not made by defineConfig' : `a ${typeof value}`
}

/** Runs a config that is no bundle, file by file. */
async function importFiles(href: string, isAgain: boolean): Promise<unknown> {
  await readTypeScript(href, isAgain)
  return import(href)
}

/**
 * Runs a config file and takes what `defineConfig` made of it; `meanwhile` is done while esbuild reads it.
 *
 * @throws SrvError SRV-102 for a syntax error, SRV-103 when it throws, SRV-104 when it is no config, SRV-108 when a file that it imports is not what its package.json says
 */
export async function loadConfig(
  { file }: FoundConfig,
  meanwhile: () => void = () => undefined,
): Promise<LoadedConfig> {
  process.setSourceMapsEnabled(true)
  const bundled = importBundle(file)
  // Its own error is reported below, even when something else goes wrong first.
  bundled.catch(() => undefined)
  await preload(file)
  meanwhile()
  let module: unknown
  try {
    const whole = await bundled
    module = 'module' in whole ? whole.module : await importFiles(pathToFileURL(file).href, whole.isUnlinked)
  } catch (error) {
    throw loadError(file, error)
  }
  const config = unwrap(module)
  if (!isConfig(config)) throw srvError('SRV-104', { file, found: describe(config) })
  return { file, input: config.input }
}
