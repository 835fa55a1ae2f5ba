import { bornFunction, lines, raw, sh, type Script } from '../../../src/index.ts'
import { authorizedKeys } from '../scripts/authorized-keys.ts'
import type { Link } from './link.ts'

/**
 * Shell function `end_gate folder`: removes a gate, stops what is still served through it, and waits for that: a machine must
 * not go on using it once the run is over. A process is identified together with its start time, because numbers are reused.
 */
export const endGate = lines(
  bornFunction,
  raw(`end_gate() {
  rm -rf "$1.gone"
  # Whoever comes to the gate from here on has nowhere to say so, and is refused.
  mv "$1" "$1.gone" 2>/dev/null || return 0
  for served in "$1.gone"/served.*; do
    born=\${served##*.} pid=\${served%.*}
    pid=\${pid##*.}
    [ -e "$served" ] || continue
    tries=0
    while [ "$(srv_born "$pid")" = "$born" ] && [ "$tries" -le 50 ]; do
      if [ "$tries" = 0 ]; then kill "$pid" 2>/dev/null || :; fi
      if [ "$tries" = 50 ]; then kill -9 "$pid" 2>/dev/null || :; fi
      tries=$((tries + 1))
      sleep 0.1
    done
  done
  rm -rf "$1.gone"
}`),
)

function names({ machines, own, tag, run }: Link): Script {
  return lines(
    raw('set -eu'),
    sh`machines=${machines} own=${own} run=${run} tag=${tag}`,
    authorizedKeys,
    endGate,
    raw('folder=$HOME/.ssh/$tag'),
  )
}

/**
 * Allows a key to use a gate, for ten minutes at most; normally it is there only for the seconds until `shutScript`. What a
 * dead run of the service left is removed first.
 */
export function admitScript(link: Link, key: string, gate: Script): Script {
  return lines(
    names(link),
    sh`key=${key}`,
    raw(`case $folder in *[!A-Za-z0-9/._@+-]*) echo "a key cannot be bound to the folder $folder: it has a special character" >&2; exit 1 ;; esac
until=$(unset TZ; date -d "@$(($(date +%s) + 600))" +%Y%m%d%H%M%S)
mkdir -p "$HOME/.ssh"
for one in "$HOME/.ssh/$own"-*; do end_gate "$one"; done
# Of a run for other services, that died: none lasts a week.
find "$HOME/.ssh" -maxdepth 1 -name 'srv-link-*' -mtime +7 -exec rm -rf {} +
mkdir "$folder"
cat >"$folder/gate" <<'SRV_GATE_FILE'`),
    gate,
    raw(`SRV_GATE_FILE
replace_key "$own-" "restrict,expiry-time=\\"$until\\",command=\\"exec /bin/sh $folder/gate\\" $key $tag"`),
  )
}

/** Lets nobody in any more; who is already connected stays, and can only use the gate. */
export function shutScript(link: Link): Script {
  return lines(names(link), raw(`if [ -e "$file" ]; then replace_key "$own-" ''; fi`))
}

/** Removes the gates of a run: what is still connected can begin nothing any more, and what it has begun is stopped. */
export function leaveScript(link: Link): Script {
  return lines(names(link), raw('for one in "$HOME/.ssh/$machines"-*-"$run"; do end_gate "$one"; done'))
}
