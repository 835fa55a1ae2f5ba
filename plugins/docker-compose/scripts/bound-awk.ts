import { raw } from '../../../src/index.ts'
import { follow } from './model-awk.ts'

/**
 * Shell function `bound`: reads a model on standard input and prints which service has to be replaced together with which
 * other one, a pair per line with a tab: it lives in a namespace of the other's container, or depends on it with
 * `restart: true`. Left alone, it would stay in the namespace of a container that is gone.
 */
export const boundFunction = raw(String.raw`bound() { LC_ALL=C awk '${follow}
depth == 1 { top = key }
top != "services" { next }
depth == 2 { service = key }
depth == 3 && key != "" { part = key }
depth == 3 && (key == "network_mode" || key == "pid" || key == "ipc") {
  named = text(value)
  if (sub(/^service:/, "", named)) print service "\t" named
}
depth == 4 && part == "depends_on" && key != "" { wanted = key }
depth == 5 && part == "depends_on" && key == "restart" && value == "true" { print service "\t" wanted }
'; }`)

/**
 * Shell function `stranded service ids`: those of these containers that live in a namespace of another container which is
 * gone, or which was started after them while they ran: what they share with it no longer exists. The function `bound` comes
 * before, and is called once.
 */
export const strandedFunction =
  raw(String.raw`bound_services=" $(bound < "$compose/$id/model.json" | cut -f 1 | tr '\n' ' ')"
stranded() {
  case $bound_services in *" $1 "*) ;; *) return 0 ;; esac
  shift
  [ $# != 0 ] || return 0
  engine inspect -f '{{.Id}} {{.State.StartedAt}} {{.State.Running}} {{.HostConfig.NetworkMode}} {{.HostConfig.PidMode}} {{.HostConfig.IpcMode}}' "$@" > "$compose/sharing"
  set -- $(tr ' ' '\n' < "$compose/sharing" | sed -n 's/^container://p' | sort -u)
  : > "$compose/shared"
  for one in "$@"; do engine inspect -f '{{.Id}} {{.State.StartedAt}}' "$one" >> "$compose/shared" 2>/dev/null || :; done
  awk 'FILENAME == ARGV[1] { began[$1] = $2; next }
    { for (at = 4; at <= NF; at++) if (sub(/^container:/, "", $at) && (!($at in began) || $3 == "true" && began[$at] > $2)) { print $1; break } }' "$compose/shared" "$compose/sharing"
  rm -f "$compose/shared" "$compose/sharing"
}`)
