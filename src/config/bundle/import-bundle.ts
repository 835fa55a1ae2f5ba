import { rmSync } from 'node:fs'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundleText } from './bundle-text.ts'

/*
 * A config is read in one of two ways. Nearly every one is ES modules of its project, and packages: esbuild makes one
 * module of it, and Node imports that. The fallback is tsx, whose hooks read file by file: they need a thread and an esbuild
 * of their own, which takes longer than most commands do. It is taken where a bundle cannot be made or would do something
 * else than the files: where esbuild fails, as with a syntax error; where a file is CommonJS, or neither TypeScript,
 * JavaScript nor JSON; where JavaScript stands beside the TypeScript it was made of, or a package is a file of the project
 * (packages.ts); where a file asks for its own place, or for one whose name it makes (whole-text.ts); where a package would
 * be loaded too early (order.ts); and where there is no room for the bundle in the temp folder. Nothing of the config has
 * run then. Last, it is taken where Node cannot link a package that the bundle imports; tsx may.
 */

/** A fresh folder for a bundle; `undefined` where none can be made, which must not keep srv from reading a config. */
async function makeFolder(): Promise<string | undefined> {
  try {
    return await realpath(await mkdtemp(join(tmpdir(), 'srv-config-')))
  } catch {
    return undefined
  }
}

/** Writes a file, and says whether that worked. */
async function isWritten(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { mode: 0o600 })
    return true
  } catch {
    return false
  }
}

/** Error codes of Node for a package that imports something which Node cannot load by itself. */
const unlinked: ReadonlySet<unknown> = new Set([
  'ERR_MODULE_NOT_FOUND',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_IMPORT_ATTRIBUTE_MISSING',
  'ERR_IMPORT_ASSERTION_TYPE_MISSING',
])

function isUnlinked(error: unknown): boolean {
  return error instanceof Error && 'code' in error && unlinked.has(error.code)
}

/** The module of a config; or that it is for the fallback, and whether that is for a package that Node could not link. */
export type Bundled = { readonly module: unknown } | { readonly isUnlinked: boolean }

/** Reads a config as a bundle where that does the same as reading it file by file. */
export async function importBundle(file: string): Promise<Bundled> {
  const folder = await makeFolder()
  if (folder === undefined) return { isUnlinked: false }
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true })
  }
  // A config may end the process.
  process.once('exit', remove)
  try {
    const outfile = join(folder, 'config.mjs')
    const text = await bundleText(file, outfile)
    if (text === undefined || !(await isWritten(outfile, text))) return { isUnlinked: false }
    return { module: await import(pathToFileURL(outfile).href) }
  } catch (error) {
    if (isUnlinked(error)) return { isUnlinked: true }
    throw error
  } finally {
    process.off('exit', remove)
    await rm(folder, { recursive: true, force: true })
  }
}
