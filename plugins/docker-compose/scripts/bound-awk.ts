import { raw } from '../../../src/index.ts'
import { follow } from './model-awk.ts'

/**
 * Shell function `bound`: reads a model on standard input and prints which service has to be replaced with which other one, a
 * pair a line with a tab: it lives in a namespace of the other's container, or says `restart: true` of it. Left alone, it
 * would stay in the namespace of a container that is gone.
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
 * Shell function `stranded service ids`: of these containers, those that live in a namespace of another one that is gone, or
 * that began after them while they ran: what they share with it is not there any more. The function `bound` stands before,
 * and is asked once.
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
