instance=/srv/shop/instances/docker
data=/srv/shop/data
compose=/srv/shop/.srv/docker/compose
project=shop
images=srv/shop-
tab=$(printf '\t')
fail() { printf '%s\n' "$1" >&2; exit 1; }
engine() { env -i HOME="${HOME:-/}" PATH="$PATH" XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-}" LC_ALL=C COMPOSE_ANSI=never BUILDX_NO_DEFAULT_ATTESTATIONS=1 'SRV_SERVICE=shop' 'SRV_INSTANCE=docker' 'SRV_HOST=web1' 'SRV_DATA=/srv/shop/data' 'SRV_RELEASE=20261122T140311Z-3f9c2a1' 'SRV_COMMIT=3f9c2a1000000000000000000000000000000000' docker "$@" </dev/null; }
frozen() { engine compose --project-directory "$instance" -p "$project" -f "$compose/$id/model.json" "$@"; }
id=20261122T140311Z-3f9c2a1
rm -rf "$compose/.new-$id"
[ ! -f "$compose/active" ] || ! grep -qxF "$id" "$compose/active" || exit 0
tags=$(engine image ls --filter "reference=$images*:$id" --format '{{.Repository}}:{{.Tag}}')
[ -z "$tags" ] || engine image rm $tags >/dev/null 2>&1 || :
[ -f "$compose/$id/services" ] || exit 0
if [ -d "$compose/$id/failed" ]; then rm -f "$compose/$id/services"; else rm -rf "${compose:?}/$id"; fi
