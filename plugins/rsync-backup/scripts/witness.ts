import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { nameInLine } from './manifest-awk.ts'

/*
 * Reads two lists of manifest lines: what was recorded about files, and what was read from them. Prints the second with the
 * recorded checksums, and writes into the file `rot` the names of those whose content has another one.
 */
const rottenAwk = `${nameInLine}
NR == FNR { if ($1 == "f" && $2 != "?") told[name_in($0)] = $2; next }
$1 != "f" || !((this = name_in($0)) in told) || told[this] == $2 { print; next }
{ print this >>"rot"; print "f " told[this] substr($0, length($2) + 3) }`

/**
 * Shell functions for a snapshot of whose files not all checksums are known, since some are linked from what a dead run
 * left. With `list`, `$program`, `$to_dumps`, `$last` and `$window`, in its folder:
 *
 * - `like_last` prints the lines of the last manifest that are of these files too, as rsync finds them unchanged, to the
 *   nanosecond where there are any.
 * - `read_all FOLDER PREFIX LINES` reads all content, once, for the checksums that are missing in a file of lines. What was
 *   recorded for the others stays, and `$rotten` counts those for which it no longer matches the disk.
 * - `count_files N` says how many, and `names_in FILE` prints the first names of a list of them.
 */
export const witnesses: Script = lines(
  sh`rotten_awk=${rottenAwk}`,
  raw(`like_last() {
  : >told
  for kind in data dumps; do
    [ -d "$kind" ] && [ -d "$base/$last/$kind" ] || continue
    from=$base/$last/$kind
    [ ! -d "compared/$kind" ] || from=$(pwd -P)/compared/$kind
    # Content alone counts; and rsync 3.5 would copy attributes to where a dry run makes nothing, which fails.
    list "$kind" --no-xattrs --no-acls "--modify-window=$window" "--compare-dest=$from" >again
    prefix=
    [ "$kind" = data ] || prefix=$to_dumps
    # Further names of a file have what its first one has.
    grep '^=[.c]f' again >told || :
    awk -v prev="$base/$last/manifest" -v prefix="$prefix" "$program" told 2>/dev/null
  done
}
read_all() {
  list "$1" --checksum >again
  mv "$3" told
  awk -v prev= -v prefix="$2" "$program" again >like 2>/dev/null
  : >>rot
  awk "$rotten_awk" told like >"$3"
  rotten=$(($(wc -l <rot)))
}
count_files() { if [ "$1" = 1 ]; then echo '1 file'; else echo "$1 files"; fi; }
names_in() {
  awk 'NR <= 3 { printf "%s%s", (NR > 1 ? ", " : ""), substr($0, 1, 200) } END { if (NR > 3) printf " and others" }' "$1"
}`),
)
