#!/usr/bin/env bash
# Installs, from the apt sources that this machine already has, the programs that the tests on real hosts need.
# Needs root. Does nothing, and asks no mirror, when everything is there.
set -euo pipefail

packages=(
  git openssh-client openssh-server rsync sudo # real sshd, git and rsync in test/integration
  docker.io iptables                           # the engine that the lab's hosts run in
  debootstrap busybox-static ca-certificates   # what the lab's image is made with
  curl procps iproute2
)

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ]; then
  echo "test/lab/install.sh: needs root to install: ${missing[*]}" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
# A package's own start-up script must not start a service here: the tests start their own sshd, engine.sh its dockerd.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi

# One source of several that does not answer is no reason to stop: what is then missing, the second command names.
apt-get update -q >&2 || echo 'test/lab/install.sh: apt-get update failed, going on with the lists at hand' >&2
apt-get install -y -q --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" </dev/null >&2
