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
look() {
  engine ps -a --no-trunc --filter "label=com.docker.compose.project=$project" --filter label=com.docker.compose.oneoff=False \
    --format '{{.ID}} {{.Label "com.docker.compose.service"}} {{with .Label "srv.hash"}}{{.}}{{else}}-{{end}} {{.State}} {{.Names}} {{with .Label "com.docker.compose.config-hash"}}{{.}}{{else}}-{{end}}' > "$compose/containers"
  if [ -n "${changed:-}" ]; then
    awk -v ids=" $changed " 'index(ids, " " $1 " ") { $3 = "changed" } { print }' "$compose/containers" > "$compose/containers.new"
    mv -f "$compose/containers.new" "$compose/containers"
  fi
  touched=
}
of() { awk -v service="$1" -v digest="$2" -v state="$3" '
  function fits(word, wanted) { return wanted == "*" || (substr(wanted, 1, 1) == "!" ? word != substr(wanted, 2) : word == wanted) }
  fits($2, service) && fits($3, digest) && fits($4, state) { print $1 }' "$compose/containers"; }
discard() {
  up=$(awk -v ids=" $* " '$4 !~ /^(exited|created|dead)$/ && index(ids, " " $1 " ") { print $1 }' "$compose/containers")
  [ -z "$up" ] || engine stop $up >/dev/null
  engine rm -f "$@" >/dev/null
}
count() { set -- $1; echo $#; }
is_listed() {
  list=$compose/$1
  shift
  [ -f "$list" ] || return 1
  for one in "$@"; do ! grep -qxF "$one" "$list" || return 0; done
  return 1
}
monitor=10000 limit=120
noted=
note() {
  [ "$noted" != "$*" ] && [ -f "$compose/containers" ] || return 0
  noted=$*
  [ -f "$compose/made" ] || : > "$compose/made"
  awk 'FILENAME == ARGV[1] { there[$1] = 1; next }
    FILENAME == ARGV[2] { if ($1 in there) { known[$1] = 1; print }; next }
    NF == 7 && !($1 in known) { print $1, $7 }' "$compose/containers" "$compose/made" "$compose/sample" > "$compose/made.new"
  mv -f "$compose/made.new" "$compose/made"
}
clock() {
  if read -r now rest 2>/dev/null < /proc/uptime; then now=${now%.*}${now#*.}0; else now=$(date +%s)000; fi
}
expects=
ran_out() {
  [ -n "$(engine events --since "$(($(date +%s) - 600))" --until "$(($(date +%s) + 1))" --filter "container=$1" --filter event=oom --format oom 2>/dev/null)" ]
}
sample() {
  engine inspect -f '{{.Id}} {{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}} {{.RestartCount}} {{with index .State "Health"}}{{.Status}}{{else}}-{{end}} {{with .HostConfig}}{{.Memory}}|{{.MemorySwap}}|{{.MemoryReservation}}|{{.NanoCpus}}|{{.CpuShares}}|{{.CpuQuota}}|{{.CpuPeriod}}|{{.CpusetCpus}}|{{with .PidsLimit}}{{.}}{{else}}0{{end}}|{{with .RestartPolicy}}{{.Name}}:{{.MaximumRetryCount}}{{end}}{{end}}|{{range $name, $at := .NetworkSettings.Networks}}{{$name}},{{end}}' "$@" > "$compose/sample" 2>/dev/null ||
    { said='a container went away while it was watched' guilty=; return 2; }
  verdict=0
  while read -r one status code killed restarts checked made; do
    expected=$(printf '%s\n' "$expects" | awk -v id="$one" '$1 == id { print $2, $3, $4 + 0; exit }')
    service=${expected%% *} had=${expected##* } ends=${expected#* }
    ends=${ends% *}
    [ "$restarts" -gt "${had:-0}" ] || restarts=0
    bad=
    if [ "$restarts" != 0 ] || [ "$code" = 137 ]; then ! ran_out "$one" || killed=true; fi
    if [ "$killed" = true ]; then bad='was killed: out of memory'
    elif [ "$restarts" != 0 ]; then bad="was restarted while it was watched: exit status $code"
    else case $status in
      running)
        case $checked in
        unhealthy) bad='is unhealthy, says its healthcheck' ;;
        starting) verdict=1 said="$service is not healthy yet" guilty=$one ;;
        esac
        [ "$ends" != ends ] || { verdict=1 said="$service has not finished" guilty=$one; } ;;
      exited)
        if [ "$code" != 0 ]; then bad="ended with exit status $code"
        elif [ "$ends" = stays ]; then bad='ended'; fi ;;
      created | restarting) verdict=1 said="$service is $status" guilty=$one ;;
      *) bad="is $status" ;;
      esac
    fi
    [ -z "$bad" ] || { said="$service $bad" guilty=$one; return 2; }
  done < "$compose/sample"
  [ "$verdict" != 0 ] || note "$@"
  return "$verdict"
}
await() { # samples in a row, milliseconds they must span, ids; the first "$good" of them were good since "$since"
  needed=$1 span=$2
  shift 2
  begun=
  while :; do
    outcome=0
    sample "$@" || outcome=$?
    clock
    begun=${begun:-$now}
    case $outcome in
    0) [ "$good" != 0 ] || since=$now; good=$((good + 1)) ;;
    1) good=0 ;;
    *) return 1 ;;
    esac
    [ "$good" -lt "$needed" ] || [ $((now - since)) -lt "$span" ] || return 0
    if [ "$good" = 0 ] && [ "$now" -ge "$deadline" ]; then said="$said after $limit s"; return 1; fi
    left=500
    if [ "$good" = 0 ]; then
      left=100
      [ $((now - begun)) -lt 3000 ] || left=250
    elif [ "$((good + 1))" -ge "$needed" ] && [ $((since + span - now)) -lt 500 ] && [ $((since + span - now)) -gt 0 ]; then left=$((since + span - now)); fi
    sleep "$(printf '0.%03d' "$left")"
  done
}
good=0 since=0 seen=
begin() { clock; deadline=$((now + limit * 1000)); }
ready() {
  begin
  good=0
  await 1 0 "$@" || return 1
  seen=$*
}
watch_them() {
  begin
  [ "$seen" = "$*" ] || good=0
  await 3 "$monitor" "$@"
}
started=
expect() {
  for awaited in $1; do
    restarted=0
    case " $(echo $4) " in *" $awaited "*) restarted=$(engine inspect -f '{{.RestartCount}}' "$awaited") ;; esac
    expects="$expects
