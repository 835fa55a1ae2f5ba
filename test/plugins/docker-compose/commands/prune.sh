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
if [ -f "$compose/before" ] && [ -f "$compose/active" ]; then
read -r served < "$compose/active"
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
let_go() {
  [ -f "$compose/before" ] || return 0
  look
  gone=$(awk 'FILENAME == ARGV[1] { split($0, word, "\t"); known[word[1]] = 1; next }
    FILENAME == ARGV[2] { if ($2 in known) old[$1] = 1; next }
    $1 in old { print $1 }' "$compose/$served/services" "$compose/before" "$compose/containers")
  if [ -n "$gone" ]; then discard $gone; look; fi
  rm -f "$compose/before" "$compose/before.networks"
}
let_go
rm -f "$compose/containers"
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
part_of() {
  if printf '%s\n' "$1" | LC_ALL=C grep -Eqx -e '-*[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*'; then printf '%s\n' "$1"; return 0; fi
  printf '%s-%s\n' "$(printf '%s\n' "$1" | LC_ALL=C tr A-Z a-z | LC_ALL=C sed 's/[^a-z0-9]\{1,\}/-/g; s/^-//; s/-$//')" "$(printf '%s\n' "$1" | sha256sum | cut -c 1-8)"
}
tag_of() { printf '%s\n' "$images$(part_of "$1"):$id"; }
keep=3 failures=3 previous=20261121T090000Z-aaaaaaa
active=
[ ! -f "$compose/active" ] || read -r active < "$compose/active"
kept=0 failed=0 removed=0
[ -f "$compose/left" ] || : > "$compose/left"
for folder in $(ls -1d "$compose"/2* 2>/dev/null | LC_ALL=C sort -r | tr ' ' '?'); do
  id=${folder##*/}
  if [ -f "$folder/services" ]; then
    kept=$((kept + 1))
    if [ "$kept" -le "$keep" ] || [ "$id" = "$active" ] || [ "$id" = "$previous" ]; then continue; fi
  else
    failed=$((failed + 1))
    if [ "$failed" -le "$failures" ]; then continue; fi
  fi
  # Its tags may be of another registry or project, from before the config was changed.
  named=$images
  [ ! -f "$folder/named" ] || IFS= read -r named < "$folder/named"
  [ ! -f "$folder/services" ] || while IFS="$tab" read -r service rest; do printf '%s\n' "$named$(part_of "$service"):$id"; done < "$folder/services" >> "$compose/left"
  rm -rf "$folder"
  removed=$((removed + 1))
done
if [ -s "$compose/left" ] && engine image rm $(cat "$compose/left") >/dev/null 2>&1; then : > "$compose/left"; fi
# Only what Docker says is gone is forgotten: a command that was cut off says nothing.
while IFS= read -r image; do
  engine image rm "$image" >/dev/null 2>&1 || case $(engine image inspect "$image" 2>&1 >/dev/null) in
  *[Nn]'o such image'*) ;;
  *) printf '%s\n' "$image" ;;
  esac
done < "$compose/left" > "$compose/left.new"
mv -f "$compose/left.new" "$compose/left"
cat "$compose"/2*/moved > "$compose/used" 2>/dev/null || :
for place in "$compose"/mounts/*; do
  [ -e "$place" ] || continue
  if grep -qF "$place" "$compose/used"; then rm -f "$compose/mounts/.kept.${place##*/}"; continue; fi
  case $place in *.tmp) written= ;; *) written=$(foreign "$place" | few) ;; esac
  if [ -z "$written" ] && rm -rf "$place" "$compose/mounts/.${place##*/}" 2>/dev/null; then continue; fi
  [ -e "$compose/mounts/.kept.${place##*/}" ] || echo "$place stays, although no release mounts it any longer: the app wrote into it: ${written:-what only it may remove}"
  : > "$compose/mounts/.kept.${place##*/}"
done
for note in "$compose"/mounts/.*; do
  place=${note##*/.} place=${place#kept.}
  [ ! -f "$note" ] || [ -e "$compose/mounts/$place" ] || rm -f "$note"
done
if [ -f "$compose/routes" ]; then
  set -- 
  while IFS= read -r file; do
    if [ $# -gt 0 ] && printf '%s\n' "$@" | grep -qxF -e "$file"; then printf '%s\n' "$file"; continue; fi
    [ -e "$file" ] || continue
    printf '%s\n' "$file"
    echo "$file stays, which names containers that are gone: remove it once nothing else of the proxy's configuration needs it" >&3
  done < "$compose/routes" 3>&1 > "$compose/routes.new"
  mv -f "$compose/routes.new" "$compose/routes"
fi
rm -rf "$compose"/.new-* "$compose/used"
printf 'removed %s\n' "$removed"
