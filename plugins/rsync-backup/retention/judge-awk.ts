/*
 * The judgement over snapshots, in awk, because machines that hold backups have no Node. Without intervals in expressions and
 * time functions, which mawk and busybox lack. It is put between single quotes, so it has none.
 *
 * Variables: `now` (an id), `semantics`, and `rules`: words from fine to coarse such as `last=3 hourly=1d daily=7`, where a
 * limit that ends with a unit is a duration.
 */

/** Days from 1970-01-01, by the proleptic Gregorian calendar; a day outside of its month is one of another month. */
const calendar = String.raw`
function floor(x,  whole) { whole = int(x); return whole > x ? whole - 1 : whole }
function days(year, month, day) {
  if (month < 3) { year--; month += 12 }
  return 365 * year + floor(year / 4) - floor(year / 100) + floor(year / 400) + int((153 * month - 457) / 5) + day - 719469
}
function part(id, from, size) { return substr(id, from, size) + 0 }
# The second of an id, a duration earlier. A day that the month then lacks counts on into the next one: 31 March less 1m is 2 or 3 March.
function moment(id, duration,  year, month, day, hour, number, unit) {
  year = part(id, 1, 4); month = part(id, 5, 2); day = part(id, 7, 2); hour = part(id, 10, 2)
  while (match(duration, /^[0-9]+/)) {
    number = part(duration, 1, RLENGTH); unit = substr(duration, RLENGTH + 1, 1); duration = substr(duration, RLENGTH + 2)
    if (unit == "y") year -= number
    if (unit == "m") month -= number
    if (unit == "d") day -= number
    if (unit == "h") hour -= number
  }
  year += floor((month - 1) / 12); month -= 12 * floor((month - 1) / 12)
  return 86400 * days(year, month, day) + 3600 * hour + 60 * part(id, 12, 2) + part(id, 14, 2)
}
function isTime(id,  year, month, day) {
  if (id !~ /^[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z$/) return 0
  year = part(id, 1, 4); month = part(id, 5, 2); day = part(id, 7, 2)
  return month >= 1 && month <= 12 && day >= 1 && day <= days(year, month + 1, 1) - days(year, month, 1) &&
    part(id, 10, 2) < 24 && part(id, 12, 2) < 60 && part(id, 14, 2) < 60
}
# What two snapshots of one period have in common.
function period(name, id) {
  if (name == "last") return id
  if (name == "hourly") return substr(id, 1, 11)
  if (name == "daily") return substr(id, 1, 8)
  if (name == "weekly") return "week " floor((days(part(id, 1, 4), part(id, 5, 2), part(id, 7, 2)) + 3) / 7)
  if (name == "monthly") return substr(id, 1, 6)
  return substr(id, 1, 4)
}`

/**
 * One rule over the candidates, newest first. The oldest one is kept even when its period already has one, as long as the
 * rule has any count left: history grows to the requested length instead of starting afresh with each period.
 */
const rule = String.raw`
function say(id, reason) { if (id in why) why[id] = why[id] ", " reason; else why[id] = reason }
function apply(name, limit, coarsest,  timed, edge, label, left, previous, key, id, at, same) {
  timed = limit ~ /[ymdh]$/
  label = name
  if (timed) { edge = moment(good, limit); label = name == "last" ? "within " limit : name " within " limit }
  left = limit + 0
  previous = ""
  for (at = 1; at <= candidates; at++) {
    id = candidate[at]
    if (timed ? moment(id, "") <= edge : left == 0) return
    key = period(name, id)
    same = key == previous
    if (same && !(at == candidates && (semantics == "restic" || coarsest))) continue
    previous = key
    if (semantics == "borg" && (id in why)) continue
    say(id, same ? label " (oldest)" : label)
    if (left > 0) left--
  }
}`

/** Nothing is judged before every line was understood: a half-read list would be judged wrongly. */
const reading = String.raw`
function refuse(problem) { print "retain: " problem | "cat >&2"; refused = 1; exit 2 }
BEGIN { if (!isTime(now)) refuse("the time of this machine cannot be read") }
NF != 3 || !isTime($1) || $2 !~ /^(good|suspect|unreadable|changed)$/ || $3 !~ /^(yes|no|deploy)$/ { refuse("line " NR " is not an id, a state and whether it is pinned") }
$1 in state { refuse("line " NR " has the id of an earlier one") }
{ ids[NR] = $1; state[$1] = $2; pinned[$1] = $3 }`

const judging = String.raw`
END {
  if (refused) exit 2
  for (gap = int(NR / 2); gap > 0; gap = int(gap / 2)) for (at = gap + 1; at <= NR; at++) {
    id = ids[at]
    for (to = at - gap; to > 0 && ids[to] < id; to -= gap) ids[to + gap] = ids[to]
    ids[to + gap] = id
  }
  good = ""
  for (at = 1; at <= NR && good == ""; at++) if (state[ids[at]] == "good" && ids[at] <= now) good = ids[at]
  for (at = 1; at <= NR; at++) {
    id = ids[at]
    if (state[id] == "good" && id <= now && !(semantics == "borg" && pinned[id] != "no")) candidate[++candidates] = id
  }
  many = split(rules, word, " ")
  for (at = 1; at <= many; at++) { equals = index(word[at], "="); apply(substr(word[at], 1, equals - 1), substr(word[at], equals + 1), at == many) }
  for (at = 1; at <= NR; at++) {
    id = ids[at]
    if (pinned[id] == "yes") say(id, "pinned")
    if (pinned[id] == "deploy") say(id, "rollback --with-data goes back to it")
    if (id > now) say(id, "in the future")
    else if (state[id] == "unreadable") say(id, "unreadable: its snapshot.json says nothing")
    else if (state[id] == "changed") say(id, "unreadable: its snapshot.json was changed after it was written")
    else if (state[id] != "good" && id > good) say(id, state[id] ": kept until there is a newer good one")
    if (id == good) say(id, "the last good one")
    if (id in why) print "keep", id, why[id]
    else print "remove", id
  }
}`

/** The whole program. */
export const judge = calendar + rule + reading + judging
