import { raw } from '../../../src/index.ts'

/**
 * Shell function `judge`: the state of the services in `table`, from what the swarm says about them. Last it prints a verdict:
 * 0 is good, 3 good while an update still goes on, 1 not yet, 2 never again; with the service, and why. Before that a line
 * `failed` for each task that failed since `over.before`, and `stuck` for each one-shot service that failed before and is not
 * tried again by itself.
 *
 * Only tasks of the current definition of a service count: those of the previous release keep running until the swarm gets
 * to them, and one that has ended says nothing about the next. What Docker counts as running may be on a node that is gone.
 */
export const judgeFunction = raw(String.raw`judge() { LC_ALL=C awk -v project="$project" '
at == "counts" { sub(/.*\//, "", $3); wanted[substr($2, length(project) + 2)] = $3 + 0; next }
at == "table" { order[++total] = $1; isGlobal[$1] = $4 == "global"; ends[$1] = $5; next }
at == "before" { old[$1] = 1; next }
at == "specs" { name = substr($2, length(project) + 2); of[$1] = name; update[name] = $3; again[name] = $4; spec[name] = $5; next }
at == "tasks" && ($2 in of) && (of[$2] in ends) {
  name = of[$2]; isNew = !($1 in old)
  if ($4 == "complete" && isNew) ended[name]++
  if ($6 != spec[name]) next
  if ($3 == "running" && $4 == "running") running[name]++
  else if ($4 == "complete" && ends[name] != "stays") complete[name]++
  else if ($4 ~ /^(complete|failed|rejected)$/) {
    if (isNew) { failed[name]++; code[name] = $5; print "failed", $1 } else stuck[name]++
  } else if ($3 ~ /^(running|ready)$/) active[name]++
}
function say(level, service, words) {
  if (level == 2 ? verdict != 2 : level == 1 ? verdict != 1 && verdict != 2 : verdict == 0) { verdict = level; said = service " " words }
}
function failure(name) { return code[name] ~ /^[1-9]/ ? "ended with exit status " code[name] : "did not start" }
function judge(name, finished, left, gone) {
  gone = ended[name] ? ": it ends with exit status 0, and the swarm starts it again. For a job, set restart: \"no\" in its compose file" : ""
  if (!(name in wanted) || !(name in update)) { say(2, name, name " is gone from the swarm"); return }
  if (update[name] ~ /^rollback_(completed|paused)$/) say(2, name, name ": the swarm rolled back its update" (ends[name] == "stays" ? gone : ""))
  if (update[name] == "paused") say(2, name, name ": the swarm paused its update" (ends[name] == "stays" ? gone : ""))
  if (update[name] == "rollback_started") say(1, name, name ": the swarm takes its update back")
  if (ends[name] == "stays") {
    if (ended[name] > 1) say(2, name, name gone)
    if (failed[name] > 3) say(2, name, name " fails again and again")
    if (running[name] + 0 < wanted[name]) say(1, name, name ": " running[name] + 0 " of " wanted[name] " containers run" gone)
  } else {
    left = active[name] + (ends[name] == "ends" ? running[name] : 0)
    finished = complete[name] + (ends[name] == "ends" ? 0 : running[name])
    # How many a global one has is not told any more once they ended.
    isDone = isGlobal[name] ? finished > 0 && left == 0 : finished >= wanted[name]
    if (!isDone && left == 0 && failed[name] && again[name] == "none") say(2, name, name " " failure(name))
    if (!isDone && failed[name] > 3) say(2, name, name " fails again and again: it " failure(name))
    if (!isDone) say(1, name, ends[name] == "ends" ? name " has not finished" : name ": " finished + 0 " of " wanted[name] " containers run")
    if (!isDone && left + complete[name] + running[name] + failed[name] == 0 && stuck[name]) print "stuck", name
    if (isDone && ends[name] == "ends") return
  }
  if (update[name] == "updating") say(3, name, name " is updating")
}
END {
  verdict = 0; said = "- -"
  for (each = 1; each <= total; each++) judge(order[each])
  print verdict, said
}' FS=' ' at=counts "$compose/counts" FS='\t' at=table "$table" FS='|' at=before "$compose/over.before" at=specs "$compose/specs" at=tasks "$compose/tasks"; }`)
