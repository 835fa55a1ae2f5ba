import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
// Not for speed: the public function first looks for settings of its own, and for those it runs a `.config/config.js` of the
// current folder (9.0.2). No option keeps it from that, and srv runs no file before it knows that nobody else could write it.
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

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}

/** A folder and all above it, up to the root of the file system. */
function upwards(from: string): readonly string[] {
  const parent = dirname(from)
  return parent === from ? [from] : [from, ...upwards(parent)]
}

/**
 * The folders in which a project may have its config: up to the root of the repository, so that a package of a larger one
 * finds it as well, or up to the first folder with a package.json where that is further up, or where there is no
 * repository. Where there is neither, nothing says how far up the project goes, and it is the folder alone: a file in a
 * parent that others share would be run as code.
 */
async function foldersOf(from: string): Promise<{ readonly folders: readonly string[]; readonly root?: string }> {
  const all = upwards(from)
  const top = Math.max(await firstWith(all, '.git'), await firstWith(all, 'package.json'))
  const root = all[top]
  return root === undefined ? { folders: [from] } : { folders: all.slice(0, top + 1), root }
}

async function firstWith(folders: readonly string[], name: string): Promise<number> {
  const has = await Promise.all(folders.map((folder) => isThere(join(folder, name))))
  return has.indexOf(true)
}

/** @throws SrvError SRV-105 when there is none */
async function search(from: string): Promise<string> {
  const explorer = new Explorer({
    moduleName: 'srv',
    searchPlaces: extensions.map((extension) => `srv.config${extension}`),
    loaders: Object.fromEntries(extensions.map((extension) => [extension, nothing])),
    // One folder at a time: srv decides how far up a project goes.
    searchStrategy: 'none',
    metaConfigFilePath: null,
    ignoreEmptySearchPlaces: false,
    applyPackagePropertyPathToConfiguration: false,
    mergeImportArrays: true,
    mergeSearchPlaces: false,
    cache: false,
    transform: (result) => result,
  })
  const { folders, ...bound } = await foldersOf(from)
  for (const folder of folders) {
    const found = await explorer.search(folder)
    if (found !== null) return found.filepath
  }
  throw srvError('SRV-105', { from, ...bound })
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
  if (!(await isFile(file))) throw srvError('SRV-107', { file })
  const reason = await distrust(file)
  if (reason !== undefined) throw srvError('SRV-106', { file, reason })
  return { file }
}
