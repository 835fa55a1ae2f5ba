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
id=20261122T140311Z-3f9c2a1 folder=/srv/shop/instances/docker/releases/20261122T140311Z-3f9c2a1 overlaps='' proxied='  ' own=/srv/shop/instances/docker/releases/20261122T140311Z-3f9c2a1 swarm=1 registry=''
strangers='' bare=
umask 077
work=$compose/.new-$id
built=$(awk -F "$tab" '$1 == "build" { printf " %s", $2 }' "$work/facts")
part_of() {
  if printf '%s\n' "$1" | LC_ALL=C grep -Eqx -e '-*[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*'; then printf '%s\n' "$1"; return 0; fi
  printf '%s-%s\n' "$(printf '%s\n' "$1" | LC_ALL=C tr A-Z a-z | LC_ALL=C sed 's/[^a-z0-9]\{1,\}/-/g; s/^-//; s/-$//')" "$(printf '%s\n' "$1" | sha256sum | cut -c 1-8)"
}
tag_of() { printf '%s\n' "$images$(part_of "$1"):$id"; }
said() { LC_ALL=C awk -F '\t' -v kind="$1" '$1 == kind { print $2 }' "$work/facts"; }
makerOf() { LC_ALL=C awk -F '\t' -v service="$1" '$2 == service && ($1 == "build" || $1 == "shares") { print $1 == "build" ? $2 : $3 }' "$work/facts"; }
imageOf() {
  maker=$(makerOf "$1")
  if [ -n "$maker" ]; then tag_of "$maker"; return 0; fi
  LC_ALL=C awk -F '\t' -v service="$1" '$1 == "image" && $2 == service { print $3 }' "$work/facts"
}
programs() { find -H "$@" -type f -perm -100 | LC_ALL=C sort; }
digest() {
  if [ -d "$1" ]; then
    (cd "$1" && { find . -type f -print0 | sort -z | xargs -0 sha256sum 2>/dev/null; find . ! -type f | sort; find . -type l -exec readlink {} \;; programs .; }) | sha256sum
  elif [ -n "$(programs "$1")" ]; then { sha256sum < "$1" && echo runs; } | sha256sum
  else sha256sum < "$1"; fi | cut -c 1-20
}
digest_of() { named=${1##*/}; printf '%s\n' "${named%%.*}"; }
known_in() {
  list=${1%/*}/.${1##*/}
  [ -f "$list" ] || list=/dev/null
}
foreign() {
  known_in "$1"
  if [ ! -d "$1" ]; then [ "$(digest "$1" 2>/dev/null)" = "$(digest_of "$1")" ] || echo 'the file itself'; return 0; fi
  if [ ! -r "$1" ] || [ ! -x "$1" ]; then echo 'what only the app may read'; return 0; fi
  if [ "$list" = /dev/null ] && [ "$(digest "$1" 2>/dev/null)" = "$(digest_of "$1")" ]; then return 0; fi
  (
    cd "$1"
    {
      find . -name __pycache__ -prune -o ! -type d ! \( -type f -size 0 -perm 755 \) -print || :
      find . -type d | while IFS= read -r one; do [ -r "$one" ] && [ -x "$one" ] || printf '%s\n' "$one"; done
    } 2>/dev/null | list=$list LC_ALL=C awk '
      BEGIN {
        while ((getline line < ENVIRON["list"]) > 0) {
          escaped = sub(/^\\/, "", line)
          sub(/^[^ ]* [ *]/, "", line)
          if (escaped) gsub(/\\\\/, "\\", line)
          known[line] = 1
        }
      }
      !($0 in known) { print substr($0, 3) }' | LC_ALL=C sort
    sed '/^link /d' "$list" | LC_ALL=C sha256sum -c 2>/dev/null | sed -n 's/: FAILED.*$//p' | while IFS= read -r one; do
      case $one in '\'*) ;; *) [ -e "$one" ] || continue ;; esac
      printf '%s\n' "${one#./}"
    done
  )
}
gone() {
  known_in "$1"
  sed -e '/^\\/{s/^\\//;s/\\\\/\\/g;}' -e 's/^[^ ]* [ *]//' "$list" | while IFS= read -r one; do
    [ -e "$1/$one" ] || [ -L "$1/$one" ] || printf '%s, which is gone\n' "${one#./}"
  done
}
few() { awk 'NR <= 3 { all = all (NR > 1 ? ", " : "") $0 } END { if (NR > 3) all = all " and " NR - 3 " more"; print all }'; }
writable_of() { awk -F '\t' '$1 == "bind" && $3 == "rw" { print $4 }' "$1/facts" 2>/dev/null || :; }
mounts_of() {
  [ -f "$1/facts" ] && [ -f "$1/moved" ] || return 0
  awk -F '\t' 'FILENAME == ARGV[1] { if ($1 == "bind" && $3 == "rw") writable[$4] = 1; next } $1 in writable { print $1 "\t" $2 }' "$1/facts" "$1/moved"
}
keep_mount() {
  hash=$(digest "$1")
  place=$compose/mounts/$hash${2:+.$2}
  if [ ! -e "$place" ]; then
    rm -rf "$place.tmp"
    cp -pPR "$1" "$place.tmp" || return 1
    if [ -n "$2" ] && [ -d "$1" ]; then
      (cd "$place.tmp" && { find . -type f -print0 | sort -z | xargs -0 -r sha256sum 2>/dev/null; find . ! -type f ! -type d | sed 's/^/link  /'; }) > "$compose/mounts/.$hash.$2" || return 1
    fi
    mv -T "$place.tmp" "$place" || return 1
  elif [ -z "$2" ] && [ "$(digest "$place")" != "$hash" ]; then
    for release in "$compose"/2*; do
      if mounts_of "$release" | cut -f 2 | grep -qxF -e "$place"; then keep_mount "$1" ro; return; fi
    done
    # Somebody changed it: it is put right where it is, since a container may have it mounted.
    if [ -d "$place" ]; then find "$place" -mindepth 1 -delete && cp -pPR "$1/." "$place/"
    else
      cat "$1" > "$place"
      if [ -n "$(programs "$1")" ]; then chmod a+x "$place"; else chmod a-x "$place"; fi
    fi || return 1
  fi
  printf '%s\n' "$place"
}
move_mount() { # path, key, source
  # By itself: what fails in the middle of another command stops nothing.
  kept=$(keep_mount "$3" "$2")
  printf '%s\t%s\n' "$1" "$kept" >> "$work/moved"
}
: > "$work/moved"
: > "$work/contents"
: > "$work/wrote"
serving=
[ ! -f "$compose/active" ] || read -r serving < "$compose/active"
writable_of "$work" > "$work/writable"
real() { readlink -f "$1" || printf '%s\n' "$1"; }
folder_now=$(real "$folder") data_now=$(real "$data")
placeholders() { [ -d "$1" ] && [ -z "$(find "$1/." ! -type d ! -name .gitkeep ! -name .keep ! -name .gitignore ! -name .placeholder | head -n 1)" ]; }
place_before() { # path, key
  [ -n "$serving" ] || return 0
  mounts_of "$compose/$serving" | suffix=/$serving${1#"$folder"} key=.$2 awk -F '\t' '
    function ends(text, with) { return length(text) > length(with) && substr(text, length(text) - length(with) + 1) == with }
    ends($2, ENVIRON["key"]) || ends($1, ENVIRON["suffix"]) { print $2; exit }'
}
bring() {
  path=.${1#"$folder"} source=$(real "$1") key=
  case $source in
  "$folder_now" | "$folder_now"/*) ;;
  *) if [ -e "$1" ]; then
    case $source in "$data_now"/*) source=$data${source#"$data_now"} ;; esac
    printf '%s\t%s\n' "$1" "$source" >> "$work/moved"
    printf '%s\n' "$1" >> "$work/wrote"
    return 0
  fi ;;
  esac
  if grep -qxF -e "$1" "$work/writable"; then
    key=$(printf '%s\n' "$path" | sha256sum | cut -c 1-12)
    before=$(place_before "$1" "$key")
    if [ -n "$before" ] && [ -e "$before" ]; then
      written=$(foreign "$before")
      if [ -n "$written" ]; then
        into=$data/${source##*/} from=$before
        [ ! -d "$before" ] || from=$before/.
        [ -e "$source" ] && [ "${before##*/}" = "$(digest "$source").$key" ] ||
          fail "The app wrote into $path, which the service $2 mounts out of the release: $(printf '%s\n' "$written" | few). This release has another $path, which would lack these files: nothing was changed. Copy what is data below \${SRV_DATA}, and mount it from there: cp -a '$from' '$into'. If none of it is data, mount $path with :ro, or remove it from $before."
        printf '%s\n' "$1" >> "$work/wrote"
      fi
    fi
  fi
  [ -e "$1" ] ||
    fail "The service $2 mounts $1, which is not in the release: every deploy would create it anew. Put data below \${SRV_DATA}, which is $data."
  [ -z "$key" ] || ! placeholders "$source" ||
    fail "The service $2 writes to $1, an empty folder of the release: a later deploy would leave the data in it behind. Put data below \${SRV_DATA}, which is $data; or let git keep it there: shared: ['${path#./}']."
  move_mount "$1" "$key" "$source"
}
mounted() {
  case $1 in
  "$work"/*) move_mount "$1" '' "$1" ;;
  "$folder" | "$folder"/*) grep -qF "$1$tab" "$work/moved" || bring "$1" "$2" ;;
  "$data"/*) case $2 in configs.* | secrets.*) printf '%s\t%s\n' "$1" "$(digest "$1")" >> "$work/contents" ;; esac ;;
  *) [ ! -f "$1" ] || printf '%s\t%s\n' "$1" "$(digest "$1")" >> "$work/contents" ;;
  esac
}
relocate() { LC_ALL=C awk -v table="$1" '
BEGIN { while ((getline line < table) > 0) { tab = index(line, "\t"); to[substr(line, 1, tab - 1)] = substr(line, tab + 1) } }
function json(word) { gsub(/\\/, "&&", word); gsub(/"/, "\\\\&", word); return "\"" word "\"" }

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
{
  if (depth == 1) top = key
  if (top == "services" && depth == 3 && key != "") part = key
  mounted = top == "services" && part == "volumes" && depth == 5 && key == "source"
  defined = (top == "configs" || top == "secrets") && depth == 3 && key == "file"
  if ((mounted || defined) && (text(value) in to)) {
    comma = $0 ~ /,$/ ? "," : ""
    match($0, /^ */)
    print substr($0, 1, RLENGTH) "\"" key "\": " json(to[text(value)]) comma
  } else print
}'; }
while IFS="$tab" read -r kind service mode path; do
  case $kind in
  bind) mounted "$path" "$service" ;;
  file) mounted "$mode" "$service" ;;
  esac
