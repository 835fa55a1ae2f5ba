import { rmSync } from 'node:fs'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundleText } from './bundle-text.ts'

/*
 * A config is read in one of two ways. Usually it consists of ES modules of the project and packages: then esbuild bundles
 * it into one module, and Node imports that. Otherwise tsx reads it file by file. That is the fallback, since the hooks of
 * tsx need a thread and an esbuild of their own, which takes longer than most commands. It is taken before anything has run,
 * when there can be no bundle that does the same as the files: esbuild reports an error, such as a syntax error; a file is
 * CommonJS, or neither TypeScript, JavaScript nor JSON; JavaScript is next to the TypeScript it was compiled from, or a
 * package is part of the project (packages.ts); a file uses its own path, or imports by a computed name (whole-text.ts); a
 * package would be loaded too early (order.ts); or the bundle cannot be written. It is also taken when Node cannot link a
 * package that the bundle imports, which tsx may be able to.
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

/** The module of a config; or none, and whether that is because Node could not link a package. */
export type Bundled = { readonly module: unknown } | { readonly isUnlinked: boolean }

/** Reads a config as a bundle, when that does the same as reading it file by file. */
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
