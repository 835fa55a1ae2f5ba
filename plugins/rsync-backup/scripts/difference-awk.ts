import { nameFunctions } from './manifest-awk.ts'

/*
 * Takes a line of rsync apart: kind of change, kind of entry, name without the slash of a folder, and `link`. The host has a
 * say in what its rsync prints here, so nothing may be removed or written to only because a line says so.
 */
const entryFunction = String.raw`${nameFunctions}
function entry(line, i, k) {
  line = substr(line, 2)
  for (i = 1; i <= 7; i++) { k = index(line, "|"); if (i == 1) change = substr(line, 1, k - 1); line = substr(line, k + 1) }
  name = name_of(line)
  kind = substr(change, 2, 1)
  isGone = substr(change, 1, 1) == "*"
  isNew = index(change, "+") > 0
  isSame = substr(change, 3) ~ /^ *$/ && change ~ /^[.h]/
  if (name ~ /\/$/) sub(/\/$/, "", name)
}
function unescaped(path, made, at) {
  while ((at = match(path, /\\#[0-7][0-7][0-7]/)) > 0) {
    made = made substr(path, 1, at - 1) sprintf("%c", 64 * substr(path, at + 2, 1) + 8 * substr(path, at + 3, 1) + substr(path, at + 4, 1))
    path = substr(path, at + 5)
  }
  return made path
}
function parent(path) { return sub(/\/[^\/]*$/, "", path) ? path : "." }
function give_up() { gaveUp = 1; exit 3 }`

/**
 * Reads what an rsync that changes nothing (`-n`, with `--delete`) said of the folder that a copy is compared with, and
 * prints what has to be copied, a path in a line, with the folders that it is in; nothing when all is the same.
 *
 * Its exit status is 3 where this says too little, and rsync has to make the whole copy: a file that changed where there are
 * hard links, as only rsync knows which belong together; a folder that may have lost what cp would leave, in the marks that
 * `lasting` is a pattern of; a name with a line break; a path that does not lead through folders only.
 */
export const wantedAwk = String.raw`${entryFunction}
function want(path) {
  if (path in wanted) return
  wanted[path] = 1
  if (path == ".") return
  hasWanted = 1
  want(parent(path))
  print "./" unescaped(path)
}
/^=/ {
  entry($0)
  if (name ~ /\\#01[25]/) give_up()
  within[name] = 1
  if (isGone) { removed[name] = 1; next }
  if (change ~ /^h/) {
    hasLinks = 1
    if (!isSame || link != "") give_up()
  }
  if (kind == "d" && !isNew) folder[name] = 1
  if (isNew) removed[name] = 1
  else if (top == "" && name != "." && parent(name) == ".") top = name
  if (isSame) next
  if (kind == "d" && change ~ lasting) give_up()
  if (kind != "d" && !isNew) isTouched = 1
  want(name)
}
END {
  if (gaveUp || (hasLinks && isTouched)) exit 3
  # Removing changes the time of the folder.
  for (name in removed) {
    up = parent(name)
    if (up in folder) want(up)
  }
  for (name in within) {
    up = parent(name)
    if (name != "." && up != "." && !(up in folder) && !(up in removed)) exit 3
  }
  # The first folder comes with whatever is in it. Of its own name, rsync would list all that is in it.
  if (("." in wanted) && !hasWanted) print "./" (top == "" ? "." : unescaped(top))
}`

/**
 * Reads what was copied of that (`stage` is `copied`), then the same lines again (`asked`), and prints the lines of all
 * entries that there are now. What is gone, and the names of whatever is new, as something else may have had them, are
 * written to the file `obsolete`, as `find .` prints them. Of what was `listed`, some may have vanished since: how many
 * files, and the first names, go to the file `missing`. Its exit status is 3 where what was listed is something else by now.
 */
export const foldedAwk = String.raw`${entryFunction}
function remove(path) { print "./" unescaped(path) >"obsolete" }
function lose() {
  lost[name] = hasLost = 1
  if (kind == "d") return
  missing++
  if (missing <= 4) names = names name "\n"
}
!/^=/ { next }
{ entry($0) }
stage == "copied" { now[name] = kind; print; next }
isGone { remove(name); next }
name in now {
  known[name] = 1
  if (now[name] != kind && listed) give_up()
  if (now[name] != kind || isNew) remove(name)
  next
}
!listed { remove(name); next }
hasLost && (parent(name) in lost) { lose(); next }
isSame { print; next }
{ remove(name); lose() }
END {
  if (gaveUp) exit 3
  if (listed) for (name in now) if (!(name in known)) exit 3
  if (hasLost) printf "%d\n%s", missing, names >"missing"
}`
