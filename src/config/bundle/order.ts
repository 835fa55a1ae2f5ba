import { isBuiltin } from 'node:module'
import type { Metafile } from 'esbuild'

/**
 * Whether a package is imported after a file of the project has run. In a bundle all packages are loaded first, which would
 * be too early for one that reads what that file puts into the environment.
 *
 * @param entry the file that was bundled, as it is called in `inputs`
 * @param harmless URLs of packages that may be loaded early, because they read nothing that a file could set
 */
export function isReordered({ inputs }: Metafile, entry: string, harmless: ReadonlySet<string>): boolean {
  const seen = new Set<string>()
  const dynamic: string[] = []
  let hasRun = false

  const isEarly = (path: string): boolean => hasRun && !harmless.has(path) && !isBuiltin(path)

  /** Walks the imports of a file in the order in which Node runs them, up to the first package that would be too early. */
  const visit = (file: string): boolean => {
    if (seen.has(file)) return false
    seen.add(file)
    for (const { kind, path, external = false } of inputs[file]?.imports ?? []) {
      if (kind === 'dynamic-import') {
        if (!external) dynamic.push(path)
      } else if (external ? isEarly(path) : visit(path)) return true
    }
    hasRun = true
    return false
  }

  if (visit(entry)) return true
  // A file that is imported dynamically is part of the bundle as well, so its packages would be loaded right away.
  for (const file of dynamic) if (visit(file)) return true
  return false
}