done < "$work/facts"
awk -F '\t' -v folder="$own" -v overlap="$overlaps" -v proxied="$proxied" -v swarm="$swarm" '

BEGIN { nameless = "it has an anonymous volume at " }
FILENAME == ARGV[1] { wrote[$1] = 1; next }
$1 == "service" { order[++count] = $2; replicas[$2] = 1; restart[$2] = "no" }
$1 == "after" { after[$2, ++befores[$2]] = $3 }
$1 == "ends" { ends[$2] = 1 }
$1 == "replicas" { replicas[$2] = $3 }
$1 == "global" && swarm { everywhere[$2] = 1 }
$1 == "restart" { restart[$2] = $3; told[$2] = 1 }
$1 == "condition" && swarm { condition[$2] = $3 == "any" ? "always" : $3; told[$2] = 1 }
$1 == "healthcheck" { watched[$2] = 1 }
function reason(service, words) { if (why[service] == "") why[service] = words }
$1 == "port" { serves[$2] = 1; if (!swarm || $4 == "host") reason($2, "it publishes port " $3 " of the host") }
$1 == "named" && !swarm { reason($2, "its container has the fixed name " $3) }
$1 == "network" && $3 == "host" && !swarm { reason($2, "it uses the network of the host") }
$1 == "bind" && $3 == "rw" && (folder == "" || index($4 "/", folder "/") != 1 || $4 in wrote) && !overlaps($2) { reason($2, "it writes to " $4) }
$1 == "volume" && $3 == "rw" && !overlaps($2) { reason($2, "it writes to the volume " $4) }
$1 == "nameless" && !swarm { reason($2, nameless $3) }
function overlaps(service) { return overlap == "*" || index(overlap, " " service " ") > 0 }
function visit(service, at) {
  if (seen[service]++) return
  for (at = 1; at <= befores[service]; at++) visit(after[service, at])
  sorted[++total] = service
}
END {
  for (at = 1; at <= count; at++) visit(order[at])
  for (at = 1; at <= total; at++) {
    service = sorted[at]
    if (!(service in replicas)) continue
    if (service in condition) restart[service] = condition[service]
    # A swarm starts again what ends, unless it was told not to.
    free = (!swarm || told[service]) && !serves[service] && !watched[service] && index(proxied, " " service " ") == 0 && restart[service] !~ /^(always|unless-stopped)/
    if (!swarm && index(proxied, " " service " ") == 0) reason(service, "no proxy is in front of it")
    printf "%s\t%s\t%s\t%s\n", service, everywhere[service] ? "global" : replicas[service], ends[service] ? "ends" : free ? "may-end" : "stays", why[service]
  }
}
' "$work/wrote" "$work/facts" > "$work/table"
: > "$work/bound"
set --
while IFS="$tab" read -r service rest; do
  set -- "$@" "$(imageOf "$service")"
