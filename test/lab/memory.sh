#!/usr/bin/env bash
# Mounts a file system in memory on a folder, so that tests do not wait for a disk: what they write to be safe from a power
# cut costs nothing there, which takes a sixth off the processor time of a run. Fails, and leaves the folder alone, where
# memory is short or such a file system cannot do what tests need: attributes of users came to tmpfs with Linux 6.6.
#   memory.sh FOLDER
set -euo pipefail
folder=$1
needed=12 # GB that are free, of which both file systems of a run may take 4 each

PATH=$PATH:/usr/sbin:/sbin
! mountpoint -q "$folder" 2>/dev/null || exit 0
[ "$(id -u)" = 0 ] && [ "$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)" -ge "$needed" ] || exit 1
mkdir -p "$folder"
mount -t tmpfs -o mode=1777,size=4g srv-tests "$folder" 2>/dev/null || exit 1
if ! python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.probe", b"yes"); os.removexattr(sys.argv[1], "user.probe")' "$folder" 2>/dev/null; then
  umount "$folder"
  exit 1
fi
