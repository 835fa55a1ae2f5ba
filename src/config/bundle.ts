import { existsSync, rmSync } from 'node:fs'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildResult, Metafile, OnResolveResult, Plugin } from 'esbuild'

/** What a bundle may be made of; whatever else a config imports is for tsx. */
const source: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs', '.json'])

/** What means something else in a bundle than in the file that says it, or cannot be in one. */
const elsewhere = /\bimport\.meta\b|\b__(?:dirname|filename)\b|\brequire\s*[(.]|\bimport\s*\(\s*(?!["'])/

/**
 * Leaves packages out, and names each by the file that Node would take for it. What is part of the project all the same, as
 * a workspace or an alias of tsconfig.json is, is given up: it may be TypeScript, and it may be there twice, in the bundle
 * and beside it. So is JavaScript that stands beside the TypeScript it was made of: tsx takes that, esbuild would not.
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
 * Whether a package is asked for after a file of the project was run. In a bundle all packages come first: one that reads
 * what that file has put into the environment would be too early. Those in `inert`, which are srv itself, read nothing.
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
  // What is asked for while it runs would be loaded at once as well, with its packages.
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
      // As tsx does: names of functions stay, and all that a file does is done.
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
    // What is wrong with it is told where tsx reads it: the same in every case, and with its place.
    return undefined
  } finally {
    await stop()
  }
}

/** A folder of its own for a bundle; nothing where there is no room for one, which is no reason not to read a config. */
async function makeFolder(): Promise<string | undefined> {
  try {
    return await realpath(await mkdtemp(join(tmpdir(), 'srv-config-')))
  } catch {
    return undefined
  }
}

/** Writes a file; whether it is there then. */
async function isWritten(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { mode: 0o600 })
    return true
  } catch {
    return false
  }
}

/** What Node says of a package behind which there is more than it can load by itself. */
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

/** The module of a config; or that there is none, and whether that is for a package that Node could not link. */
export type Bundled = { readonly module: unknown } | { readonly isUnlinked: boolean }

/**
 * Makes one module of a config and all that it imports of its project, and runs that: the hooks with which Node reads
 * TypeScript file by file need a thread and an esbuild of their own, which takes longer than most commands do. It yields the
 * module; of a config that is more than ES modules and packages nothing was run then.
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