done < "$work/table"
engine image inspect -f '{{.Id}}{{range .RepoDigests}} {{.}}{{end}}|{{with .Config}}{{range $at, $_ := .Volumes}}{{$at}}|{{end}}{{end}}' "$@" > "$work/found"
uncovered() { # volumes of an image with | between: the first on which the service mounts nothing else
  printf '%s\n' "$1" | tr '|' '\n' | while IFS= read -r at; do
    [ -n "$at" ] || continue
    at=$at service=$service awk -F '\t' '$1 == "target" && $2 == ENVIRON["service"] && $3 == ENVIRON["at"] { found = 1 } END { exit !found }' "$work/facts" ||
      { printf '%s\n' "$at"; break; }
  done
}
exec 3< "$work/found"
comma= tagging=
[ -z "$swarm" ] || printf '{"services":{' > "$work/over.json"
: > "$work/services"
while IFS="$tab" read -r service replicas ends why; do
  IFS='|' read -r image volumes <&3
  digests=${image#* } image=${image%% *}
  [ "$digests" != "$image" ] || digests=
  if [ -z "$why$swarm" ] && [ -n "$volumes" ]; then
    why=$(uncovered "$volumes")
    why=${why:+it has an anonymous volume at $why}
  fi
  case "$built " in *" $service "*) ;; *)
    engine tag "$image" "$(tag_of "$service")" &
    tagging="$tagging $!" ;;
  esac
  hash=$({
    printf '%s\n' "$image" "$project"
    sed "s|$folder|.|g" "$work/service.$service"
    awk -v service="$service" 'FILENAME == ARGV[1] { if ($1 == service) others[$2] = 1; next } $1 in others { print $1, $2 }' "$work/bound" "$work/services"
    awk -F '\t' -v service="$service" '$1 == "uses" && $2 == service { print $3 }' "$work/facts" | while IFS= read -r used; do
      sed "s|$work|.|g; s|$folder|.|g" "$work/$used"
    done
    awk -F '\t' -v service="$service" '$1 == "uses" && $2 == service { print $3 }' "$work/facts" > "$work/used"
    awk -F '\t' -v service="$service" -v list="$work/used" 'BEGIN { while ((getline line < list) > 0) used[line] = 1 }
      $1 == "bind" && $2 == service { print $4 } $1 == "file" && ($2 in used) { print $3 }' "$work/facts" |
      while IFS= read -r path; do
        awk -F '\t' -v path="$path" '$1 == path { n = split($2, part, "/"); print part[n] }' "$work/moved" "$work/contents"
      done
  } | sha256sum | cut -c 1-20)
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$service" "$hash" "$image" "$replicas" "$ends" "$why" >> "$work/services"
  if [ -n "$swarm" ]; then
    # What a registry has, every node gets by itself; an image id is taken as it is, and never looked for elsewhere. One image
    # may have been in several registries: the name is that of its own.
    name=$(imageOf "$service")
    [ -z "$(makerOf "$service")" ] || name=${registry:+$name}
    name=${name%%@*}
    case ${name##*/} in *:*) name=${name%:*} ;; esac
    runs=$image
    [ -z "$name" ] || [ -z "$digests" ] || runs=${digests%% *}
    for one in $digests; do [ "${one%@*}" != "$name" ] || runs=$one; done
    case $runs in *@*) ;; *) grep -qxF "placed$tab$service" "$work/facts" || bare="$bare $service" ;; esac
    printf '%s"%s":{"image":"%s","pull_policy":"never","labels":{"srv.hash":"%s"},"deploy":{"labels":{"srv.hash":"%s","srv.release":"%s"}}}' "$comma" "$service" "$runs" "$hash" "$hash" "$id" >> "$work/over.json"
    comma=,
  fi
