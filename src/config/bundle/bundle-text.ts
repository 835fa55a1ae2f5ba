import { dirname } from 'node:path'
import { packages } from './packages.ts'
import { wholeText } from './whole-text.ts'

/** Bundles a config and everything that it imports from its project into one module; `undefined` when that is not possible. */
export async function bundleText(file: string, outfile: string): Promise<string | undefined> {
  const { build, stop } = await import('esbuild')
  const srv = new Set<string>()
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
      plugins: [packages(srv)],
    })
    return wholeText(result, srv)
  } catch {
    // What is wrong with the config is reported when tsx reads it: always in the same way, and with its place.
    return undefined
  } finally {
    await stop()
  }
}
