import { isBuiltin } from 'node:module'
import type { Metafile } from 'esbuild'

/**
 * Whether a bundle would load a package earlier than its files ask for it. Node runs modules in the order of their
 * imports, but in a bundle all packages come first: one that reads what a file of the project has put into the environment
 * would be too early.
 *
 * @param entry the file that the bundle was made of, as `inputs` names it
 * @param harmless URLs of packages that may come early, because they read nothing of what a file could have set
 */
export function isReordered({ inputs }: Metafile, entry: string, harmless: ReadonlySet<string>): boolean {
  const seen = new Set<string>()
  const askedForLater: string[] = []
  let hasRun = false

  const isEarly = (path: string): boolean => hasRun && !harmless.has(path) && !isBuiltin(path)

  /** Goes through the imports of a file in Node's order, and says whether one of them is a package that comes too early. */
  const visit = (file: string): boolean => {
    if (seen.has(file)) return false
    seen.add(file)
    for (const { kind, path, external = false } of inputs[file]?.imports ?? []) {
      if (kind === 'dynamic-import') {
        if (!external) askedForLater.push(path)
      } else if (external ? isEarly(path) : visit(path)) return true
    }
    hasRun = true
    return false
  }

  if (visit(entry)) return true
  // A file that is asked for while the config runs is in the bundle too, and so its packages are loaded at once.
  for (const file of askedForLater) if (visit(file)) return true
  return false
}
