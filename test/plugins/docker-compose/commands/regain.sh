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
part_of() {
  if printf '%s\n' "$1" | LC_ALL=C grep -Eqx -e '-*[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*'; then printf '%s\n' "$1"; return 0; fi
  printf '%s-%s\n' "$(printf '%s\n' "$1" | LC_ALL=C tr A-Z a-z | LC_ALL=C sed 's/[^a-z0-9]\{1,\}/-/g; s/^-//; s/-$//')" "$(printf '%s\n' "$1" | sha256sum | cut -c 1-8)"
}
tag_of() { printf '%s\n' "$images$(part_of "$1"):$id"; }
id=20261122T140311Z-3f9c2a1
named=$images
[ ! -f "$compose/$id/named" ] || IFS= read -r named < "$compose/$id/named"
regain() { # image, names
  image=$1
  shift
  for name in "$@"; do
    if engine pull --quiet "$name" >&2 && engine image inspect "$image" >/dev/null 2>&1; then
      awk -F "$tab" -v image="$image" '$3 == image { print $1 }' "$compose/$id/services" > "$compose/regained"
      while IFS= read -r service; do engine tag "$image" "$named$(part_of "$service"):$id"; done < "$compose/regained"
      rm -f "$compose/regained"
      return 0
    fi
  done
  printf 'gone %s %s\n' "$image" "$1"
  return 1
}
regain sha256:db r.example.org/db@sha256:d
