import { lines, raw } from '../../../src/index.ts'

/** Exit status of a text about a snapshot that is not there, as a prune may have removed it since it was chosen. */
export const notThere = 101

/** Ends with `notThere` where there is no snapshot `$id`; it stands behind the prologue. */
export const thereText = raw(`is_gone() { [ ! -d "$base/$id" ] || return 1; }
there() {
  is_gone || return 0
  printf 'there is no snapshot %s in %s\\n' "$id" "$base" >&2
  exit ${String(notThere)}
}
there`)

/**
 * Has prunes pass over the snapshot `$id` for as long as the text goes on, or anything that it started: a restore on another
 * host, or whoever verifies, has no lease that would keep them off. It stands behind the prologue, and fails for one that is gone.
 */
export const readingText = lines(
  thereText,
  raw(`exec 6<"$base/$id"
# A host that has none reads its own copy, in which nobody prunes.
if command -v flock >/dev/null; then flock -s 6 || :; fi
there`),
)

/**
 * Shell function `take_out ID`: takes a snapshot out of sight, so that what a dead run left half removed is never taken for
 * one. One that is read stays, and is told.
 */
export const takeOutFunction = raw(`take_out() {
  exec 6<"$base/$1"
  if flock -n 6; then mv "$base/$1" "$base/.trash-$1"
  else printf 'reading %s\\n' "$1"
  fi
  exec 6<&-
}`)
