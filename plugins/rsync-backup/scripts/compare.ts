import { raw } from '../../../src/index.ts'
import { nameInLine } from './manifest-awk.ts'

/**
 * Compares two lists of manifest lines: what is missing, what is new, and which fields of an entry differ. Only those count
 * that are of `kind` (`data` or `dumps`; both without it) and at the path `$below` or in it, as the manifest writes it. Of
 * what was `sent` there may be no devices: rsync says nothing of one that the user there may not make. It ends with 3 when
 * anything differs; with anything else awk itself has failed. With `some` set, only some files were read: the others have
 * no checksum.
 */
export const compareAwk = String.raw`${nameInLine}
function counts(name, type) {
  if (kind != "" && (kind == "dumps") != (index(name, out) == 1)) return 0
  if (below == "" || name == below || index(name, below "/") == 1) return 1
  return type == "L" && index(name, below " -> ") == 1
}
BEGIN { below = ENVIRON["below"] }
NR == FNR { name = name_in($0); if (counts(name, $1)) should[name] = $0; next }
{
  name = name_in($0)
  if (!counts(name, $1)) next
  seen[name] = 1
  if (!(name in should)) { if (!sampled) { print "new " name; bad++ }; next }
  split(should[name], s, " ")
  split($0, p, " ")
  what = ""
  if (s[1] != p[1]) what = what " kind"
  if (summed && s[2] != p[2] && !(some && p[2] == "?")) what = what " content"
  if (s[3] != p[3]) what = what " mode"
  if (s[4] != p[4] || s[5] != p[5]) what = what " owner"
  if (s[6] != p[6]) what = what " size"
  if (s[7] != p[7] && s[1] != "L") what = what " time"
  if (what != "") { print "differs in" what ": " name; bad++ }
}
END {
  if (!sampled) for (name in should) if (!(name in seen) && !(sent && should[name] ~ /^[DS]/)) { print "missing " name; bad++ }
  exit bad > 0 ? 3 : 0
}`

/**
 * Shell function `manifest_unchanged ID`: whether the manifest of a snapshot is what it was when that was published. A
 * machine that cannot tell ends the text.
 */
export const unchangedManifest = raw(`manifest_unchanged() {
  [ -e "$base/$1/manifest" ] || return 1
  sum=$(sha256sum <"$base/$1/manifest") || fail "the manifest of $1 cannot be read"
  [ "\${sum%% *}" = "$(said "$1" manifest)" ]
}`)
