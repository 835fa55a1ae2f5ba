import { sh, type Script } from '../../../src/index.ts'
import type { Options } from '../options.ts'
import { keepFlags } from './pass.ts'
import { format } from './prologue.ts'

/** Leads from `data/` to the dumps beside it, in a manifest: no name of data begins so. */
export const toDumps = '../dumps/'

/**
 * Shell function `list FOLDER [OPTION…]`: what rsync would send of a folder, in the form of a manifest's source. With
 * `--checksum` it reads every byte. Its status is rsync's, which `$by` starts where a text sets that.
 */
export function listing(options: Pick<Options, 'acls' | 'xattrs'>): Script {
  return sh`list() {
  folder=$1
  shift
  empty=$(mktemp -d) || fail 'no temporary folder can be made'
  unlisted=0
  \${by:-} rsync -n ${keepFlags(options)} $fake -ii ${`--out-format=${format}`} "--checksum-choice=$algorithm" "$@" "$folder/" "$empty/" || unlisted=$?
  rmdir "$empty"
  return "$unlisted"
}`
}
