import { execFileSync } from 'node:child_process'
import { env } from 'node:process'

/** All there is to know of a folder but how often its files are linked to: names, kinds, modes, owners, sizes, times, which files they are, and contents. */
export function wholeOf(folder: string): string {
  const find = String.raw`find . -printf '%p %y %m %U %G %s %T@ %l %i\0' | sort -z; find . -type f -print0 | sort -z | xargs -0 sha256sum`
  return execFileSync('sh', ['-c', find], { cwd: folder, encoding: 'utf8', env: { ...env, LC_ALL: 'C' } })
}