$awaited $2 $3 $restarted"
  done
  started="$started $1"
}
has_proxy() { return 1; }
route() { :; }
look
: > "$compose/ran"
paused=$(of '*' '!-' paused)
ran=$(of '*' '!-' running)
[ -z "$ran$paused" ] || engine inspect -f '{{.Id}} {{.RestartCount}}' $ran $paused > "$compose/ran"
[ -z "$paused" ] || engine unpause $paused >/dev/null
frozen start 2>&1
look
set --
while IFS="$tab" read -r service digest image replicas ends why; do
  for one in $(of "$service" "$digest" '*'); do
    expects="$expects
$one $service $ends $(awk -v id="$one" '$1 == id { print $2 }' "$compose/ran")"
    set -- "$@" "$one"
  done
done < "$compose/$id/services"
wrong=
[ $# = 0 ] || ready "$@" || wrong=$said
ids=$*
while IFS="$tab" read -r service digest rest; do
  if has_proxy "$service"; then
    set -- $(of "$service" "$digest" running)
    [ $# = 0 ] || route "$service" "$@" >&2
  fi
done < "$compose/$id/services"
[ -z "$wrong" ] || fail "$wrong"
[ -z "$ids" ] || watch_them $ids || fail "$said"
rm -f "$compose/sample" "$compose/containers" "$compose/ran"
