import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { follow } from './model-awk.ts'
import type { Site } from './prologue.ts'

/*
 * `relabelled service`: whether the labels in the release differ from those that serve. Traefik drops a route that two
 * containers define differently, so nobody would be served while both ran.
 */
const relabelled = raw(String.raw`labels_of() { LC_ALL=C awk -v wanted="$2" '${follow}
depth == 1 { top = key }
depth == 2 { service = key }
depth == 3 && key != "" { part = key }
top == "services" && service == wanted && part == "labels" && depth == 4 && key !~ /^(srv|com\.docker|org\.opencontainers)\./ { print key, value }
' "$1"; }
relabelled() {
  goes_by_labels "$1" && [ -f "$compose/active" ] || return 1
  read -r before < "$compose/active"
  [ -f "$compose/$before/model.json" ] || return 1
  [ "$(labels_of "$compose/$before/model.json" "$1")" != "$(labels_of "$compose/$id/model.json" "$1")" ]
}`)

/*
 * `leave service ids`: tells old containers that they are about to be stopped, and waits until their healthcheck fails: a
 * proxy that goes by labels hears nothing of a stop until it is over, and sends requests until then. One that cannot leave
 * is stopped all the same: it is no worse off than without all this. `leaving` names those that were told, or were about to
 * be; `has_left ids` takes out those that were stopped since, and are as new when they start. `rejoin service ids`: starts
 * again those that were told so by a run that died, and are gone back to, once the proxy knows it too.
 */
const leave = raw(String.raw`healthy_of() {
  engine inspect -f '{{.Id}} {{with index .State "Health"}}{{.Status}}{{else}}-{{end}}' "$@" | awk '$2 == "healthy" { print $1 }'
}
part() {
  for one in "$@"; do
    tell "$leaving" "$one" 2>&1 || echo "$leaving: the old one could not be told to leave"
  done
  clock
  left_by=$((now + limit * 1000))
  while [ -n "$(healthy_of "$@")" ]; do
    clock
    [ "$now" -lt "$left_by" ] || { echo "$leaving: the old one says that it is healthy, $limit s after it was told to leave"; return 0; }
    sleep 0.2
  done
}
leave() {
  leaving=$1
  shift
  drains "$leaving" || return 0
  echo "$leaving: the old one leaves the proxy"
  printf '%s\n' "$@" >> "$compose/leaving"
  part "$@"
}
has_left() {
  [ -f "$compose/leaving" ] || return 0
  awk -v ids=" $* " 'index(ids, " " $1 " ") == 0' "$compose/leaving" > "$compose/leaving.new"
  mv -f "$compose/leaving.new" "$compose/leaving"
}
rejoin() {
  drains "$1" || return 0
  leaving=$1
  shift
  back= unsaid=
  for one in "$@"; do
    case $(engine inspect -f '{{with index .State "Health"}}{{.Status}}{{end}}' "$one") in
    unhealthy) back="$back $one" ;;
    *) ! grep -qsxF "$one" "$compose/leaving" || unsaid="$unsaid $one" ;;
    esac
  done
  [ -z "$unsaid" ] || part $unsaid
  back="$back$unsaid"
  [ -n "$back" ] || return 0
  sleep "$drain"
  engine restart $back >/dev/null
  has_left $back
}`)

/** Shell functions about services whose proxy finds containers by their labels, as Traefik does; those of the gate stand before. */
export function labelFunctions({ settings }: Site): Script {
  const services = Object.entries(settings.proxy).flatMap(([service, proxy]) =>
    proxy.kind === 'labels' ? [{ service, drain: proxy.drain ?? [] }] : [],
  )
  if (services.length === 0)
    return raw('relabelled() { return 1; }\nleave() { :; }\nhas_left() { :; }\nrejoin() { :; }')
  const drained = services.filter(({ drain }) => drain.length > 0)
  return lines(
    raw('goes_by_labels() { case $1 in'),
    ...services.map(({ service }) => sh`  ${service}) ;;`),
    raw('  *) return 1 ;;\nesac; }\ndrains() { case $1 in'),
    ...drained.map(({ service }) => sh`  ${service}) ;;`),
    raw('  *) return 1 ;;\nesac; }\ntell() { case $1 in'),
    ...drained.map(({ service, drain }) => sh`  ${service}) engine exec "$2" ${drain} ;;`),
    raw('esac; }'),
    relabelled,
    leave,
  )
}
