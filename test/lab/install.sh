#!/usr/bin/env bash
# Installs, from the apt sources that this machine already has, the programs that the tests on real hosts need.
# Needs root. Does nothing, and asks no mirror, when everything is there.
set -euo pipefail

# command=package: what is there under another package's name, as an engine from Docker itself, is there.
programs=(
  git=git ssh-keygen=openssh-client sshd=openssh-server rsync=rsync sudo=sudo mkfs.ext4=e2fsprogs # for test/integration
  git-lfs=git-lfs                                                                              # for test/plugins/git
  dockerd=docker.io docker=docker.io iptables=iptables                        # the engine of the lab's hosts
  debootstrap=debootstrap busybox=busybox-static                              # what their image is made with
  curl=curl pgrep=procps ip=iproute2 nsenter=util-linux
  docker-registry=docker-registry openssl=openssl                             # for test/lab/compose/registry.ts
  # for the dumps in test/integration/backup
  pg_ctlcluster=postgresql sqlite3=sqlite3 mariadbd=mariadb-server redis-server=redis-server
)

PATH=$PATH:/usr/sbin:/sbin
missing=()
for program in "${programs[@]}"; do
  command -v "${program%%=*}" >/dev/null || missing+=("${program#*=}")
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
