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
id=20261122T140311Z-3f9c2a1 folder=/srv/shop/instances/docker/releases/20261122T140311Z-3f9c2a1
umask 077
mkdir -p "$compose/mounts"
work=$compose/.new-$id
rm -rf "$work"
mkdir "$work"
cd "$folder"
set -- 
found=
for file in compose.yaml compose.yml docker-compose.yaml docker-compose.yml; do [ -n "$found" ] || [ ! -f "$folder/$file" ] || found=$file; done
[ -n "$found" ] || fail "There is no compose file in $folder: "'compose.yaml, compose.yml, docker-compose.yaml, docker-compose.yml'"."
set -- "$@" -f "$folder/$found"
[ ! -f "$folder/.env" ] || set -- "$@" --env-file "$folder/.env"
set -- "$@" 
engine compose --project-directory "$folder" -p "$project" "$@" config --format json > "$work/base.tmp"
awk '/^      "profiles": \[$/ { skipped = 1 } !skipped { print } /^      \],?$/ { skipped = 0 }' "$work/base.tmp" > "$work/base.json"
