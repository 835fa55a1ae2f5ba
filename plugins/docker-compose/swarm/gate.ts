import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { inSeconds } from '../seconds.ts'

/*
 * `standing`: looks once at all services of the stack. 0 is good, 1 not yet, 2 never again; `said` is why, `guilty` the
 * service. The exit status of `docker stack deploy` is 0 also after the swarm took an update back, so UpdateStatus is
 * read, and what is behind it: how many containers run, and how many failed since.
 */
const standing =
  raw(String.raw`failures() { awk -F '|' '$4 ~ /^(Failed|Rejected)/ { print $1 }' "$compose/tasks" | sort; }
tasks() { engine stack ps --no-trunc --format '{{.ID}}|{{.Name}}|{{.DesiredState}}|{{.CurrentState}}|{{.Node}}|{{.Error}}' "$project" > "$compose/tasks" 2>/dev/null || : > "$compose/tasks"; }
standing() {
  tasks
  failures > "$compose/failed.now"
  comm -13 "$compose/failed.before" "$compose/failed.now" > "$compose/failed.new"
  set --
  while IFS="$tab" read -r service rest; do set -- "$@" "${'$'}{project}_$service"; done < "$compose/$id/services"
  engine service inspect -f '{{.Spec.Name}} {{with .UpdateStatus}}{{with .State}}{{.}}{{else}}-{{end}}{{else}}-{{end}}' "$@" > "$compose/updates" || { said='a service is gone' guilty=; return 2; }
  engine service ls --filter "label=com.docker.stack.namespace=$project" --format '{{.Name}} {{.Replicas}}' > "$compose/counts"
  verdict=0
  while IFS="$tab" read -r service hash image replicas ends why <&4; do
    name=${'$'}{project}_$service
    update=$(awk -v name="$name" '$1 == name { print $2 }' "$compose/updates")
    count=$(awk -v name="$name" '$1 == name { print $2 }' "$compose/counts")
    failed=$(awk -F '|' -v name="$name" 'NR == FNR { new[$1] = 1; next } ($1 in new) && index($2, name ".") == 1' "$compose/failed.new" "$compose/tasks" | wc -l)
    case $update in
    rollback_completed | rollback_paused) said="$service: the swarm took its update back" guilty=$service; return 2 ;;
    paused) said="$service: the swarm paused its update" guilty=$service; return 2 ;;
    updating | rollback_started) verdict=1 said="$service is $update"; continue ;;
    -) if [ "$failed" -ge 4 ]; then said="$service fails again and again" guilty=$service; return 2; fi ;;
    esac
    if [ "$ends" != stays ] && awk -F '|' -v name="$name" 'index($2, name ".") == 1 && $4 ~ /^Complete/ { found = 1 } END { exit !found }' "$compose/tasks"; then continue; fi
    # What Docker counts as running may be on a node that is gone.
    running=$(awk -F '|' -v name="$name" 'index($2, name ".") == 1 && $3 == "Running" && $4 ~ /^Running/' "$compose/tasks" | wc -l)
    [ "$running" -ge "${'$'}{count##*/}" ] || { verdict=1 said="$service: $running of ${'$'}{count##*/} containers run" guilty=$service; }
  done 4< "$compose/$id/services"
  return "$verdict"
}`)

/*
 * `settle span`: waits until three looks in a row were good and nothing failed between them, over at least that many seconds.
 * A swarm replaces the containers of a service one after the other, and watches each: the largest one has that much more time.
 */
const settle = raw(String.raw`settle() {
  good=0 since=0 last= begun=$(date +%s)
  while :; do
    outcome=0
    standing || outcome=$?
    now=$(date +%s)
    [ "$last" = "$(cat "$compose/failed.new")" ] || { last=$(cat "$compose/failed.new"); [ "$outcome" != 0 ] || outcome=1; said=${'$'}{said:-a container failed}; }
    case $outcome in
    0) [ "$good" != 0 ] || since=$now; good=$((good + 1)) ;;
    1) good=0 ;;
    *) return 1 ;;
    esac
    [ "$good" -lt 3 ] || [ $((now - since)) -lt "$1" ] || return 0
    most=$(awk '{ sub(/.*\//, "", $2); if ($2 + 0 > most) most = $2 + 0 } END { print most + 0 }' "$compose/counts")
    patience=$((limit + most * monitor))
    if [ "$good" = 0 ] && [ "$((now - begun))" -ge "$patience" ]; then said="$said after $patience s"; return 1; fi
    sleep 0.5
  done
}`)

/** Shell functions by which a stack proves that it stands. */
export function stackGate({
  monitorMs,
  timeoutMs,
}: {
  readonly monitorMs: number
  readonly timeoutMs: number
}): Script {
  return lines(
    sh`monitor=${inSeconds(monitorMs)} limit=${inSeconds(timeoutMs)}`,
    raw('said= guilty='),
    standing,
    settle,
  )
}
