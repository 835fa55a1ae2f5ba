import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildResult, OnResolveResult, Plugin } from 'esbuild'

/** What a bundle may be made of; whatever else a config imports is for tsx. */
const source: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs', '.json'])

/** What means something else in a bundle than in the file that says it, or cannot be in one. */
const elsewhere = /\bimport\.meta\b|\b__(?:dirname|filename)\b|\brequire\s*[(.]|\bimport\s*\(\s*(?!["'])/

/**
 * Leaves packages out, and names each by the file that Node would take for it. Those that are TypeScript, as a workspace
 * or an alias of tsconfig.json may be, are not left out but given up: Node cannot read them.
 */
const packages: Plugin = {
  name: 'packages',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, pluginData }): Promise<OnResolveResult> => {
      if (kind === 'entry-point' || pluginData === packages) return {}
      if (isBuiltin(path)) return { external: true }
      const found = await build.resolve(path, { kind, resolveDir, pluginData: packages })
      if (found.errors.length > 0) return { errors: found.errors }
      if (!/^[.](?:js|mjs|cjs)$/.test(extname(found.path))) return { errors: [{ text: 'not JavaScript' }] }
      return { path: pathToFileURL(found.path).href, external: true }
    })
  },
}

function isWhole({ metafile, outputFiles }: BuildResult<{ metafile: true; write: false }>): string | undefined {
  const inputs = Object.entries(metafile.inputs)
  if (!inputs.every(([path, { format }]) => source.has(extname(path)) && format !== 'cjs')) return undefined
  const text = outputFiles[0]?.text
  return text === undefined || elsewhere.test(text.slice(0, text.lastIndexOf('//# sourceMappingURL=')))
    ? undefined
    : text
}

async function bundleText(file: string, outfile: string): Promise<string | undefined> {
  const { build, stop } = await import('esbuild')
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
      conditions: [],
      mainFields: ['main'],
      // As tsx does: names of functions stay, and all that a file does is done.
      keepNames: true,
      treeShaking: false,
      ignoreAnnotations: true,
      sourcemap: 'inline',
      sourcesContent: false,
      logLevel: 'silent',
      plugins: [packages],
    })
    return isWhole(result)
  } catch {
    // What is wrong with it is told where tsx reads it: the same in every case, and with its place.
    return undefined
  } finally {
    await stop()
  }
}

/**
 * Makes one module of a config and all that it imports of its project, and runs that: the hooks with which Node reads
 * TypeScript file by file need a thread and an esbuild of their own, which takes longer than most commands do. It yields the
 * module; nothing for a config that is more than ES modules and packages, of which nothing was run then.
 */
export async function importBundle(file: string): Promise<{ readonly module: unknown } | undefined> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'srv-config-')))
  try {
    const outfile = join(folder, 'config.mjs')
    const text = await bundleText(file, outfile)
    if (text === undefined) return undefined
    await writeFile(outfile, text, { mode: 0o600 })
    return { module: await import(pathToFileURL(outfile).href) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
