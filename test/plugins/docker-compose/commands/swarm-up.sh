instance=/srv/shop/instances/docker
data=/srv/shop/data
compose=/srv/shop/.srv/docker/compose
project=shop
images=srv/shop-
tab=$(printf '\t')
fail() { printf '%s\n' "$1" >&2; exit 1; }
plugin=
if ! grep -qs cliPluginsExtraDirs "${HOME:-/}/.docker/config.json"; then
  for place in "${HOME:-/}/.docker" /usr/local/lib/docker /usr/local/libexec/docker /usr/lib/docker /usr/libexec/docker; do
    [ -n "$plugin" ] || [ ! -x "$place/cli-plugins/docker-compose" ] || plugin=$place/cli-plugins/docker-compose
  done
fi
clean() { env -i HOME="${HOME:-/}" PATH="$PATH" XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-}" LC_ALL=C COMPOSE_ANSI=never BUILDX_NO_DEFAULT_ATTESTATIONS=1 'SRV_SERVICE=shop' 'SRV_INSTANCE=docker' 'SRV_HOST=web1' 'SRV_DATA=/srv/shop/data' 'SRV_RELEASE=20261122T140311Z-3f9c2a1' 'SRV_COMMIT=3f9c2a1000000000000000000000000000000000' "$@"; }
call() {
  if [ "$1" = compose ] && [ -n "$plugin" ]; then shift; clean "$plugin" "$@"; else clean docker "$@"; fi
}
engine() { call "$@" </dev/null; }
fed() { call compose --project-directory "$instance" --env-file /dev/null -p "$project" -f "$compose/$id/model.json" "$@"; }
frozen() { fed "$@" </dev/null; }
id=20261122T140311Z-3f9c2a1
[ -f "$compose/$id/stack.json" ] || fail "The release $id was never frozen here for a swarm: $compose/$id/stack.json is missing."
umask 077
printf '%s\n' "$id" > "$compose/open"
printf '%s\n' "$project swarm" > "$compose/project.new"
mv -f "$compose/project.new" "$compose/project"
monitor=10 limit=120
said= guilty=
judge() { LC_ALL=C awk -v project="$project" '
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
}' FS=' ' at=counts "$compose/counts" FS='\t' at=table "$table" FS='|' at=before "$compose/over.before" at=specs "$compose/specs" at=tasks "$compose/tasks"; }
tasks() {
  set -- $(engine stack ps -q --no-trunc "$project" 2>/dev/null || :)
  : > "$compose/tasks"
  [ $# = 0 ] || engine inspect --type task -f '{{.ID}}|{{.ServiceID}}|{{.DesiredState}}|{{.Status.State}}|{{with .Status.ContainerStatus}}{{.ExitCode}}{{end}}|{{with .Spec.ContainerSpec}}{{.Image}} {{with index .Labels "srv.hash"}}{{.}}{{end}}{{end}} {{with .Spec.RestartPolicy}}{{.Condition}} {{json .MaxAttempts}} {{json .Window}}{{end}} {{with .Spec.Resources}}{{json .Limits}} {{json .Reservations}}{{end}} {{.Spec.ForceUpdate}}' "$@" > "$compose/tasks" 2>/dev/null || :
}
begin() {
  tasks
  awk -F '|' '$4 ~ /^(complete|failed|rejected)$/ { print $1 }' "$compose/tasks" > "$compose/over.before"
}
standing() {
  tasks
  : > "$compose/failed.new"
  unknown='the swarm does not say what it runs'
  engine service ls --filter "label=com.docker.stack.namespace=$project" --format '{{.ID}} {{.Name}} {{.Replicas}}' > "$compose/counts" 2>/dev/null || { said=$unknown guilty=; return 1; }
  set -- $(awk '{ print $1 }' "$compose/counts")
  : > "$compose/specs"
  [ $# = 0 ] || engine service inspect -f '{{.ID}}|{{.Spec.Name}}|{{with .UpdateStatus}}{{with .State}}{{.}}{{else}}-{{end}}{{else}}-{{end}}|{{with .Spec.TaskTemplate.RestartPolicy}}{{.Condition}}{{end}}|{{with .Spec.TaskTemplate.ContainerSpec}}{{.Image}} {{with index .Labels "srv.hash"}}{{.}}{{end}}{{end}} {{with .Spec.TaskTemplate.RestartPolicy}}{{.Condition}} {{json .MaxAttempts}} {{json .Window}}{{end}} {{with .Spec.TaskTemplate.Resources}}{{json .Limits}} {{json .Reservations}}{{end}} {{.Spec.TaskTemplate.ForceUpdate}}' "$@" > "$compose/specs" 2>/dev/null || { said=$unknown guilty=; return 1; }
  judge > "$compose/verdict"
  sed -n 's/^failed //p' "$compose/verdict" | sort > "$compose/failed.new"
  words=$(tail -n 1 "$compose/verdict")
  verdict=${words%% *} words=${words#* }
  [ "$verdict" = 0 ] || { guilty=${words%% *} said=${words#* }; }
  return "$verdict"
}
settle() {
  good=0 since=0 last= begun=$(date +%s)
  while :; do
    outcome=0
    standing || outcome=$?
    now=$(date +%s)
    if [ "$last" != "$(cat "$compose/failed.new")" ]; then
      last=$(cat "$compose/failed.new")
      case $outcome in 0 | 3) outcome=1 said='a container failed' ;; esac
    fi
    case $outcome in
    0 | 3) [ "$good" != 0 ] || since=$now; good=$((good + 1)) ;;
    1) good=0 ;;
    *) return 1 ;;
    esac
    [ "$outcome" != 0 ] || [ "$good" -lt "$1" ] || [ $((now - since)) -lt "$2" ] || return 0
    most=$(awk '{ sub(/.*\//, "", $3); if ($3 + 0 > most) most = $3 + 0 } END { print most + 0 }' "$compose/counts")
    patience=$((limit + most * monitor))
    if [ "$outcome" != 0 ] && [ "$((now - begun))" -ge "$patience" ]; then said="$said after $patience s"; return 1; fi
    sleep 0.5
  done
}
evidence() {
  [ -n "$guilty" ] || return 0
  (umask 077; mkdir -p "$compose/$id/failed")
  engine service ps --no-trunc --format '{{.Name}} on {{.Node}}: {{.CurrentState}} {{.Error}}' "${project}_$guilty" > "$compose/$id/failed/$guilty.tasks" 2>/dev/null || :
  engine service logs --raw --timestamps --tail 500 "${project}_$guilty" > "$compose/$id/failed/$guilty.log" 2>&1 || :
}
broken() {
  printf '%s\n' "$1" >&2
  if [ -n "$guilty" ]; then
    grep -E ': (Failed|Rejected|Pending)' "$compose/$id/failed/$guilty.tasks" | head -n 3 >&2 || :
    tail -n 20 "$compose/$id/failed/$guilty.log" | cut -d ' ' -f 2- | sed "s/^/$guilty: /" >&2
  fi
  exit 1
}
tidy() { rm -f "$compose/open" "$compose/tasks" "$compose/specs" "$compose/counts" "$compose/verdict" "$compose/table" "$compose/wave.json" "$compose/waves" "$compose/numbers" "$compose/over.before" "$compose/failed.new"; }
waves() { LC_ALL=C awk -F '\t' '
NR == FNR { order[++total] = $1; known[$1] = 1; awaited[$1] = $5 == "ends"; next }
$1 == "after" { needs[$2, ++count[$2]] = $3 }
function gather(service, at, other) {
  for (at = 1; at <= count[service]; at++) {
    other = needs[service, at]
    if (!(other in known) || (other in placed)) continue
    gather(other)
    placed[other] = 1; list = list " " other
  }
}
END {
  for (each = 1; each <= total; each++) {
    if (!awaited[order[each]] || (order[each] in placed)) continue
    list = ""
    gather(order[each])
    if (list != "") print substr(list, 2)
    placed[order[each]] = 1
    print order[each]
  }
}' "$compose/$id/services" "$compose/$id/facts"; }
only() { LC_ALL=C awk -v names=" $1 " '
/^  [^ ]/ { top = $1; skipping = 0 }
top == "\"services\":" && /^    "/ { name = $1; gsub(/^"|":$/, "", name); skipping = !index(names, " " name " ") }
!skipping { print }' "$compose/$id/stack.json"; }
put() {
  file=$1 looks=$2 span=$3
  shift 3
  engine stack deploy "$@" --resolve-image never --with-registry-auth -c "$file" "$project" >&2
  standing || :
  sed -n 's/^stuck //p' "$compose/verdict" > "$compose/stuck"
  while read -r service; do engine service update --detach --force --quiet "${project}_$service" >/dev/null; done < "$compose/stuck"
  rm -f "$compose/stuck"
  settle "$looks" "$span" || { evidence; broken "$said"; }
}
begin
waves > "$compose/waves"
while read -r wave <&6; do
  echo "first: $wave"
  awk -F '\t' -v names=" $wave " 'index(names, " " $1 " ")' "$compose/$id/services" > "$compose/table"
  only "$wave" > "$compose/wave.json"
  table=$compose/table
  put "$compose/wave.json" 1 0
done 6< "$compose/waves"
table=$compose/$id/services
put "$compose/$id/stack.json" 3 "$monitor" --prune
printf '%s\n' "$id" > "$compose/active.new"
mv -f "$compose/active.new" "$compose/active"
tidy
