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
 * Leaves packages out, and names each by the file that Node would take for it. Those that are TypeScript, as a workspace
 * or an alias of tsconfig.json may be, are not left out but given up: Node cannot read them.
 */
const packages = (inert: Set<string>): Plugin => ({
  name: 'packages',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, pluginData }): Promise<OnResolveResult> => {
      if (kind === 'entry-point' || pluginData === inert) return {}
      if (isBuiltin(path)) return { external: true }
      const found = await build.resolve(path, { kind, resolveDir, pluginData: inert })
      if (found.errors.length > 0) return { errors: found.errors }
      if (!/^[.](?:js|mjs|cjs)$/.test(extname(found.path))) return { errors: [{ text: 'not JavaScript' }] }
      const { href } = pathToFileURL(found.path)
      if (/^srvkit(?:\/|$)/.test(path)) inert.add(href)
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
  const visit = (file: string): boolean => {
    if (seen.has(file)) return false
    seen.add(file)
    for (const one of inputs[file]?.imports ?? []) {
      if (one.kind === 'dynamic-import') continue
      if (one.external === true ? hasRun && !inert.has(one.path) && !isBuiltin(one.path) : visit(one.path)) return true
    }
    hasRun = true
    return false
  }
  return visit(entry)
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

/**
 * Makes one module of a config and all that it imports of its project, and runs that: the hooks with which Node reads
 * TypeScript file by file need a thread and an esbuild of their own, which takes longer than most commands do. It yields the
 * module; nothing for a config that is more than ES modules and packages, of which nothing was run then.
 */
export async function importBundle(file: string): Promise<{ readonly module: unknown } | undefined> {
  const folder = await makeFolder()
  if (folder === undefined) return undefined
  try {
    const outfile = join(folder, 'config.mjs')
    const text = await bundleText(file, outfile)
    if (text === undefined || !(await isWritten(outfile, text))) return undefined
    return { module: await import(pathToFileURL(outfile).href) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
