#!/usr/bin/env bash
# Starts a Docker engine in the background when none answers. It outlives this script and the tests.
set -euo pipefail

log=${SRV_LAB_ENGINE_LOG:-/var/log/srv-lab-dockerd.log}

docker version >/dev/null 2>&1 && exit 0

# A pid file left by a killed engine stops the next one from starting, when its number was given to another process.
if [ -f /var/run/docker.pid ] && ! pgrep -x dockerd >/dev/null; then
  rm -f /var/run/docker.pid
fi

setsid nohup dockerd >>"$log" 2>&1 </dev/null &
engine=$!

deadline=$((SECONDS + 60))
until docker version >/dev/null 2>&1; do
  if ! kill -0 "$engine" 2>/dev/null && ! pgrep -x dockerd >/dev/null; then
    echo "test/lab/engine.sh: dockerd ended by itself. The end of $log:" >&2
    tail -n 20 "$log" >&2
    exit 1
  fi
  if [ "$SECONDS" -ge "$deadline" ]; then
    echo "test/lab/engine.sh: dockerd did not answer within 60 s. The end of $log:" >&2
    tail -n 20 "$log" >&2
    exit 1
  fi
  sleep 0.2
done
