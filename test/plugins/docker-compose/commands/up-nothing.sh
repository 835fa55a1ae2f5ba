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
if [ -f "$compose/before" ]; then
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
networks_of() {
  engine inspect -f '{{$id := .Id}}{{range $name, $net := .NetworkSettings.Networks}}{{$id}} {{$name}}{{with $net.IPAMConfig}} {{with .IPv4Address}}{{.}}{{else}}-{{end}} {{with .IPv6Address}}{{.}}{{else}}-{{end}}{{else}} - -{{end}}{{range $net.Aliases}} {{.}}{{end}}{{"\n"}}{{end}}' "$@" |
    awk 'NF { line = $1 " " $2 " " $3 " " $4; for (at = 5; at <= NF; at++) if ($at != substr($1, 1, 12)) line = line " " $at; print line }'
}
look
ours=$(of '*' '!-' '*')
[ -z "$ours" ] || discard $ours || :
rm -f "$compose/active"
look
gone=
while read -r one service name state health <&3; do
  now=$(awk -v id="$one" '$1 == id { print $5 }' "$compose/containers")
  case $now in
  "$name") ;;
  '') case $state in running | restarting | paused) gone="$gone $name" ;; esac ;;
  *) engine rename "$one" "$name" ;;
  esac
done 3< "$compose/before"
awk '$4 ~ /^(running|restarting|paused)$/ { print $2, $1 }' "$compose/before" > "$compose/before.held"
down=$(awk 'FILENAME == ARGV[1] { if ($4 == "running") up[$1] = 1; next } !($2 in up) { print $2 }' "$compose/containers" "$compose/before.held")
up=$(of '*' - running)
if [ -n "$up" ] && [ -n "$down" ]; then
  stranded=$(engine inspect -f '{{.Id}} {{.HostConfig.NetworkMode}} {{.HostConfig.PidMode}} {{.HostConfig.IpcMode}}' $up |
    awk -v down=" $(echo $down) " '{ for (at = 2; at <= NF; at++) if (sub(/^container:/, "", $at) && index(down, " " $at " ")) { print $1; break } }')
  [ -z "$stranded" ] || engine stop $stranded >/dev/null
fi
held=$compose/before.held
: > "$compose/now"
: > "$compose/lost"
there=$(awk 'FILENAME == ARGV[1] { there[$1] = 1; next } $1 in there { print $1 }' "$compose/containers" "$compose/before")
[ -z "$there" ] || networks_of $there > "$compose/now"
while read -r one net four six aliases <&3; do
  if grep -qxF "$one $net $four $six${aliases:+ $aliases}" "$compose/now" || ! printf '%s\n' "$there" | grep -qxF "$one"; then continue; fi
  if grep -q "^$one $net " "$compose/now"; then engine network disconnect -f "$net" "$one" || :; fi
  set --
  for alias in $aliases; do set -- "$@" --alias "$alias"; done
  [ "$four" = - ] || set -- "$@" --ip "$four"
  [ "$six" = - ] || set -- "$@" --ip6 "$six"
  engine network connect "$@" "$net" "$one" || echo "$net" >> "$compose/lost"
