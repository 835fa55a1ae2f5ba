import { nameFunctions } from '../scripts/manifest-awk.ts'

/**
 * Reads what rsync's log said of each entry, and the list of them, and prints the list, with what was done with each file
 * and its checksum where just one line of the log fits it. The file is made by who sent it: a name with a line break, or one
 * as long as `wide`, could have made such a line, and then none counts. Of a file without one, the kind of change is `.`,
 * which has it compared with the last manifest, or `?` where all content was compared and that says nothing; the file
 * `untold` is made.
 */
export const toldAwk = String.raw`${nameFunctions}
function fields(text, i, k) {
  text = substr(text, 2)
  for (i = 1; i <= 7; i++) { k = index(text, "|"); f[i] = substr(text, 1, k - 1); text = substr(text, k + 1) }
  return text
}
function plain(text) { gsub(/\\#[0-7][0-7][0-7]/, "x", text); return text }
# What has to be the same of a file here and there: all but the change and the checksum.
function same() { return f[3] "|" f[4] "|" f[5] "|" f[6] "|" f[7] }
FILENAME != "listed" {
  if ($0 !~ /^=.f/) next
  name = name_of(fields($0))
  if (name in said) { said[name] = ""; next }
  gsub(/ /, "", f[2])
  said[name] = same()
  change[name] = f[1]
  sum[name] = f[2]
  first[name] = substr(link, 1, 4) == " => " ? substr(link, 5) : ""
  next
}
{ entry[++entries] = $0; if (index($0, "\\#012") || length(plain($0)) >= wide) distrusted = 1 }
END {
  for (at = 1; at <= entries; at++) {
    line = entry[at]
    if (line !~ /^=.f/) { print line; continue }
    name = name_of(fields(line))
    rest = substr(line, length(f[1] f[2]) + 3)
    if (!distrusted && (name in said) && said[name] == same()) {
      # A further name of a file has what its first one has.
      if (sum[name] == "" && first[name] != "" && (first[name] in said) && said[first[name]] == said[name]) sum[name] = sum[first[name]]
      print "=" change[name] "|" sum[name] rest
    } else {
      print "=.f|" rest
      print name >"untold"
    }
  }
}`
