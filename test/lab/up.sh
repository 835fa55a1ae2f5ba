#!/usr/bin/env bash
# Brings up the lab: fourteen hosts with systemd, sshd and a Docker engine of their own, each in a container.
# Writes what a test has to know of them to .state/lab.json. Run again, it mends what is missing and keeps the rest.
#   up.sh           hosts as they are
#   up.sh --fresh   hosts as after their first start
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export PATH=$PATH:/usr/sbin:/sbin # debootstrap and dockerd live there
state=$here/.state
network=srv-lab
hosts=(srv-lab-{1..14})
small=srv-lab-9        # its engine has a disk that is soon full
disks=/run/srv-lab     # what hosts write to, where this machine has the memory; it survives their restarts
first_engine=srv-lab-4 # from here on they are for tests of containers: those take no host away from the others
first_dying=srv-lab-10 # from here on they are killed or restarted by a test, which no other one survives

fail() {
  echo "test/lab/up.sh: $*" >&2
  exit 1
}

mkdir -p "$state"
chmod 700 "$state"
exec 9>"$state/lock"
flock 9

bash "$here/install.sh"
# The engine must not inherit the lock: it lives on.
bash "$here/engine.sh" 9>&-
compose=$(bash "$here/compose.sh" 9>&-)
newer=$(bash "$here/compose.sh" forky docker-compose-newer 9>&-)
image=$(bash "$here/image.sh" 9>&-)

# Each host has an address of its own for good: of two that are killed at the same time, one would get that of the other.
fixed=$(docker network inspect -f '{{index .Labels "srv.addresses"}}' "$network" 2>/dev/null || true)
if [ "${1:-}" = --fresh ] || [ "$fixed" != fixed ]; then
  docker rm -f -v "${hosts[@]}" >/dev/null 2>&1 || true
  docker volume rm "${hosts[@]}" >/dev/null 2>&1 || true
  umount "$disks" 2>/dev/null || true
fi
bash "$here/memory.sh" "$disks" || disks=
if [ "$fixed" != fixed ]; then
  # Only in a network whose subnet was named may an address be asked for; which one is free, Docker knows.
  docker network rm "$network" >/dev/null 2>&1 || true
  docker network create "$network" >/dev/null
  subnet=$(docker network inspect -f '{{(index .IPAM.Config 0).Subnet}}' "$network")
  docker network rm "$network" >/dev/null
  docker network create --subnet "$subnet" --label srv.addresses=fixed "$network" >/dev/null
fi
subnet=$(docker network inspect -f '{{(index .IPAM.Config 0).Subnet}}' "$network")

key=$state/key
[ -f "$key" ] || ssh-keygen -q -t ed25519 -N '' -C srv-lab -f "$key"

# --privileged asks for every capability, and fails on a machine that lacks one of them: name those that systemd needs.
# The engine of a host keeps its layers in a volume or in memory, because overlay does not stack.
# Without tcp_migrate_req a caddy that is reloaded resets the connections that wait in its queue (docs/compose.md).
start() {
  local host=$1 found disk ip
  ip=${subnet%.*}.$((100 + ${host##*-}))
  found=$(docker inspect -f '{{.Config.Image}} {{.State.Status}}' "$host" 2>/dev/null || true)
  case $found in
    "$image running") ;;
    "$image paused") docker unpause "$host" >/dev/null ;;
    "$image exited") docker start "$host" >/dev/null ;;
    *)
      disk=(-v "${disks:+$disks/}$host${disks:+/docker}:/var/lib/docker")
      [ "$host" != "$small" ] || disk=(--tmpfs /var/lib/docker:size=400m)
      [ -z "$disks" ] || disk+=(-v "$disks/$host/srv:/srv")
      docker rm -f -v "$host" >/dev/null 2>&1 || true
      docker volume rm "$host" >/dev/null 2>&1 || true
      [ -z "$disks" ] || rm -rf "${disks:?}/$host" # a new host begins with an empty disk, as with a new volume
      docker run -d --name "$host" --hostname "$host" --network "$network" --ip "$ip" --stop-signal SIGRTMIN+3 \
        --cap-add SYS_ADMIN --cap-add NET_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
        --sysctl net.ipv4.tcp_migrate_req=1 --cgroupns=host --tmpfs /run --tmpfs /run/lock -v /sys/fs/cgroup:/sys/fs/cgroup:rw \
        "${disk[@]}" "$image" >/dev/null
      ;;
  esac
  docker network connect --ip "$ip" "$network" "$host" 2>/dev/null || true # a test may have cut it off
}

authorise() {
  docker exec -i "$1" sh -ec '
    chown deploy:deploy /srv
    key=$(cat)
    for home in /root /home/deploy; do
      file=$home/.ssh/authorized_keys
      grep -qxF "$key" "$file" 2>/dev/null || printf "%s\n" "$key" >>"$file"
      chmod 600 "$file"
    done
    chown deploy:deploy /home/deploy/.ssh/authorized_keys' <"$key.pub"
}

address() {
  docker inspect -f "{{(index .NetworkSettings.Networks \"$network\").IPAddress}}" "$1"
}

is_ready() {
  local system
  system=$(docker exec "$1" systemctl is-system-running 2>/dev/null || true)
  case $system in running | degraded) ;; *) return 1 ;; esac
  ssh -n -F none -i "$key" -o BatchMode=yes -o ConnectTimeout=2 -o StrictHostKeyChecking=no \
    -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "deploy@$(address "$1")" true 2>/dev/null
}

for host in "${hosts[@]}"; do start "$host"; done
for host in "${hosts[@]}"; do authorise "$host"; done

deadline=$((SECONDS + 120))
for host in "${hosts[@]}"; do
  until is_ready "$host"; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      docker exec "$host" systemctl --failed --no-pager >&2 || true
      docker exec "$host" systemctl list-jobs --no-pager >&2 || true
      fail "$host is not up after 120 s: $(docker exec "$host" systemctl is-system-running 2>&1 || true)"
    fi
    sleep 0.2
  done
done

known=$state/known_hosts.new
: >"$known"
{
  printf '{ "user": "deploy", "key": "%s", "knownHosts": "%s", "image": "%s", "compose": "%s", "newerCompose": "%s", "hosts": [' "$key" "$state/known_hosts" "$image" "$compose" "$newer"
  comma=
  for host in "${hosts[@]}"; do
    ip=$(address "$host")
    docker exec "$host" sh -c 'cut -d" " -f1,2 /etc/ssh/ssh_host_*_key.pub' >"$state/keys"
    sed "s/^/$ip /" "$state/keys" >>"$known"
    [ "$host" != "$first_engine" ] || { printf '\n], "engines": ['; comma=; }
    [ "$host" != "$first_dying" ] || { printf '\n], "dying": ['; comma=; }
    printf '%s\n  { "name": "%s", "address": "%s", "hostKeys": [%s] }' "$comma" "$host" "$ip" \
      "$(sed 's/.*/"&"/' "$state/keys" | paste -sd, -)"
    comma=,
  done
  printf '\n] }\n'
} >"$state/lab.json.new"
rm -f "$state/keys"
mv "$known" "$state/known_hosts"
mv "$state/lab.json.new" "$state/lab.json"
echo "The lab is up: $state/lab.json" >&2