done < "$work/table"
exec 3<&-
cut -d '|' -f 1 "$work/found" > "$work/images"
for one in $tagging; do wait "$one"; done
[ -z "$strangers" ] || [ -z "$bare" ] || fail "The swarm may run$bare on $strangers: that is not a host of this run, and does not get the images of the release. Add it to the hosts, drain it, set a registry, or say with a placement constraint where the services run."
printf '}}\n' >> "$work/over.json"
set -- -f "$work/base.json" -f "$work/over.json"
comma=
printf '{"services":{' > "$work/defaults.json"
while IFS="$tab" read -r service hash image replicas ends why; do
  order=start-first
  [ -z "$why" ] || order=stop-first
  case $ends,$(awk -F '\t' -v service="$service" '$1 == "restart" && $2 == service { print $3 }' "$work/facts") in
  *,on-failure*) again=on-failure ;;
  stays,*) again=any ;;
  *) again=none ;;
  esac
  action=rollback monitor=10000ms
  [ "$ends" = stays ] || { action=continue monitor=1ms; }
  printf '%s"%s":{"image":"%s","deploy":{"restart_policy":{"condition":"%s"},"update_config":{"order":"%s","failure_action":"%s","parallelism":1,"monitor":"%s"},"rollback_config":{"order":"%s","parallelism":1,"monitor":"1s"}}}' "$comma" "$service" "$image" "$again" "$order" "$action" "$monitor" "$order" >> "$work/defaults.json"
  comma=,
