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
id=20261122T140311Z-3f9c2a1 folder=/srv/shop/instances/docker/releases/20261122T140311Z-3f9c2a1
umask 077
mkdir -p "$compose/mounts"
work=$compose/.new-$id
part_of() {
  if printf '%s\n' "$1" | LC_ALL=C grep -Eqx -e '-*[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*'; then printf '%s\n' "$1"; return 0; fi
  printf '%s-%s\n' "$(printf '%s\n' "$1" | LC_ALL=C tr A-Z a-z | LC_ALL=C sed 's/[^a-z0-9]\{1,\}/-/g; s/^-//; s/-$//')" "$(printf '%s\n' "$1" | sha256sum | cut -c 1-8)"
}
tag_of() { printf '%s\n' "$images$(part_of "$1"):$id"; }
for left in "$compose"/.new-*; do
  [ -d "$left" ] || continue
  for service in $(awk -F "$tab" '$1 == "service" { print $2 }' "$left/facts" 2>/dev/null); do
    engine image rm "$images$(part_of "$service"):${left##*/.new-}" >/dev/null 2>&1 || :
  done
  rm -rf "$left"
done
mkdir "$work"
cd "$folder"
set -- -f /srv/shop/instances/docker/releases/20261122T140311Z-3f9c2a1/compose.yaml -f /srv/shop/instances/docker/releases/20261122T140311Z-3f9c2a1/deploy/production.yaml --profile web --profile jobs

[ ! -f "$folder/.env" ] || set -- "$@" --env-file "$folder/.env"
set -- "$@" --env-file /srv/shop/instances/docker/releases/20261122T140311Z-3f9c2a1/deploy/production.env
engine compose --project-directory "$folder" -p "$project" "$@" config --format json > "$work/base.tmp"
awk '/^      "profiles": \[$/ { skipped = 1 } !skipped { print } /^      \],?$/ { skipped = 0 }' "$work/base.tmp" > "$work/base.json"
asking() { LC_ALL=C awk '
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
(top == "configs" || top == "secrets") && depth == 2 && key != "" { definition = top "." key }
(top == "configs" || top == "secrets") && depth == 3 && key == "environment" {
  printf "%s\"%s\":\"${%s?%s is the value of it}\"", (count++ ? "," : "{\"services\":{\"srv-values\":{\"image\":\"none\",\"environment\":{"), definition, text(value), definition
}
END { if (count) print "}}}}" }'; }
answering() { folder=$1 LC_ALL=C awk '
function number(digits, at, sum) { for (at = 1; at <= 4; at++) sum = sum * 16 + index("0123456789abcdef", tolower(substr(digits, at, 1))) - 1; return sum }
function letter(code) { return code < 128 ? sprintf("%c", code) : sprintf("%c%c%c", 224 + int(code / 4096), 128 + int(code / 64) % 64, 128 + code % 64) }
function plain(word, all, at, sign) {
  word = substr(word, 2, length(word) - 2)
  while ((at = index(word, "\\")) > 0) {
    sign = substr(word, at + 1, 1)
    all = all substr(word, 1, at - 1) (sign == "u" ? letter(number(substr(word, at + 2, 4))) : sign in short ? short[sign] : sign)
    word = substr(word, at + (sign == "u" ? 6 : 2))
  }
  all = all word
  gsub(/[$][$]/, "$", all)
  return all
}
BEGIN { short["n"] = "\n"; short["t"] = "\t"; short["r"] = "\r"; short["b"] = "\b"; short["f"] = "\f" }

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
top == "services" && depth == 2 && key != "" { service = key }
top == "services" && service == "srv-values" && depth == 3 && key != "" { part = key }
top == "services" && service == "srv-values" && part == "environment" && depth == 4 && key != "" { file = ENVIRON["folder"] "/" key; printf "%s", plain(value) > file; close(file) }'; }
filed() { folder=$1 LC_ALL=C awk '
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
depth == 1 { top = key }
(top == "configs" || top == "secrets") && depth == 2 && key != "" { definition = top "." key }
(top == "configs" || top == "secrets") && depth == 3 && key == "environment" { print "      \"file\": " json(ENVIRON["folder"] "/" definition) ($0 ~ /,$/ ? "," : ""); next }
{ print }'; }
asking < "$work/base.json" > "$work/asked.json"
if [ -s "$work/asked.json" ]; then
  mkdir "$work/values"
  engine compose --project-directory "$folder" -p "$project" "$@" -f "$work/asked.json" config --format json > "$work/answer.tmp"
  answering "$work/values" < "$work/answer.tmp"
  chmod 644 "$work/values"/*
  filed "$work/values" < "$work/base.json" > "$work/filed.tmp"
  mv -f "$work/filed.tmp" "$work/base.json"
fi
