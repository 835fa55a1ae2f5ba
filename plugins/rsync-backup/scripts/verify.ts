import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Options } from '../options.ts'
import type { Vault } from '../vault.ts'
import { listing, toDumps } from './listing.ts'
import { manifestAwk } from './manifest-awk.ts'
import { prologue } from './prologue.ts'
import { writtenName } from './written-name.ts'

/** How much of a snapshot is looked at: sizes, times, modes and owners; the content of some files as well; all content. */
export type Level = 'quick' | 'sample' | 'full'

/**
 * Compares two lists of manifest lines: what is missing, what is new, and which fields of an entry differ. Only those count
 * that are of `kind` (`data` or `dumps`; both without it) and at the path `$below` or in it, as the manifest writes it. Of
 * what was `sent` there may be no devices: rsync says nothing of one that the user there may not make.
 */
export const compareAwk = String.raw`function key(line) { split(line, p, " "); return substr(line, length(p[1] p[2] p[3] p[4] p[5] p[6] p[7]) + 8) }
function counts(name, type) {
  if (kind != "" && (kind == "dumps") != (index(name, out) == 1)) return 0
  if (below == "" || name == below || index(name, below "/") == 1) return 1
  return type == "L" && index(name, below " -> ") == 1
}
BEGIN { below = ENVIRON["below"] }
NR == FNR { name = key($0); if (counts(name, p[1])) should[name] = $0; next }
{
  name = key($0)
  if (!counts(name, p[1])) next
  seen[name] = 1
  if (!(name in should)) { if (!sampled) { print "new " name; bad++ }; next }
  split(should[name], s, " ")
  split($0, p, " ")
  what = ""
  if (s[1] != p[1]) what = what " kind"
  if (summed && s[2] != p[2]) what = what " content"
  if (s[3] != p[3]) what = what " mode"
  if (s[4] != p[4] || s[5] != p[5]) what = what " owner"
  if (s[6] != p[6]) what = what " size"
  if (s[7] != p[7] && s[1] != "L") what = what " time"
  if (what != "") { print "differs in" what ": " name; bad++ }
}
END {
  if (!sampled) for (name in should) if (!(name in seen) && !(sent && should[name] ~ /^[DS]/)) { print "missing " name; bad++ }
  exit bad > 0
}`

/*
 * Prints names of some of the files in `left` lines of a manifest: one in twenty at random, and no fewer than
 * twenty, because with few files the sample would usually be empty. Says on stderr how many those are.
 */
const sampleAwk = `BEGIN {
  srand(seed)
  want = int((left + 19) / 20)
  if (want < 20) want = 20
  if (want > left) want = left + 0
  print "sampled " want " of " all > "/dev/stderr"
}
rand() * left-- < want {
  want--
  split($0, p, " ")
  print substr($0, length(p[1] p[2] p[3] p[4] p[5] p[6] p[7]) + 8)
}`

/** Shell function `manifest_unchanged`: whether the manifest of `$id` is unchanged since the snapshot was published. */
export const unchangedManifest = raw(
  `manifest_unchanged() { [ "$(sha256sum <"$base/$id/manifest" | cut -d ' ' -f 1)" = "$(said "$id" manifest)" ]; }`,
)

/**
 * Compares a snapshot with its manifest, and the manifest with its own checksum. Each difference is a line, and any makes
 * it fail; with a path, what is there alone counts. Of a sample it says first how many files were read. rsync reads the tree, in the way in which it wrote the manifest.
 */
export function verifyScript(
  vault: Vault,
  id: string,
  options: Pick<Options, 'acls' | 'xattrs'>,
  level: Level,
  path = '',
): Script {
  return lines(
    prologue(vault),
    sh`id=${id} level=${level} below=${writtenName(path)} program=${manifestAwk} compare=${compareAwk} sample=${sampleAwk} to_dumps=${toDumps}`,
    listing(options),
    unchangedManifest,
    raw(`[ -f "$base/$id/snapshot.json" ] || fail "there is no snapshot $id in $base"
export below
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
algorithm=$(said "$id" checksum)
manifest_unchanged || fail 'the manifest itself was changed'
code=0
found() {
  of=$1 prefix=$2
  shift 2
  [ -d "$base/$id/$of" ] || return 0
  list "$base/$id/$of" "$@" >"$work/log"
  awk -v prev= -v prefix="$prefix" "$program" "$work/log" >>"$work/lines" 2>/dev/null
}
check() { awk -v summed="$1" -v sampled="$2" "$compare" "$base/$id/manifest" "$work/lines" || code=1; }
: >"$work/lines"
case $level in
full) found data '' --checksum; found dumps "$to_dumps" --checksum; check 1 '' ;;
*) found data ''; found dumps "$to_dumps"; check '' '' ;;
esac
if [ "$level" = sample ]; then
  # Names that rsync writes with escapes are left to a full look.
  grep '^f' "$base/$id/manifest" | grep -vF '\\#' >"$work/files" || :
  awk -v seed="$(date +%s)" -v left="$(wc -l <"$work/files")" -v all="$(grep -c '^f' "$base/$id/manifest")" "$sample" "$work/files" 2>&1 >"$work/names"
  : >"$work/lines"
  # rsync takes a line for a comment that begins with # or ;.
  awk -v out="$to_dumps" 'index($0, out) != 1 { print "./" $0 }' "$work/names" >"$work/some"
  found data '' --checksum --files-from="$work/some"
  awk -v out="$to_dumps" 'index($0, out) == 1 { print "./" substr($0, length(out) + 1) }' "$work/names" >"$work/some"
  found dumps "$to_dumps" --checksum --files-from="$work/some"
  check 1 1
  asked=$(($(wc -l <"$work/names"))) listed=$(grep -c '^f' "$work/lines" || :)
  [ "$listed" = "$asked" ] || { echo "the content of only $listed of $asked files was read"; code=1; }
fi
exit "$code"`),
  )
}
