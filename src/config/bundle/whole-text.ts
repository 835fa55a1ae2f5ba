import { extname } from 'node:path'
import type { BuildResult } from 'esbuild'
import { isReordered } from './order.ts'

/** Ends of names of files that a bundle may be made of. */
const bundled: ReadonlySet<string> = new Set(['.ts', '.mts', '.js', '.mjs', '.json'])

/**
 * Text that means something else in a bundle than in the file that says it (`import.meta`, `__dirname`), or that asks for
 * a file whose name esbuild cannot know (`require`, `import(name)`). It also matches in a string or a comment, and then
 * costs the config the time of the slower way, no more.
 */
const meansAnother = /\bimport\.meta\b|\b__(?:dirname|filename)\b|\brequire\s*[(.]|\bimport\s*\(\s*(?!["'])/

/**
 * The text of a bundle; nothing when it would not do the same as the files it was made of.
 *
 * @param srv URLs of srv's own files that it imports
 */
export function wholeText(
  { metafile, outputFiles }: BuildResult<{ metafile: true; write: false }>,
  srv: ReadonlySet<string>,
): string | undefined {
  const inputs = Object.entries(metafile.inputs)
  const isAllModules = inputs.every(([path, { format }]) => bundled.has(extname(path)) && format !== 'cjs')
  const entry = Object.values(metafile.outputs)[0]?.entryPoint
  const text = outputFiles[0]?.text
  if (!isAllModules || entry === undefined || text === undefined) return undefined
  const code = text.slice(0, text.lastIndexOf('//# sourceMappingURL='))
  return meansAnother.test(code) || isReordered(metafile, entry, srv) ? undefined : text
}
