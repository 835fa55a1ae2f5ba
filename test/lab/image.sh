#!/usr/bin/env bash
# Makes the image of the lab's hosts unless Docker has it already, and prints its name.
# Debian's release and mirror are those of this machine's own apt sources.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=recipe.sh
. "$here/recipe.sh"

name=srv-lab
# shellcheck source=/dev/null
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
tag=$(cat "$here/recipe.sh" "$here/compose.sh" - <<<"$suite" | sha256sum | cut -c1-12)
image=$name:$tag

if docker image inspect "$image" >/dev/null 2>&1; then
  echo "$image"
  exit 0
fi

mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' "Codename: $suite" 'Component: main' | head -n 1)
if [ -z "$mirror" ]; then
  echo "test/lab/image.sh: no apt source of this machine has the component main of $suite" >&2
  exit 1
fi
# apt's proxy is not wget's, which debootstrap downloads with.
eval "$(apt-config shell proxy Acquire::http::Proxy)"
if [ -n "${proxy:-}" ]; then export http_proxy=$proxy; fi

compose=$(bash "$here/compose.sh")
root=$(mktemp -d "${TMPDIR:-/var/tmp}/srv-lab-image.XXXXXX")
log=$root.log
unmount() {
  local folder
  awk -v root="$root/" 'index($2, root) == 1 { print $2 }' /proc/mounts | while read -r folder; do umount -l "$folder"; done
}
clean() {
  unmount
  rm -rf --one-file-system "$root"
}
trap clean EXIT

include=$(IFS=, && echo "${packages[*]}")
echo "Making the image $image with debootstrap, about a minute; log in $log" >&2
if ! { debootstrap --variant=minbase --include="$include" "$suite" "$root" "$mirror" && customise "$root" "$compose"; } >"$log" 2>&1 </dev/null; then
  echo "test/lab/image.sh: no image could be made. The end of $log:" >&2
  tail -n 30 "$log" >&2
  exit 1
fi
unmount
tar -C "$root" --one-file-system -c . | docker import -c 'CMD ["/sbin/init"]' - "$image" >/dev/null
rm -f "$log"
echo "$image"
