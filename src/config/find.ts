import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
// Its public function reads, and runs, a `.config/config.js` of the current folder before anything else (9.0.2).
import { Explorer } from 'cosmiconfig/dist/Explorer.js'
import { srvError } from '../error/srv-error.ts'
import { distrust } from './trust.ts'

/** A config file that exists and may be run. */
export interface FoundConfig {
  /** Absolute path. */
  readonly file: string
}

const extensions = ['.ts', '.mts', '.js', '.mjs'] as const

/** Finding and loading are two things: cosmiconfig only finds. */
const nothing = (): object => ({})

async function search(from: string): Promise<string | undefined> {
  const explorer = new Explorer({
    moduleName: 'srv',
    searchPlaces: extensions.map((extension) => `srv.config${extension}`),
    loaders: Object.fromEntries(extensions.map((extension) => [extension, nothing])),
    // Up to the first folder with a package.json: a file in a parent that others share would be run as code.
    searchStrategy: 'project',
    metaConfigFilePath: null,
    ignoreEmptySearchPlaces: false,
    applyPackagePropertyPathToConfiguration: false,
    mergeImportArrays: true,
    mergeSearchPlaces: false,
    cache: false,
    transform: (result) => result,
  })
  return (await explorer.search(from))?.filepath
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/**
 * Finds the config of the project that a folder belongs to, or takes the one that was named. It does not run it.
 *
 * @throws SrvError SRV-105 when there is none, SRV-106 when others could change it, SRV-107 when the named file does not exist
 */
export async function findConfig(from: string, named?: string): Promise<FoundConfig> {
  const file = named === undefined ? await search(from) : resolve(from, named)
  if (file === undefined) throw srvError('SRV-105', { from })
  if (!(await isFile(file))) throw srvError('SRV-107', { file })
  const reason = await distrust(file)
  if (reason !== undefined) throw srvError('SRV-106', { file, reason })
  return { file }
}
