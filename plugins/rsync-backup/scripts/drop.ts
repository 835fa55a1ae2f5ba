import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { removeFunction } from './prologue.ts'

/**
 * Shell function `drop PATHS`: removes what is of no use any more, also folders that their own user may not write to and what
 * a container wrote as root. What stays all the same is told, and is no failure: nothing that serves may stay down for it.
 */
export const dropFunction: Script = lines(
  removeFunction,
  raw(`drop() {
  for useless in "$@"; do
    remove "$useless" 2>/dev/null || sudo -n rm -rf "$useless" 2>/dev/null || echo "$useless could not be removed" >&2
  done
}`),
)

/** Removes what is of no use any more, as far as the user may. */
export function dropScript(...paths: readonly string[]): Script {
  return lines(dropFunction, sh`drop ${paths}`)
}
