import { extname } from 'node:path'
import type { BuildResult } from 'esbuild'
import { isReordered } from './order.ts'

/** Extensions of files that may be bundled. */
const bundleable: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs', '.json'])

/**
 * Text that has another meaning in a bundle than in its own file (`import.meta`, `__dirname`), or imports a file whose name
 * esbuild cannot know (`require`, `import(name)`). It matches strings as well: such a config only loads more slowly.
 */
const meansAnother = /\bimport\.meta\b|\b__(?:dirname|filename)\b|\brequire\s*[(.]|\bimport\s*\(\s*(?!["'])/

/**
 * The text of a bundle; `undefined` when it would not do the same as its files.
 *
 * @param srv URLs of srv's own files that the bundle imports
 */
export function wholeText(
  { metafile, outputFiles }: BuildResult<{ metafile: true; write: false }>,
  srv: ReadonlySet<string>,
): string | undefined {
  const inputs = Object.entries(metafile.inputs)
  const isAllModules = inputs.every(([path, { format }]) => bundleable.has(extname(path)) && format !== 'cjs')
  const entry = Object.values(metafile.outputs)[0]?.entryPoint
  const text = outputFiles[0]?.text
  if (!isAllModules || entry === undefined || text === undefined) return undefined
  const code = text.slice(0, text.lastIndexOf('//# sourceMappingURL='))
  return meansAnother.test(code) || isReordered(metafile, entry, srv) ? undefined : text
}
