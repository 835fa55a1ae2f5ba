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
clean() { env -i HOME="${HOME:-/}" PATH="$PATH" XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-}" LC_ALL=C COMPOSE_ANSI=never BUILDX_NO_DEFAULT_ATTESTATIONS=1 'SRV_SERVICE=shop' 'SRV_INSTANCE=docker' 'SRV_HOST=web1' 'SRV_DATA=/srv/shop/data' "$@"; }
call() {
  if [ "$1" = compose ] && [ -n "$plugin" ]; then shift; clean "$plugin" "$@"; else clean docker "$@"; fi
}
engine() { call "$@" </dev/null; }
fed() { call compose --project-directory "$instance" --env-file /dev/null -p "$project" -f "$compose/$id/model.json" "$@"; }
frozen() { fed "$@" </dev/null; }
[ -f "$compose/active" ] || fail 'nothing is deployed here'
read -r id < "$compose/active"
monitor=10 limit=120
said= guilty=
failures() { awk -F '|' '$4 ~ /^(Failed|Rejected)/ { print $1 }' "$compose/tasks" | sort; }
tasks() { engine stack ps --no-trunc --format '{{.ID}}|{{.Name}}|{{.DesiredState}}|{{.CurrentState}}|{{.Node}}|{{.Error}}' "$project" > "$compose/tasks" 2>/dev/null || : > "$compose/tasks"; }
standing() {
  tasks
  failures > "$compose/failed.now"
  comm -13 "$compose/failed.before" "$compose/failed.now" > "$compose/failed.new"
  set --
  while IFS="$tab" read -r service rest; do set -- "$@" "${project}_$service"; done < "$compose/$id/services"
  engine service inspect -f '{{.Spec.Name}} {{with .UpdateStatus}}{{with .State}}{{.}}{{else}}-{{end}}{{else}}-{{end}}' "$@" > "$compose/updates" || { said='a service is gone' guilty=; return 2; }
  engine service ls --filter "label=com.docker.stack.namespace=$project" --format '{{.Name}} {{.Replicas}}' > "$compose/counts"
  verdict=0
  while IFS="$tab" read -r service hash image replicas ends why <&4; do
    name=${project}_$service
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
    [ "$running" -ge "${count##*/}" ] || { verdict=1 said="$service: $running of ${count##*/} containers run" guilty=$service; }
  done 4< "$compose/$id/services"
  return "$verdict"
}
settle() {
  good=0 since=0 last= begun=$(date +%s)
  while :; do
    outcome=0
    standing || outcome=$?
    now=$(date +%s)
    [ "$last" = "$(cat "$compose/failed.new")" ] || { last=$(cat "$compose/failed.new"); [ "$outcome" != 0 ] || outcome=1; said=${said:-a container failed}; }
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
}
broken() {
  printf '%s\n' "$1" >&2
  if [ -n "$guilty" ]; then
    (umask 077; mkdir -p "$compose/$id/failed")
    engine service ps --no-trunc --format '{{.Name}} on {{.Node}}: {{.CurrentState}} {{.Error}}' "${project}_$guilty" > "$compose/$id/failed/$guilty.tasks" 2>/dev/null || :
    engine service logs --raw --timestamps --tail 500 "${project}_$guilty" > "$compose/$id/failed/$guilty.log" 2>&1 || :
    grep -E ': (Failed|Rejected)' "$compose/$id/failed/$guilty.tasks" | head -n 3 >&2 || :
    tail -n 20 "$compose/$id/failed/$guilty.log" | cut -d ' ' -f 2- | sed "s/^/$guilty: /" >&2
  fi
  exit 1
}
tidy() { rm -f "$compose/open" "$compose/tasks" "$compose/updates" "$compose/counts" "$compose"/failed.*; }
tasks
failures > "$compose/failed.before"
while IFS="$tab" read -r service hash image replicas ends why; do
  [ "$ends" = stays ] || continue
  engine service update --detach --force --quiet "${project}_$service" >/dev/null
done < "$compose/$id/services"
settle 0 || broken "$said"
tidy