done < "$work/services"
printf '}}\n' >> "$work/defaults.json"
set -- -f "$work/defaults.json" "$@"
engine compose -p "$project" "$@" config --format json > "$work/whole.json"
relocate "$work/moved" < "$work/whole.json" > "$work/model.json"
stack() { LC_ALL=C awk -v contents="$1" '
BEGIN {
  while ((getline line < contents) > 0) { tab = index(line, "\t"); digest[substr(line, 1, tab - 1)] = substr(line, tab + 1) }
  split("cap_add cap_drop command configs credential_spec deploy devices dns dns_search domainname entrypoint environment expose extra_hosts healthcheck hostname image init isolation labels logging mac_address networks ports read_only secrets shm_size stdin_open stop_grace_period stop_signal sysctls tmpfs tty ulimits user volumes working_dir", names, " "); for (at in names) known[names[at]] = 1
  split("build pull_policy depends_on restart container_name profiles scale image", names, " "); for (at in names) quiet[names[at]] = 1
}
function refuse(words) { print words > "/dev/stderr"; failed = 1 }
function leave() { if (rest ~ /[{[]$/) { skipping = 1; until = depth } }
function put(word) { match($0, /^ */); print substr($0, 1, RLENGTH) "\"" key "\": " word ($0 ~ /,$/ ? "," : "") }

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
skipping { if (depth == until && rest ~ /^[]}]/) skipping = 0; next }
NR == 1 { print; print "  \"version\": \"3.8\","; next }
depth == 1 && key != "" { top = key; if (key == "name" || key ~ /^x-/) { leave(); next } }
top == "services" && depth == 2 && key != "" { service = key }
top == "services" && depth == 3 && key != "" {
  part = key
  if (value == "null") next
  if (!(key in known)) {
    if (key == "network_mode" && text(value) !~ /^(bridge|default)$/) refuse(service ": a swarm has no network_mode: " text(value))
    else if (key ~ /^(ipc|pid|volumes_from)$/) refuse(service ": a swarm has no " key)
    else if (!(key in quiet)) print service ": a swarm has no " key ": left out" > "/dev/stderr"
    leave(); next
  }
}
top == "services" && part == "ports" && depth == 5 {
  if (key == "host_ip" && text(value) != "0.0.0.0") refuse(service ": a swarm publishes on all addresses of a node, not on " text(value) " alone")
  if (key == "published" && text(value) ~ /^[0-9]+$/) { put(text(value)); next }
  if (key != "" && key !~ /^(mode|target|published|protocol)$/) { leave(); next }
}
top == "services" && part == "volumes" && depth == 6 && key !~ /^(propagation|nocopy|size)$/ && key != "" { leave(); next }
top == "services" && part == "volumes" && depth == 6 && key == "size" { put(text(value)); next }
top == "services" && (part == "configs" || part == "secrets") && depth == 5 && key == "mode" { put(text(value)); next }
top == "services" && part == "healthcheck" && depth == 4 && key == "start_interval" { next }
top == "services" && part == "networks" && depth == 5 && key !~ /^(aliases|ipv4_address|ipv6_address)$/ && key != "" { leave(); next }
top == "services" && part == "deploy" && depth == 6 && key == "cpus" { put("\"" text(value) "\""); next }
top == "services" && part == "deploy" && depth == 6 && key == "pids" { next }
top == "services" && part == "extra_hosts" && depth == 4 { sub(/=/, ":") }
top == "networks" && depth == 3 && key !~ /^(name|driver|driver_opts|ipam|external|internal|attachable|labels)$/ && key != "" { leave(); next }
(top == "configs" || top == "secrets") && depth == 2 && key != "" { definition = key; isOurs = 0; name = "" }
(top == "configs" || top == "secrets") && depth == 3 {
  if (key == "content" || key == "environment") refuse(top "." definition ": a swarm can only take it from a file, not from " key)
  if (key == "name") { name = $0; next }
  if (key == "file") {
    path = text(value); last = path; sub(/.*\//, "", last)
    suffix = (path in digest) ? digest[path] : last
    if (suffix !~ /^[0-9a-f]+$/) refuse(top "." definition ": there is no digest of " path)
    isOurs = 1
  }
}
(top == "configs" || top == "secrets") && depth == 2 && rest ~ /^}/ && name != "" {
  # The model names each one, with the name in front of the file or behind it: it is written once both are known.
  sub(/",?$/, (isOurs ? "_" substr(suffix, 1, 12) : "") "\",", name); print name; name = ""
}
(top == "configs" || top == "secrets") && depth == 3 && rest !~ /[{[]$/ { sub(/,?$/, ",") }
{ print }
END { exit failed }'; }
stack "$work/contents" < "$work/model.json" > "$work/stack.json"
printf '%s
' '{"id":"20261122T140311Z-3f9c2a1","made":"2026-11-22T14:03:11.000Z","by":"me@laptop","commit":"3f9c2a1000000000000000000000000000000000","ref":"main"}' > "$work/release.json"
rm -f "$work/base.json"
printf '%s\n' "$images" > "$work/named"
rm -f "$work"/service.* "$work"/configs.* "$work"/secrets.* "$work"/networks.* "$work"/volumes.* "$work"/writable "$work"/wrote "$work"/used "$work"/bound "$work"/table "$work"/defaults.json "$work"/image.json "$work"/env.json "$work"/asked.json "$work"/tags "$work"/found "$work"/whole.json "$work"/*.tmp
rm -rf "$work/values" "${compose:?}/$id"
mv -T "$work" "$compose/$id"
