#!/usr/bin/env bash
# Takes the lab down: its containers, their disks, the network and .state/. The image stays for the next time, and the
# engine goes on running; `down.sh --image` removes the image, too.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
hosts=(srv-lab-{1..14})

rm -rf "$here/.state"
docker version >/dev/null 2>&1 || exit 0
docker rm -f -v "${hosts[@]}" >/dev/null 2>&1 || true
docker volume rm "${hosts[@]}" >/dev/null 2>&1 || true
umount /run/srv-lab 2>/dev/null || true
docker network rm srv-lab >/dev/null 2>&1 || true
if [ "${1:-}" = --image ]; then
  docker images -q srv-lab | xargs -r docker rmi -f >/dev/null
fi
