import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Options } from '../options.ts'
import type { Vault } from '../vault.ts'
import { notIntact } from './checked.ts'
import { compareAwk, unchangedManifest } from './compare.ts'
import { listing, toDumps } from './listing.ts'
import { manifestAwk, nameInLine } from './manifest-awk.ts'
import { prologue } from './prologue.ts'
import { readingText } from './reading.ts'
import { readTold } from './read-told.ts'
import { writtenName } from './written-name.ts'

/** How much of a snapshot is looked at: sizes, times, modes and owners; the content of some files as well; all content. */
export type Level = 'quick' | 'sample' | 'full'

/*
 * Prints names of some of the files in `left` lines of a manifest: one in twenty at random, and no fewer than
 * twenty, because with few files the sample would usually be empty. Says on stderr how many those are, and in the file
 * `sizes` how many bytes they have.
 */
const sampleAwk = `${nameInLine}
BEGIN {
  srand(seed)
  want = int((left + 19) / 20)
  if (want < 20) want = 20
  if (want > left) want = left + 0
  print "sampled " want " of " all > "/dev/stderr"
}
rand() * left-- < want {
  want--
  bytes += $6
  print name_in($0)
}
END { printf "%.0f\\n", bytes > sizes }`

/** What of a snapshot is looked at. */
export interface Verified {
  /** One file or folder of the data. @default all, and the dumps */
  readonly path?: string | undefined
  /** Also what is said of the data beside them: their counts, and the release. */
  readonly hasDescription?: boolean
}

/* Prints the lines of files that were read, and behind them those of all else, without checksums. */
const mergeAwk = `${nameInLine}
FILENAME == ARGV[1] { if ($1 == "f") { read[name_in($0)] = 1; print }; next }
$1 != "f" { print; next }
!(name_in($0) in read) { print "f ?" substr($0, length($1 $2) + 2) }`

/**
 * Compares a snapshot with its manifest, and the manifest with its own checksum. Each difference is a line, and any makes
 * it end with `notIntact`; another status is that it could not be looked at, which says nothing about it. With a path, what
 * is there alone counts. Of a sample it says first how many files were read. rsync reads the tree, in the way in which it
 * wrote the manifest; what it could not read is told with the differences.
 */
export function verifyScript(
  vault: Vault,
  id: string,
  options: Pick<Options, 'acls' | 'xattrs'>,
  level: Level,
  { path = '', hasDescription = false }: Verified = {},
): Script {
  return lines(
    raw('set -eu'),
    prologue(vault),
    sh`id=${id} level=${level} below=${writtenName(path)} program=${manifestAwk} compare=${compareAwk} sample=${sampleAwk} merge=${mergeAwk} described=${hasDescription ? 'yes' : ''} to_dumps=${toDumps}`,
    listing(options),
    unchangedManifest,
    readingText,
    readTold,
    raw(`export below
differs() { code=${String(notIntact)}; }
work=$(mktemp -d) || fail 'no temporary folder can be made'
trap 'rm -rf "$work"' EXIT
algorithm=$(said "$id" checksum)
code=0
manifest_unchanged "$id" || { echo 'the manifest itself was changed'; exit ${String(notIntact)}; }
if [ -n "$described" ]; then
  # Those from before there was a sum have a line in it all the same.
  sum=$(said "$id" releaseSum)
  if [ ! -s "$base/$id/release.json" ] || { [ -n "$sum" ] && [ "$(sha256sum <"$base/$id/release.json")" != "$sum  -" ]; }; then
    echo 'differs in content: ../release.json'
    differs
  fi
  unchanged "$id" || { echo 'differs in what it says: ../snapshot.json was changed after it was written'; differs; }
  counted=$(awk '$1 == "f" { files++; bytes += $6 } END { printf "%d files and %.0f bytes", files, bytes }' "$base/$id/manifest") || fail 'awk failed: '
  told="$(said "$id" files) files and $(said "$id" bytes) bytes"
  [ "$counted" = "$told" ] || { echo "differs in what it says: ../snapshot.json has $told, the manifest $counted"; differs; }
fi
found() {
  of=$1 prefix=$2
  shift 2
  [ -d "$base/$id/$of" ] || return 0
  by=
  case " $* " in *' --checksum '*) by=told_reading ;; esac
  # 23 is that some of it could not be read, and 24 that it is gone.
  list "$base/$id/$of" "$@" >"$work/log" || case $? in 23 | 24) differs ;; *) fail "rsync could not list $base/$id/$of" ;; esac
  awk -v prev= -v prefix="$prefix" "$program" "$work/log" >>"$lines" 2>"$work/counts" || fail "awk failed: $(tail -n 1 "$work/counts")"
  [ -z "$by" ] || { read -r _ read_bytes _ <"$work/counts"; was_read=$((was_read + read_bytes)); }
}
check() {
  awk -v summed="$1" -v some="$2" "$compare" "$base/$id/manifest" "$lines" || case $? in 3) differs ;; *) fail 'awk failed' ;; esac
}
lines=$work/lines
: >"$lines"
case $level in
full) to_read=$(said "$id" bytes); found data '' --checksum; found dumps "$to_dumps" --checksum; check 1 '' ;;
*) found data ''; found dumps "$to_dumps"; [ "$level" = sample ] || check '' '' ;;
esac
if [ "$level" = sample ]; then
  # Names that rsync writes with escapes are left to a full look.
  grep '^f' "$base/$id/manifest" | grep -vF '\\#' >"$work/files" || :
  awk -v seed="$(date +%s)" -v left="$(wc -l <"$work/files")" -v all="$(grep -c '^f' "$base/$id/manifest")" -v sizes="$work/sizes" "$sample" "$work/files" 2>&1 >"$work/names"
  to_read=$(cat "$work/sizes")
  lines=$work/read
  : >"$lines"
  # rsync takes a line for a comment that begins with # or ;.
  awk -v out="$to_dumps" 'index($0, out) != 1 { print "./" $0 }' "$work/names" >"$work/some"
  found data '' --checksum --files-from="$work/some"
  awk -v out="$to_dumps" 'index($0, out) == 1 { print "./" substr($0, length(out) + 1) }' "$work/names" >"$work/some"
  found dumps "$to_dumps" --checksum --files-from="$work/some"
  listed=$(grep -c '^f' "$lines" || :) asked=$(($(wc -l <"$work/names")))
  # In one list, so that what differs is told once.
  awk "$merge" "$work/read" "$work/lines" >"$work/merged" || fail 'awk failed'
  lines=$work/merged
  check 1 1
  [ "$listed" = "$asked" ] || { echo "the content of only $listed of $asked files was read"; differs; }
fi
exit "$code"`),
  )
}
