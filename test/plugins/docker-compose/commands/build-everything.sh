instance=/srv/shop/instances/docker
data=/srv/shop/data
compose=/srv/shop/.srv/docker/compose
project=shop-production
images=srv/shop-production-
tab=$(printf '\t')
fail() { printf '%s\n' "$1" >&2; exit 1; }
plugin=
if ! grep -qs cliPluginsExtraDirs "${HOME:-/}/.docker/config.json"; then
  for place in "${HOME:-/}/.docker" /usr/local/lib/docker /usr/local/libexec/docker /usr/lib/docker /usr/libexec/docker; do
    [ -n "$plugin" ] || [ ! -x "$place/cli-plugins/docker-compose" ] || plugin=$place/cli-plugins/docker-compose
  done
fi
clean() { env -i HOME="${HOME:-/}" PATH="$PATH" XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-}" LC_ALL=C COMPOSE_ANSI=never BUILDX_NO_DEFAULT_ATTESTATIONS=1 'SRV_SERVICE=shop' 'SRV_INSTANCE=docker' 'SRV_HOST=web1' 'SRV_DATA=/srv/shop/data' 'SRV_RELEASE=20261122T140311Z-3f9c2a1' 'SRV_COMMIT=3f9c2a1000000000000000000000000000000000' 'DOCKER_DEFAULT_PLATFORM=linux/amd64' "$@"; }
call() {
  if [ "$1" = compose ] && [ -n "$plugin" ]; then shift; clean "$plugin" "$@"; else clean docker "$@"; fi
}
engine() { call "$@" </dev/null; }
fed() { call compose --project-directory "$instance" --env-file /dev/null -p "$project" -f "$compose/$id/model.json" "$@"; }
frozen() { fed "$@" </dev/null; }
id=20261122T140311Z-3f9c2a1
work=$compose/.new-$id
facts() { LC_ALL=C awk -v folder="$1" '
function keep(file, line) { sub(/,$/, "", line); print line > (folder "/" file) }

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
top == "services" && depth == 2 && key != "" { service = key; printf "service\t%s\n", service; next }
top == "services" && depth == 2 { service = "" }
top == "services" && depth > 2 {
  if (depth == 3 && key != "") part = key
  if (depth == 4 && key != "") inner = key
  if (part == "deploy") kept = depth > 3 && (inner == "resources" || inner == "restart_policy") && rest != "{}"
  else kept = part !~ /^(build|depends_on|image|profiles|pull_policy|scale)$/
  if (kept) keep("service." service, $0)
  if (depth == 3 && key == "build") printf "build\t%s\n", service
  if (depth == 3 && key == "image") printf "image\t%s\t%s\n", service, text(value)
  if (depth == 3 && key == "container_name" && value != "null") printf "named\t%s\t%s\n", service, text(value)
  if (depth == 3 && key == "network_mode") printf "network\t%s\t%s\n", service, text(value)
  if (depth == 3 && key == "restart") printf "restart\t%s\t%s\n", service, text(value)
  if (depth == 3 && key == "scale") printf "replicas\t%s\t%s\n", service, value
  if (part == "healthcheck" && depth == 4 && key == "test" && value != "null") printf "healthcheck\t%s\n", service
  if (depth == 4 && part == "deploy" && key == "mode" && text(value) == "global") printf "global\t%s\n", service
  if (depth == 4 && part == "deploy" && key == "replicas") printf "replicas\t%s\t%s\n", service, value
  if (depth == 5 && part == "deploy" && inner == "restart_policy" && key == "condition") printf "condition\t%s\t%s\n", service, text(value)
  if (depth == 5 && part == "deploy" && inner == "placement" && key == "constraints" && value == "[") printf "placed\t%s\n", service
  if (depth == 4 && part == "depends_on" && key != "") wanted = key
  if (depth == 4 && part == "depends_on" && key != "") printf "after\t%s\t%s\n", service, wanted
  if (depth == 5 && part == "depends_on" && key == "condition" && text(value) == "service_completed_successfully") printf "ends\t%s\n", wanted
  if (depth == 4 && part == "ports" && rest == "{") mode = ""
  if (depth == 5 && part == "ports" && key == "mode") mode = text(value)
  if (depth == 5 && part == "ports" && key == "published") printf "port\t%s\t%s\t%s\n", service, text(value), mode
  if (depth == 4 && part == "volumes" && rest == "{") { type = ""; source = ""; target = ""; mode = "rw" }
  if (depth == 5 && part == "volumes" && key == "type") type = text(value)
  if (depth == 5 && part == "volumes" && key == "source") source = text(value)
  if (depth == 5 && part == "volumes" && key == "target") target = text(value)
  if (depth == 5 && part == "volumes" && key == "read_only" && value == "true") mode = "ro"
  if (depth == 4 && part == "volumes" && rest == "}" && source != "") printf "%s\t%s\t%s\t%s\n", type, service, mode, source
  if (depth == 4 && part == "volumes" && rest == "}" && source == "" && type == "volume" && mode == "rw") printf "nameless\t%s\t%s\n", service, target
  if (depth == 4 && part == "volumes" && rest == "}") printf "target\t%s\t%s\n", service, target
  if (depth == 4 && part == "tmpfs" && rest ~ /^"/) { target = text(value); sub(/:.*/, "", target); printf "target\t%s\t%s\n", service, target }
  if (depth == 4 && part == "volumes" && rest == "}" && source != "" && type == "volume") printf "uses\t%s\tvolumes.%s\n", service, source
  if (depth == 4 && part == "networks" && key != "") printf "uses\t%s\tnetworks.%s\n", service, key
  if (depth == 5 && (part == "configs" || part == "secrets") && key == "source") printf "uses\t%s\t%s\n", service, part "." text(value)
}
top !~ /^(configs|networks|secrets|volumes)$/ { next }
depth == 2 && key != "" { definition = top "." key }
depth > 1 && definition != "" { keep(definition, $0) }
depth == 3 && key == "file" && top ~ /^(configs|secrets)$/ { printf "file\t%s\t%s\n", definition, text(value) }
'; }
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
facts "$work" < "$work/base.json" > "$work/facts"
unknown=
expect_service() {
  said service | grep -qxF -e "$2" && return 0
  [ -n "$unknown" ] || said service | sed 's/^/known /'
  echo "unknown $1 $2"
  unknown="${unknown:+$unknown, }$2 ($1)"
}
expect_service proxy web
expect_service proxy api
expect_service proxy admin
expect_service proxy mail
expect_service overlap worker
[ -z "$unknown" ] || fail "The config names services that the compose files do not have: $unknown. They have: $(said service | paste -sd ' ' -)."
sharing() { LC_ALL=C awk -F '\t' -v project="$1" '
function whole(name) {
  sub(/^(docker\.io\/library|docker\.io|library)\//, "", name)
  return name ~ /@|:[^\/]*$/ ? name : name ":latest"
}
$1 == "build" { built[$2] = 1; order[++count] = $2 }
$1 == "image" { image[$2] = $3 }
END {
  for (at = count; at > 0; at--) maker[whole(order[at] in image ? image[order[at]] : project "-" order[at])] = order[at]
  for (service in image) if (!(service in built) && (whole(image[service]) in maker)) printf "shares\t%s\t%s\n", service, maker[whole(image[service])]
}' "$work/facts"; }
sharing "$project" > "$work/shares.tmp"
cat "$work/shares.tmp" >> "$work/facts"
built=$(said build)
{
  printf '{"services":{'
  comma=
  for service in $built; do printf '%s"%s":{"image":"%s"}' "$comma" "$service" "$(tag_of "$service")"; comma=,; done
  printf '}}\n'
} > "$work/build.json"
set -- $built
if [ $# -gt 0 ]; then
  engine compose --progress plain -p "$project" -f "$work/base.json" -f "$work/build.json" build --pull "$@" >&2
fi
named=
for service in $(said image); do
  [ -n "$(makerOf "$service")" ] || named="$named $service"
done
set -- $named
[ $# = 0 ] || engine compose -p "$project" -f "$work/base.json" pull --quiet "$@" >&2
