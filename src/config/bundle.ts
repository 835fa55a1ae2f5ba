import { existsSync, rmSync } from 'node:fs'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildResult, Metafile, OnResolveResult, Plugin } from 'esbuild'

/** What a bundle may be made of; whatever else a config imports is for tsx. */
const source: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs', '.json'])

/** What has another meaning in a bundle than in its own file, or cannot be bundled. */
const elsewhere = /\bimport\.meta\b|\b__(?:dirname|filename)\b|\brequire\s*[(.]|\bimport\s*\(\s*(?!["'])/

/**
 * Leaves packages out of the bundle, and names each by the file that Node would resolve it to. Bundling is given up for a
 * package that is part of the project, such as a workspace or an alias in tsconfig.json: it may be TypeScript, and it could
 * be loaded twice, in the bundle and beside it. The same goes for JavaScript next to the TypeScript it was compiled from:
 * tsx takes the TypeScript, esbuild would not.
 */
const packages = (inert: Set<string>): Plugin => ({
  name: 'packages',
  setup(build) {
    build.onResolve({ filter: /^[.]{1,2}[/].*[.]m?js$/ }, ({ path, resolveDir }): OnResolveResult => {
      const isMade = existsSync(join(resolveDir, path)) && existsSync(join(resolveDir, path.replace(/js$/, 'ts')))
      return isMade ? { errors: [{ text: 'made of TypeScript' }] } : {}
    })
    build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, pluginData }): Promise<OnResolveResult> => {
      if (kind === 'entry-point' || pluginData === inert) return {}
      if (isBuiltin(path)) return { external: true }
      const found = await build.resolve(path, { kind, resolveDir, pluginData: inert })
      if (found.errors.length > 0) return { errors: found.errors }
      if (!/^[.](?:js|mjs|cjs)$/.test(extname(found.path))) return { errors: [{ text: 'not JavaScript' }] }
      const { href } = pathToFileURL(found.path)
      if (/^srvkit(?:\/|$)/.test(path)) inert.add(href)
      else if (!found.path.includes('/node_modules/')) return { errors: [{ text: 'a file of the project' }] }
      return { path: href, external: true }
    })
  },
})

/**
 * Whether a package is imported after a file of the project has run. In a bundle all packages are loaded first, which would
 * be too early for one that reads what that file puts into the environment. Those in `inert`, srv itself, read nothing.
 */
function isReordered({ inputs }: Metafile, entry: string, inert: ReadonlySet<string>): boolean {
  const seen = new Set<string>()
  let hasRun = false
  const later: string[] = []
  const visit = (file: string): boolean => {
    if (seen.has(file)) return false
    seen.add(file)
    for (const one of inputs[file]?.imports ?? []) {
      if (one.kind === 'dynamic-import') {
        if (one.external !== true) later.push(one.path)
        continue
      }
      if (one.external === true ? hasRun && !inert.has(one.path) && !isBuiltin(one.path) : visit(one.path)) return true
    }
    hasRun = true
    return false
  }
  if (visit(entry)) return true
  // A dynamic import would be loaded right away as well, with its packages.
  for (const file of later) if (visit(file)) return true
  return false
}

function wholeText(
  { metafile, outputFiles }: BuildResult<{ metafile: true; write: false }>,
  inert: ReadonlySet<string>,
): string | undefined {
  const inputs = Object.entries(metafile.inputs)
  if (!inputs.every(([path, { format }]) => source.has(extname(path)) && format !== 'cjs')) return undefined
  const entry = Object.values(metafile.outputs)[0]?.entryPoint
  if (entry === undefined || isReordered(metafile, entry, inert)) return undefined
  const text = outputFiles[0]?.text
  return text === undefined || elsewhere.test(text.slice(0, text.lastIndexOf('//# sourceMappingURL=')))
    ? undefined
    : text
}

async function bundleText(file: string, outfile: string): Promise<string | undefined> {
  const { build, stop } = await import('esbuild')
  const inert = new Set<string>()
  try {
    const result = await build({
      entryPoints: [file],
      outfile,
      write: false,
      metafile: true,
      absWorkingDir: dirname(file),
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      // As Node resolves: no `module` of a package.json, which is there for browsers.
      conditions: process.features.require_module ? ['node-addons', 'module-sync'] : ['node-addons'],
      mainFields: ['main'],
      // As tsx does: function names are kept, and side effects of every file happen.
      keepNames: true,
      treeShaking: false,
      ignoreAnnotations: true,
      sourcemap: 'inline',
      sourcesContent: false,
      logLevel: 'silent',
      plugins: [packages(inert)],
    })
    return wholeText(result, inert)
  } catch {
    // What is wrong with the config is reported when tsx reads it: always in the same way, and with its place.
    return undefined
  } finally {
    await stop()
  }
}

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

/**
 * Bundles a config and everything that it imports from its project into one module, and runs that: the hooks with which
 * Node reads TypeScript file by file need a thread and an esbuild of their own, which takes longer than most commands.
 * Returns the module, or none, without having run anything, when the config needs more than ES modules and packages.
 */
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
