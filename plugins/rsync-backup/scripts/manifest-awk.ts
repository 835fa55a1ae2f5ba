import { raw } from '../../../src/index.ts'

/** Function of awk: the name in a line of a manifest, whatever is in it. */
export const nameInLine = String.raw`function name_in(line, p) {
  split(line, p, " ")
  return substr(line, length(p[1] p[2] p[3] p[4] p[5] p[6] p[7]) + 8)
}`

/** Has a text take mawk where there is one: it takes a third of gawk's time. */
export const mawkFunction = raw('if command -v mawk >/dev/null; then awk() { mawk "$@"; }; fi')

/**
 * Functions of awk: `name_of` takes the name out of the end of what rsync prints of an entry, and leaves in `link` what it
 * points at. A name stands twice there, around the target of a link, because neither is quoted: what is the same before and
 * behind is the name.
 */
export const nameFunctions = String.raw`function name_of(m, half, at, k, c) {
  link = ""
  half = (length(m) - 2) / 2
  if (half == int(half) && substr(m, half + 1, 2) == "||" && substr(m, 1, half) == substr(m, half + 3)) return substr(m, 1, half)
  at = 0
  while ((k = index(substr(m, at + 1), "| ")) > 0) {
    at += k
    c = substr(m, 1, at - 1)
    if (substr(m, length(m) - length(c)) == "|" c && substr(m, at + 1, 4) ~ /^ [-=]> $/) {
      link = substr(m, at + 1, length(m) - 2 * length(c) - 2)
      return c
    }
  }
  return m
}`

/**
 * Makes lines of a manifest from what rsync prints of each entry: kind, checksum, mode, owner, group, size, time, name.
 *
 * rsync tells the checksum of what it sent; what it found unchanged has that of the manifest before (`prev`), and a further
 * name of a file that of its first; one of a symbolic link leads where its first does. An entry without any is counted in `unknown`, also where the manifest before did not know one. Names are told from
 * `data/`; for what is outside, `prefix` leads out of it.
 */
export const manifestAwk = String.raw`${nameInLine}
${nameFunctions}
BEGIN {
  if (prev != "") while ((getline line < prev) > 0) {
    split(line, p, " ")
    if (p[1] == "f" && p[2] != "?") was[name_in(line)] = p[2]
  }
}
/^=/ {
  m = substr($0, 2)
  for (i = 1; i <= 7; i++) { k = index(m, "|"); f[i] = substr(m, 1, k - 1); m = substr(m, k + 1) }
  kind = substr(f[1], 2, 1)
  if (kind !~ /^[fdLDS]$/) next
  name = prefix name_of(m)
  sum = f[2]
  gsub(/ /, "", sum)
  size = kind == "f" || kind == "L" ? f[6] : "-"
  if (kind == "f") {
    if (sum == "" && substr(link, 1, 4) == " => " && ((prefix substr(link, 5)) in here)) sum = here[prefix substr(link, 5)]
    if (sum == "" && (name in was)) sum = was[name]
    if (sum == "") { sum = "?"; unknown++ }
    here[name] = sum
    files++; bytes += f[6]
    if (substr(f[1], 1, 1) == ">") { newFiles++; newBytes += f[6] }
  } else sum = "-"
  if (kind == "L") {
    if (substr(link, 1, 4) == " => " && ((prefix substr(link, 5)) in target)) link = target[prefix substr(link, 5)]
    target[name] = link
    name = name link
  }
  print kind, sum, f[3], f[4], f[5], size, f[7], name
}
END { printf "%d %.0f %d %.0f %d\n", files, bytes, newFiles, newBytes, unknown > "/dev/stderr" }`
