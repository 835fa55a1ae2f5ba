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
id=20261122T140311Z-3f9c2a1 drain=3
through=''
[ -f "$compose/$id/services" ] || fail "The release $id was never frozen here: $compose/$id is missing."
umask 077
printf '%s\n' "$id" > "$compose/open"
printf '%s\n' "$project alone" > "$compose/project.new"
mv -f "$compose/project.new" "$compose/project"
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
set_aside() {
  awk -v ids=" $* " 'index(ids, " " $1 " ") { print $1, $5, $4 }' "$compose/containers" >> "$compose/aside"
  engine stop "$@" >/dev/null
  for one in "$@"; do
    name=$(awk -v id="$one" '$1 == id { print $5; exit }' "$compose/containers") short=$(printf '%.12s' "$one")
    case $name in *"-aside-$short") ;; *) engine rename "$one" "$name-aside-$short" ;; esac
  done
  look
}
was_stopped() {
  [ -f "$compose/aside" ] && awk -v ids=" $* " 'index(ids, " " $1 " ") && $3 !~ /^(exited|created|dead)$/ { found = 1 } END { exit !found }' "$compose/aside"
}
take_back() {
  [ -f "$compose/aside" ] || return 0
  for one in "$@"; do
    name=$(awk -v id="$one" 'FILENAME == ARGV[1] { if ($1 == id && before == "") before = $2; next } $1 == id && before != "" && before != $5 { print before }' "$compose/aside" "$compose/containers")
    [ -z "$name" ] || engine rename "$one" "$name"
  done
}
needs_of() {
  awk -F '\t' -v service="$1" '$2 == service && ($1 == "port" || $1 == "named" || ($1 == "network" && $3 == "host") || (($1 == "bind" || $1 == "volume") && $3 == "rw"))' "$compose/$id/facts"
}
give_way() {
  [ -f "$compose/$id/facts" ] && [ -n "$(needs_of "$1")" ] || return 0
  stale=$(awk -v service="$1" -v kept="$keeping" 'FILENAME == ARGV[1] { digest[$1] = $2; next } $2 != service && ($3 != "-" || kept != "" && ($2 in digest)) && !(($2 in digest) && digest[$2] == $3) { print $1 }' "$compose/$id/services" "$compose/containers")
  [ -n "$stale" ] || return 0
  needs_of "$1" > "$compose/needs"
  blocking=$(engine inspect -f '{{.Id}}{{"\t"}}{{.Name}}{{"\t"}}{{.State.Running}}{{"\t"}}{{index .Config.Labels "com.docker.compose.service"}}{{"\t"}}{{.HostConfig.NetworkMode}}{{"\t"}}{{range .HostConfig.PortBindings}}{{range .}}{{.HostPort}} {{end}}{{end}}{{range .Mounts}}{{if .RW}}{{"\t"}}{{if .Name}}{{.Name}}{{else}}{{.Source}}{{end}}{{end}}{{end}}' $stale |
    awk -F '\t' -v project="$project" '
      FILENAME == ARGV[1] { split($1, word, " "); known[word[1]] = 1; next }
      FILENAME == ARGV[2] {
        if ($1 == "named") named = "/" $3
        if ($1 == "network") host = 1
        if ($1 == "port") { split($3, range, "-"); for (one = range[1] + 0; one <= (range[2] == "" ? range[1] : range[2]) + 0; one++) wanted[one] = ports = 1 }
        if ($1 == "bind" || $1 == "volume") writes[$4] = writes[project "_" $4] = 1
        next
      }
      {
        gone = !($4 in known)
        blocks = $2 == named
        if ($3 == "true") {
          count = split($6, port, " ")
          for (at = 1; at <= count; at++) if ((port[at] + 0) in wanted) blocks = 1
          if (gone && (host && ($5 == "host" || count > 0) || ports && $5 == "host")) blocks = 1
          if (gone) for (at = 7; at <= NF; at++) if ($at in writes) blocks = 1
        }
        if (blocks) print $1
      }' "$compose/$id/services" "$compose/needs" -)
  rm -f "$compose/needs"
  [ -n "$blocking" ] || return 0
  echo "$1: stopping what is in its way: $(for one in $blocking; do awk -v id="$one" '$1 == id { print $5 }' "$compose/containers"; done | paste -sd ' ' -)"
  set_aside $blocking
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
relabelled() { return 1; }
leave() { :; }
has_left() { :; }
rejoin() { :; }
repair() {
  left=$(awk '$5 ~ /^[0-9a-f]+_/ && match($5, /^[0-9a-f]+/) && RLENGTH == 12 && $4 == "created" { print $1 }' "$compose/containers")
  [ -z "$left" ] || { engine rm -f $left >/dev/null; look; }
}
keep_evidence() {
  (umask 077; mkdir -p "$compose/$id/failed"
  engine inspect "$1" > "$compose/$id/failed/$2.json" 2>/dev/null
  engine logs --timestamps --tail 2000 "$1" > "$compose/$id/failed/$2.log" 2>&1) || :
}
show_end() { engine logs --tail 20 "$1" 2>&1 | sed "s/^/$2: /" >&2 || :; }
routed=
serves() { engine inspect -f '{{.State.Running}} {{with index .State "Health"}}{{.Status}}{{end}}' "$@" 2>/dev/null | awk '$1 != "true" || $2 == "unhealthy" { bad = 1 } END { exit NR == 0 || bad }'; }
broken() {
  printf '%s\n' "$1" >&2
  if [ -n "${guilty:-}" ]; then
    culprit=$(printf '%s\n' "$expects" | awk -v id="$guilty" '$1 == id { print $2; exit }')
    keep_evidence "$guilty" "$culprit"
    show_end "$guilty" "$culprit"
  fi
  for line in $beside; do
    service=${line%%/*} rest=${line#*/}
    new=$(printf '%s' "${rest%%/*}" | tr , ' ') old=$(printf '%s' "${rest#*/}" | tr , ' ')
    engine start $old >/dev/null || :
    expect "$old" "$service" stays "$old" || :
    if serves $new; then ready $old || echo "$service: the old one was started again, but $said" >&2; fi
    route "$service" $old >&2 || :
    case " $routed " in *" $service "*)
      leave "$service" $new
      if has_proxy "$service"; then sleep "$drain"; fi
      engine stop $new >/dev/null || : ;;
    esac
    engine rm -f $new >/dev/null || :
  done
  exit 1
}
definitions_of() { LC_ALL=C awk '
function text(word) {
  gsub(/^"|"$/, "", word)
  gsub(/\\u0026/, "\\&", word); gsub(/\\u003c/, "<", word); gsub(/\\u003e/, ">", word)
  gsub(/\\"/, "\"", word); gsub(/\\\\/, "\\", word)
  return word
}
{
  match($0, /^ */); depth = RLENGTH / 2; rest = substr($0, RLENGTH + 1)
  key = ""
  if (match(rest, /^"([^"\\]|\\.)*": /)) { key = substr(rest, 2, RLENGTH - 4); rest = substr(rest, RLENGTH + 1) }
  sub(/,$/, "", rest)
  value = rest
}
depth == 1 { top = key; next }
top != "networks" { next }
depth == 2 && key != "" { name = said = ""; external = 0; next }
depth == 2 { if (name != "" && !external) printf "%s\t%s\n", name, said; next }
{
  if (depth == 3 && key == "name") name = text(value)
  if (depth == 3 && key == "external" && value == "true") external = 1
  said = said key ":" rest " "
}' "$1"; }
detach() {
  engine network inspect "$1" >/dev/null 2>&1 || return 0
  ours=" $(echo $(of '*' '!-' '*')) "
  engine ps -a --no-trunc --filter "network=$1" --format '{{.ID}} {{.State}} {{.Names}}' > "$compose/attached"
  strange=$(awk -v ours="$ours" '$2 != "exited" && $2 != "created" && index(ours, " " $1 " ") == 0 { print $3 }' "$compose/attached" | paste -sd ' ' -)
  [ -z "$strange" ] || { guilty=; broken "The network $1 changes, and containers outside the release use it: $strange. Disconnect them from the network first."; }
  ours=$(awk -v ours="$ours" 'index(ours, " " $1 " ") { print $1 }' "$compose/attached")
  rm -f "$compose/attached"
  echo "the network $1 changes: first stopping everything on it"
  printf '%s\n' $ours >> "$compose/detached"
  [ -z "$ours" ] || engine stop $ours >/dev/null
  for one in $ours; do engine network disconnect -f "$1" "$one"; done
  engine network rm "$1" >/dev/null
  look
}
renew_networks() {
  [ -f "$compose/$id/model.json" ] || return 0
  if [ ! -f "$compose/networks" ]; then
    before=
    [ ! -f "$compose/active" ] || read -r before < "$compose/active"
    if [ -f "$compose/$before/model.json" ]; then definitions_of "$compose/$before/model.json"; fi > "$compose/networks"
  fi
  definitions_of "$compose/$id/model.json" > "$compose/networks.new"
  for network in $(awk -F '\t' 'FILENAME == ARGV[1] { was[$1] = $2; next } ($1 in was) && was[$1] != $2 { print $1 }' "$compose/networks" "$compose/networks.new"); do
    detach "$network"
  done
  # Of those that the release does not have, it is kept how they were made.
  awk -F '\t' 'FILENAME == ARGV[1] { named[$1] = 1; print; next } !($1 in named)' "$compose/networks.new" "$compose/networks" > "$compose/networks.all"
  mv -f "$compose/networks.all" "$compose/networks"
  rm -f "$compose/networks.new"
}
bound() { LC_ALL=C awk '
function text(word) {
  gsub(/^"|"$/, "", word)
  gsub(/\\u0026/, "\\&", word); gsub(/\\u003c/, "<", word); gsub(/\\u003e/, ">", word)
  gsub(/\\"/, "\"", word); gsub(/\\\\/, "\\", word)
  return word
}
{
  match($0, /^ */); depth = RLENGTH / 2; rest = substr($0, RLENGTH + 1)
  key = ""
  if (match(rest, /^"([^"\\]|\\.)*": /)) { key = substr(rest, 2, RLENGTH - 4); rest = substr(rest, RLENGTH + 1) }
  sub(/,$/, "", rest)
  value = rest
}
depth == 1 { top = key }
top != "services" { next }
depth == 2 { service = key }
depth == 3 && key != "" { part = key }
depth == 3 && (key == "network_mode" || key == "pid" || key == "ipc") {
  named = text(value)
  if (sub(/^service:/, "", named)) print service "\t" named
}
depth == 4 && part == "depends_on" && key != "" { wanted = key }
depth == 5 && part == "depends_on" && key == "restart" && value == "true" { print service "\t" wanted }
'; }
bound_services=" $(bound < "$compose/$id/model.json" | cut -f 1 | tr '\n' ' ')"
stranded() {
  case $bound_services in *" $1 "*) ;; *) return 0 ;; esac
  shift
  [ $# != 0 ] || return 0
  engine inspect -f '{{.Id}} {{.State.StartedAt}} {{.State.Running}} {{.HostConfig.NetworkMode}} {{.HostConfig.PidMode}} {{.HostConfig.IpcMode}}' "$@" > "$compose/sharing"
  set -- $(tr ' ' '\n' < "$compose/sharing" | sed -n 's/^container://p' | sort -u)
  : > "$compose/shared"
  for one in "$@"; do engine inspect -f '{{.Id}} {{.State.StartedAt}}' "$one" >> "$compose/shared" 2>/dev/null || :; done
  awk 'FILENAME == ARGV[1] { began[$1] = $2; next }
    { for (at = 4; at <= NF; at++) if (sub(/^container:/, "", $at) && (!($at in began) || $3 == "true" && began[$at] > $2)) { print $1; break } }' "$compose/shared" "$compose/sharing"
  rm -f "$compose/shared" "$compose/sharing"
}
beside=
evict() {
  unknown=$(awk -v service="$service" '$2 == service && $3 == "-" && $6 == "-" { print $1 }' "$compose/containers")
  [ -z "$unknown" ] || discard $unknown
}
up() { frozen up -d --no-deps --no-build --pull never "$@" > "$compose/said" 2>&1; }
resize() {
  echo "$service: scaling from $(count "$running") to $replicas"
  new=$(printf '%s\n' "$running" | head -n "$replicas") surplus=$(printf '%s\n' "$running" | tail -n +$((replicas + 1)))
  serving=
  if [ -n "$surplus" ]; then
    route "$service" $new >&2 || { guilty=; broken "The proxy in front of $service did not accept the new addresses."; }
    leave "$service" $surplus
    if has_proxy "$service"; then sleep "$drain"; fi
    engine stop $surplus >/dev/null
    engine rm -f $surplus >/dev/null
    touched=yes
    return 0
  fi
  up --no-recreate --scale "$service=$replicas" "$service" || failed=yes
  look
  new=$(of "$service" "$digest" '*')
  added=$(for one in $new; do case " $(echo $running) " in *" $one "*) ;; *) echo "$one" ;; esac; done)
  if [ -n "${failed:-}" ]; then
    [ -z "$added" ] || engine rm -f $added >/dev/null
    guilty=; cat "$compose/said" >&2; broken "$service did not start"
  fi
  beside="$beside $service/$(printf '%s,' $added)/$(printf '%s,' $running)"
}
converge() {
  service=$1 digest=$2 replicas=$3 ends=$4 why=$5
  running=$(of "$service" "$digest" running) ran=$running resting=$(of "$service" "$digest" !running) others=$(of "$service" "!$digest" '*')
  if is_listed detached $running $resting; then others="$others $running $resting" running= ran= resting=; fi
  lost=$running
  [ "$ends" != stays ] || lost="$running $resting"
  lost=$(stranded "$service" $lost)
  if [ -n "$lost" ]; then others="$others $running $resting" running= resting= ran=; fi
  if [ "$ends" != stays ] && [ -n "$resting" ] && [ -z "$others$running$(of "$service" "$digest" created)" ] && ! was_stopped $resting && [ "$(engine inspect -f '{{.State.ExitCode}}' $resting | sort -u)" = 0 ]; then
    echo "$service finished earlier, and is unchanged"
    return 0
  fi
  if [ "$(count "$running")" = "$replicas" ] && [ -z "$others$resting" ] && ! is_listed unproved $running; then
    echo "$service is unchanged"
    [ "$replicas" = 0 ] || route "$service" $running >&2 || { guilty=; broken "The proxy in front of $service did not accept its addresses."; }
    return 0
  fi
  [ "$replicas" != 0 ] || { echo "$service has no containers"; [ -z "$others$running$resting" ] || discard $others $running $resting; touched=yes; return 0; }
  give_way "$service"
  serving=$(of "$service" "!$digest" running)
  if [ -z "$why" ] && [ -n "$serving" ] && relabelled "$service"; then why='its labels changed, and a proxy would see both'; fi
  if [ "$(count "$running $resting")" = "$replicas" ]; then
    if is_listed unproved $running; then ran=; fi
    echo "$service: starting its existing containers"
    take_back $resting
    paused=$(of "$service" "$digest" paused)
    [ -z "$paused" ] || { engine unpause $paused >/dev/null; ran="$running $paused"; }
    [ -z "$resting" ] || engine start $resting > "$compose/said" 2>&1 || { guilty=; cat "$compose/said" >&2; broken "$service did not start"; }
    rejoin "$service" $running
    new="$running $resting"
  elif [ -z "$why" ] && [ -n "$serving" ]; then
    echo "$service: starting the new one beside the old one"
    dead=$(of "$service" '*' !running)
    [ -z "$dead" ] || discard $dead
    up --no-recreate --scale "$service=$(($(count "$serving") + replicas))" "$service" || failed=yes
    look
    new=$(of "$service" "$digest" '*')
    if [ -n "${failed:-}" ]; then
      [ -z "$new" ] || engine rm -f $new >/dev/null
      guilty=; cat "$compose/said" >&2; broken "$service did not start"
    fi
  elif [ -z "$others$resting" ] && [ -n "$running" ]; then
    resize
  else
    [ -z "$others$running$resting" ] || echo "$service: stopping the old one first${why:+: $why}"
    [ -n "$others$running$resting" ] || echo "$service: starting"
    evict
    if ! up --force-recreate --scale "$service=$replicas" "$service"; then
      cat "$compose/said" >&2
      look
      guilty=$(of "$service" "$digest" '*' | head -n 1)
      expect "$guilty" "$service" "$ends" ''
      broken "$service did not start"
    fi
    look
    new=$(of "$service" "$digest" '*') serving=
  fi
  accept
}
accept() {
  expect "$(printf '%s ' $new)" "$service" "$ends" "$ran"
  if [ -n "$serving" ]; then beside="$beside $service/$(printf '%s,' $new)/$(printf '%s,' $serving)"; fi
  ready $new || broken "$said"
  route "$service" $new >&2 || { guilty=; broken "The proxy in front of $service did not accept the new addresses."; }
  routed="$routed $service"
  if [ -n "$serving" ]; then
    leave "$service" $serving
    if has_proxy "$service"; then sleep "$drain"; fi
    engine stop $serving >/dev/null
    has_left $serving
    touched=yes
  fi
}
let_go() {
  [ -f "$compose/before" ] || return 0
  look
  gone=$(awk 'FILENAME == ARGV[1] { split($0, word, "\t"); known[word[1]] = 1; next }
    FILENAME == ARGV[2] { if ($2 in known) old[$1] = 1; next }
    $1 in old { print $1 }' "$compose/$served/services" "$compose/before" "$compose/containers")
  if [ -n "$gone" ]; then discard $gone; look; fi
  rm -f "$compose/before" "$compose/before.networks"
}
networks_of() {
  engine inspect -f '{{$id := .Id}}{{range $name, $net := .NetworkSettings.Networks}}{{$id}} {{$name}}{{with $net.IPAMConfig}} {{with .IPv4Address}}{{.}}{{else}}-{{end}} {{with .IPv6Address}}{{.}}{{else}}-{{end}}{{else}} - -{{end}}{{range $net.Aliases}} {{.}}{{end}}{{"\n"}}{{end}}' "$@" |
    awk 'NF { line = $1 " " $2 " " $3 " " $4; for (at = 5; at <= NF; at++) if ($at != substr($1, 1, 12)) line = line " " $at; print line }'
}
keeping=
note_before() {
  served=
  [ ! -f "$compose/active" ] || read -r served < "$compose/active"
  if [ -n "$served" ] && [ "$served" != "$id" ] && [ -n "$through" ]; then let_go; return 0; fi
  if [ -n "$served" ] && [ ! -f "$compose/before" ]; then return 0; fi
  noted=$compose/before
  [ -f "$noted" ] || noted=/dev/null
  strange=$(awk 'FILENAME == ARGV[1] { known[$1] = 1; next } FILENAME == ARGV[2] { noted[$1] = 1; next }
    $3 == "-" && !($1 in noted) { all = all " " $1; if ($2 in known) needed = 1 }
    END { if (needed) print all }' "$compose/$id/services" "$noted" "$compose/containers")
  if [ -n "$strange" ]; then
    for service in $(alone); do
      [ -z "$(of "$service" - running)" ] || fail "$service was started by hand, and its new version has hooks or a config whose content is in the compose file. Only Compose can start that, and it would not keep the old containers until the new ones are healthy. Stop what is running ($(names $(of "$service" - running))) and deploy again: there will then be nothing to go back to."
    done
    engine inspect -f '{{.Created}} {{.Id}} {{index .Config.Labels "com.docker.compose.service"}} {{.Name}} {{.State.Status}} {{with index .State "Health"}}{{.Status}}{{else}}-{{end}}' $strange > "$compose/before.found"
    { cat "$noted"; LC_ALL=C sort "$compose/before.found" | cut -d ' ' -f 2- | sed 's| /| |'; } > "$compose/before.new"
    networks_of $strange >> "$compose/before.networks"
    rm -f "$compose/before.found"
    mv -f "$compose/before.new" "$compose/before"
  fi
  [ ! -f "$compose/before" ] || keeping=yes
}
outdated() { awk -v service="$1" -v digest="$2" -v kept="$keeping" '$2 == service && $3 != digest && !(kept != "" && $3 == "-") { print $1 }' "$compose/containers"; }
names() { for one in "$@"; do awk -v id="$one" '$1 == id { print $5 }' "$compose/containers"; done | paste -sd ' ' -; }
alone() { LC_ALL=C awk '
function text(word) {
  gsub(/^"|"$/, "", word)
  gsub(/\\u0026/, "\\&", word); gsub(/\\u003c/, "<", word); gsub(/\\u003e/, ">", word)
  gsub(/\\"/, "\"", word); gsub(/\\\\/, "\\", word)
  return word
}
{
  match($0, /^ */); depth = RLENGTH / 2; rest = substr($0, RLENGTH + 1)
  key = ""
  if (match(rest, /^"([^"\\]|\\.)*": /)) { key = substr(rest, 2, RLENGTH - 4); rest = substr(rest, RLENGTH + 1) }
  sub(/,$/, "", rest)
  value = rest
}
depth == 1 { top = key }
depth == 2 { named = key }
depth == 3 && key != "" { part = key }
top == "services" && depth == 3 && (key == "pre_start" || key == "post_start") { alone[named] = 1 }
top == "services" && depth == 5 && (part == "configs" || part == "secrets") && key == "source" { uses[++count] = named; used[count] = part "." text(value) }
(top == "configs" || top == "secrets") && depth == 3 && key == "content" { inline[top "." named] = 1 }
END { for (at = 1; at <= count; at++) if (used[at] in inline) alone[uses[at]] = 1; for (one in alone) print one }
' "$compose/$id/model.json"; }
beside_model() { LC_ALL=C awk -v wanted="$1" -v table="$compose/$id/services" -v list="$compose/containers" '
BEGIN {
  while ((getline line < table) > 0) { split(line, word, "\t"); digest[word[1]] = word[2] }
  while ((getline line < list) > 0) { split(line, word, " "); if ((word[2] in digest) && digest[word[2]] == word[3] && !(word[2] in found)) found[word[2]] = word[1] }
}

function emit(line) {
  if (line ~ /^ *[]}]/) sub(/,$/, "", held)
  else if (held != "" && held !~ /[[{,]$/) held = held ","
  if (held != "") print held
  held = line
}
function text(word) {
  gsub(/^"|"$/, "", word)
  gsub(/\\u0026/, "\\&", word); gsub(/\\u003c/, "<", word); gsub(/\\u003e/, ">", word)
  gsub(/\\"/, "\"", word); gsub(/\\\\/, "\\", word)
  return word
}
{
  match($0, /^ */); depth = RLENGTH / 2; rest = substr($0, RLENGTH + 1)
  key = ""
  if (match(rest, /^"([^"\\]|\\.)*": /)) { key = substr(rest, 2, RLENGTH - 4); rest = substr(rest, RLENGTH + 1) }
  sub(/,$/, "", rest)
  value = rest
}
depth == 1 { top = key }
depth == 2 { service = key }
depth == 3 && key != "" { part = key }
top == "services" && service == wanted {
  if (depth == 3 && key == "container_name") next
  if (depth == 3 && (key == "network_mode" || key == "pid" || key == "ipc")) {
    named = text(value)
    if (sub(/^service:/, "", named) && (named in found)) { emit("      \"" key "\": \"container:" found[named] "\""); next }
  }
  if (depth == 4 && part == "volumes_from" && key == "") {
    named = text(value); mode = ""
    if (match(named, /:/)) { mode = substr(named, RSTART); named = substr(named, 1, RSTART - 1) }
    if (named in found) { emit("        \"container:" found[named] mode "\""); next }
  }
}
{ emit($0) }
END { print held }
' "$compose/$id/model.json"; }
handed_on() {
  engine inspect -f '{{range .Mounts}}{{.Type}}{{"\t"}}{{if .Name}}{{.Name}}{{else}}{{.Source}}{{end}}{{"\t"}}{{.Destination}}{{"\t"}}{{.RW}}{{"\n"}}{{end}}' "$1" > "$compose/mounts.old"
  engine image inspect -f '{{range $path, $none := .Config.Volumes}}{{$path}}{{"\n"}}{{end}}' "$image" > "$compose/mounts.image"
  LC_ALL=C awk -v wanted="$service" -v old="$compose/mounts.old" -v image="$compose/mounts.image" '
function json(word) { gsub(/\\/, "&&", word); gsub(/"/, "\\\\&", word); gsub(/[$]/, "$$", word); return "\"" word "\"" }
function clean(path) { sub(/\/+$/, "", path); return path == "" ? "/" : path }
BEGIN { count = 0; while ((getline line < image) > 0) if (line != "") nameless[clean(line)] = 1 }

function text(word) {
  gsub(/^"|"$/, "", word)
  gsub(/\\u0026/, "\\&", word); gsub(/\\u003c/, "<", word); gsub(/\\u003e/, ">", word)
  gsub(/\\"/, "\"", word); gsub(/\\\\/, "\\", word)
  return word
}
{
  match($0, /^ */); depth = RLENGTH / 2; rest = substr($0, RLENGTH + 1)
  key = ""
  if (match(rest, /^"([^"\\]|\\.)*": /)) { key = substr(rest, 2, RLENGTH - 4); rest = substr(rest, RLENGTH + 1) }
  sub(/,$/, "", rest)
  value = rest
}
depth == 1 { top = key }
depth == 2 { service = key }
depth == 3 && key != "" { part = key }
top != "services" || service != wanted || part != "volumes" { next }
depth == 4 && rest == "{" { source = target = "" }
depth == 5 && key == "source" { source = text(value) }
depth == 5 && key == "target" { target = clean(text(value)) }
depth == 4 && rest == "}" { if (source == "") nameless[target] = 1; else named[target] = 1 }
END {
  while ((getline line < old) > 0) {
    split(line, word, "\t")
    if ((word[1] != "volume" && word[1] != "bind") || !(clean(word[3]) in nameless) || (clean(word[3]) in named)) continue
    if (word[1] == "volume") defined = defined (defined == "" ? "" : ",") "\"srv-kept-" count "\":{\"external\":true,\"name\":" json(word[2]) "}"
    mounts = mounts (mounts == "" ? "" : ",") "{\"type\":\"" word[1] "\",\"source\":" (word[1] == "volume" ? "\"srv-kept-" count++ "\"" : json(word[2])) ",\"target\":" json(word[3]) ",\"read_only\":" (word[4] == "true" ? "false" : "true") "}"
  }
  if (mounts != "") printf "{\"services\":{%s:{\"volumes\":[%s]}},\"volumes\":{%s}}\n", json(wanted), mounts, defined
}' "$compose/$id/model.json"
  rm -f "$compose/mounts.old" "$compose/mounts.image"
}
beside_up() { engine compose --project-directory "$instance" --env-file /dev/null -p "$project" -f "$compose/beside.json" "$@" > "$compose/said" 2>&1; }
make_beside() {
  beside_model "$service" > "$compose/beside.json"
  there=$(awk -v service="$service" '$2 == service && $6 != "-"' "$compose/containers" | wc -l) made=0
  while [ "$made" -lt "$replicas" ]; do
    : > "$compose/over.json"
    [ $# = 0 ] || handed_on "$1" > "$compose/over.json"
    if [ -s "$compose/over.json" ]; then shift; made=$((made + 1)); set -- "$compose/over.json" "$@"; else made=$replicas; set -- '' "$@"; fi
    over=$1
    shift
    beside_up ${over:+-f "$over"} up --no-start --no-deps --no-build --pull never --no-recreate --scale "$service=$((there + made))" "$service" || return 1
  done
}
take_over() {
  service=$1 digest=$2 replicas=$3 ends=$4 why=$5 serving= rest=
  new=$(of "$service" "$digest" '*') wrong=$(outdated "$service" "$digest")
  [ "$(count "$new")" = "$replicas" ] || { wrong="$wrong $new"; new=; }
  if [ -n "$(echo $wrong)" ]; then discard $wrong; look; fi
  paused=$(of "$service" - paused)
  [ -z "$paused" ] || set_aside $paused
  if alone | grep -qxF "$service" && [ -z "$new" ] && [ "$replicas" != 0 ]; then
    echo "$service: starting"
    beside_model "$service" > "$compose/beside.json"
    if ! beside_up up -d --no-deps --no-build --pull never --force-recreate --scale "$service=$replicas" "$service"; then look; began; fi
    look
  elif [ -z "$new" ] && [ "$replicas" != 0 ] && ! make_beside $(awk -v service="$service" '$2 == service { print $1 }' "$compose/before"); then look; began; fi
  look
  new=$(of "$service" "$digest" '*') ran=$(of "$service" "$digest" running)
  give_way "$service"
  up=$(of "$service" - running)
  if [ -z "$why" ] && [ -n "$up" ] && [ "$replicas" != 0 ]; then
    echo "$service: starting the new one beside the one started by hand"
    serving=$up
  else
    standing=$(awk -v service="$service" '$2 == service && $3 == "-" && ($4 !~ /^(exited|created|dead)$/ || $5 !~ "-aside-" substr($1, 1, 12) "$") { print $1 }' "$compose/containers")
    if [ -n "$standing" ]; then
      echo "$service: stopping what was started by hand, and keeping it until the deploy succeeds: $(names $standing)"
      set_aside $standing
    fi
  fi
  [ "$replicas" != 0 ] || { echo "$service has no containers"; return 0; }
  named=$(awk -F '\t' -v service="$service" '$1 == "named" && $2 == service { print $3 }' "$compose/$id/facts")
  if [ -n "$named" ] && [ "$(names $new)" != "$named" ]; then engine rename $new "$named" 2> "$compose/said" || began; fi
  for one in $new; do
    case $(awk -v id="$one" '$1 == id { print $4 }' "$compose/containers") in
    created) rest="$rest $one" ;;
    running) ;;
    *) [ "$ends" != stays ] && [ "$(engine inspect -f '{{.State.ExitCode}}' "$one")" = 0 ] || rest="$rest $one" ;;
    esac
  done
  [ -z "$rest" ] || engine start $rest > "$compose/said" 2>&1 || began
  accept
}
began() {
  cat "$compose/said" >&2
  guilty=$(of "$service" "$digest" '*' | head -n 1)
  [ -z "$guilty" ] || expect "$guilty" "$service" "$ends" ''
  broken "$service did not start"
}
look
note_before
repair
renew_networks
exec 3< "$compose/$id/services"
while IFS="$tab" read -r service digest image replicas ends why <&3; do
  failed=
  if [ -n "$keeping" ]; then take_over "$service" "$digest" "$replicas" "$ends" "$why"
  else converge "$service" "$digest" "$replicas" "$ends" "$why"; fi
done
exec 3<&-
if [ -n "$started" ]; then
  watch_them $started || broken "$said"
fi
[ -z "$touched" ] || look
while IFS="$tab" read -r service digest image replicas ends why; do
  old=$(outdated "$service" "$digest")
  [ -z "$old" ] || discard $old
done < "$compose/$id/services"
awk '{ print $2 }' "$compose/containers" | sort -u | while IFS= read -r service; do
  if awk -F '\t' -v service="$service" '$1 == service { found = 1 } END { exit !found }' "$compose/$id/services"; then continue; fi
  gone=$(of "$service" '!-' '*')
  [ -z "$gone" ] || { echo "$service is no longer part of the release: removed"; discard $gone; }
  [ -z "$(of "$service" - '*')" ] || echo "$service belongs to the project but not to the release, and srv did not start it: left alone"
done
printf '%s\n' "$id" > "$compose/active.new"
mv -f "$compose/active.new" "$compose/active"
rm -f "$compose/open" "$compose/unproved" "$compose/leaving" "$compose/sample" "$compose/said" "$compose/containers" "$compose/aside" "$compose/detached" "$compose/beside.json" "$compose/over.json"
