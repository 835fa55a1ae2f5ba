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
deadline=$(($(date +%s) + 60))
until engine stack rm "$project" > "$compose/said" 2>&1 && [ -z "$(engine stack ps -q "$project" 2>/dev/null; engine network ls -q --filter "label=com.docker.stack.namespace=$project")" ]; do
  [ "$(date +%s)" -lt "$deadline" ] || { cat "$compose/said" >&2; fail 'The stack is still there after 60 s.'; }
  sleep 0.5
done
rm -f "$compose/said"