done 3< "$compose/before.networks"
active=
[ ! -f "$compose/active" ] || read -r active < "$compose/active"
engine ps -q >/dev/null
status() { engine inspect -f '{{.State.Status}}' "$1" 2>/dev/null; }
recorded() {
  there=$(engine inspect -f '{{.Id}}' $(awk -v service="$1" '$1 == service { print $2 }' "$held") 2>/dev/null || :)
  gone=$(awk -v service="$1" -v there=" $(echo $there) " '$1 == service && !index(there, " " $2 " ") { print $2 }' "$held")
  [ -z "$there" ] || printf '%s\n' "$there"
  [ -n "$gone" ] || return 0
  made=
  digest=$(awk -F '\t' -v service="$1" '$1 == service { print $2; exit }' "$compose/$active/services" 2>/dev/null || :)
  [ -z "$digest" ] || made=$(engine ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" --filter label=com.docker.compose.oneoff=False \
    --filter "label=com.docker.compose.service=$1" --filter "label=srv.hash=$digest" | grep -vxF "${there:-none}" || :)
  if [ -n "$made" ]; then printf '%s\n' "$made"
  elif [ -n "$digest" ] || [ ! -f "$compose/$active/services" ]; then for one in $gone; do echo "a container of $1 is gone: $one" >&2; done; fi
}
order() {
  table=$compose/$active/services
  [ -f "$table" ] || table=/dev/null
  awk 'FILENAME == ARGV[1] { runs[$1] = 1; names[++count] = $1; next }
    ($1 in runs) && !seen[$1]++ { print $1 }
    END { for (at = 1; at <= count; at++) if (!seen[names[at]]++) print names[at] }' "$held" "$table"
}
awaited=$(engine inspect -f '{{with index .Config.Labels "com.docker.compose.depends_on"}}{{.}}{{end}}' $(awk '{ print $2 }' "$held") 2>/dev/null | tr ',' '\n' || :)
is_awaited() { printf '%s\n' "$awaited" | grep -q "^$1:service_healthy"; }
healthy() {
  deadline=$(($(date +%s) + 60))
  until [ "$(engine inspect -f '{{with index .State "Health"}}{{.Status}}{{end}}' "$1")" = healthy ]; do
    [ "$(date +%s)" -lt "$deadline" ] || { echo "$2 is not healthy after 60 s" >&2; return 0; }
    sleep 0.3
  done
}
failed= untold=
for service in $(order); do
  begun=
  for one in $(recorded "$service"); do
    found=$(status "$one") || continue
    case $found in
    running | restarting) ;;
    paused) engine unpause "$one" >/dev/null || failed="$failed $service" ;;
    *) if engine start "$one" >/dev/null; then begun="$begun $one"; else failed="$failed $service"; fi ;;
    esac
  done
  if is_awaited "$service"; then for one in $begun; do healthy "$one" "$service"; done; fi
done
look
for service in $(order); do
  if has_proxy "$service"; then
    set -- $(of "$service" '*' running)
    [ $# = 0 ] || route "$service" "$@" >&2 || untold="$untold $service"
  fi
done
rm -f "$compose/containers"
[ -z "$failed" ] || fail "did not start:$failed"
[ -z "$untold" ] || fail "started, but the proxy did not take the addresses of:$untold"
set --
while read -r one service name state health <&3; do
  case $state in
  running)
    if [ "$health" != unhealthy ]; then
      expect "$one" "$service" may-end "$one"
      set -- "$@" "$one"
    fi ;;
  paused) engine pause "$one" >/dev/null ;;
  esac
done 3< "$compose/before"
[ -z "$gone" ] || fail "What was started by hand before the first deploy is gone:$gone"
[ ! -s "$compose/lost" ] || fail "What was started by hand before the first deploy could not be reconnected to its networks: $(sort -u "$compose/lost" | paste -sd ' ' -)"
[ $# = 0 ] || watch_them "$@" || fail "$said"
echo "what was started by hand is running again: $(awk '{ print $3 }' "$compose/before" | paste -sd ' ' -)"
rm -f "$compose/open" "$compose/sample" "$compose/said" "$compose/aside" "$compose/now" "$compose/lost" "$compose/before" "$compose/before.held" "$compose/before.networks" "$compose/beside.json" "$compose/over.json" "$compose/detached" "$compose/networks" "$compose/made" "$compose/project"
exit 0
fi
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
[ -d "$compose" ] || exit 0
look
ours=$(of '*' '!-' '*')
[ -z "$ours" ] || discard $ours
rm -f "$compose/open" "$compose/active" "$compose/containers" "$compose/aside" "$compose/detached" "$compose/networks" "$compose/made" "$compose/project"
echo 'nothing is deployed: it stays stopped'
