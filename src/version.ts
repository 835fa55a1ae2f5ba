import { readFileSync } from 'node:fs'

/** The version of this package, read from its package.json: the file lies one folder above the sources and two above the build. */
export function version(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const content: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
      if (typeof content === 'object' && content !== null && 'version' in content) return String(content.version)
    } catch {
      // Not at this depth: the next one.
    }
  }
  return 'unknown'
}
