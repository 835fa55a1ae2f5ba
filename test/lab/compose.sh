#!/usr/bin/env bash
# Gets Docker Compose v2, which Debian 12 does not have, from a later release of Debian, and prints the path of the plugin:
#   compose.sh [trixie docker-compose]
# The mirror is that of this machine's own apt sources; apt's own lists and what is installed stay as they are.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
later=${1:-trixie}
plugin=$here/.state/${2:-docker-compose}

if [ -x "$plugin" ]; then
  echo "$plugin"
  exit 0
fi

mkdir -p "$here/.state"
# shellcheck source=/dev/null
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' "Codename: $suite" 'Component: main' | head -n 1)
if [ -z "$mirror" ]; then
  echo "test/lab/compose.sh: no apt source of this machine has the component main of $suite" >&2
  exit 1
fi

work=$(mktemp -d "${TMPDIR:-/var/tmp}/srv-lab-compose.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/parts"
echo "deb $mirror $later main" >"$work/sources.list"
apt() {
  apt-get -q -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts="$work/parts" \
    -o Dir::State::lists="$work/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
    -o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
}
if ! (cd "$work" && apt update && apt download docker-compose) >"$work/log" 2>&1; then
  echo "test/lab/compose.sh: Docker Compose could not be downloaded from $mirror $later:" >&2
  tail -n 20 "$work/log" >&2
  exit 1
fi
dpkg-deb -x "$work"/docker-compose_*.deb "$work/root"
install -m 755 "$work/root/usr/libexec/docker/cli-plugins/docker-compose" "$plugin"
echo "$plugin"
