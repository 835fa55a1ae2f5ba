import { lines, raw, type Script } from '../../../src/index.ts'
import { effective, type Options } from '../options.ts'
import { containerFunctions } from './containers.ts'
import { networksFunction } from './byhand.ts'
import { convergeScript } from './converge.ts'
import { gateFunctions } from './gate.ts'
import { startHeld } from './hold.ts'
import { prologue, type Site } from './prologue.ts'
import { proxyFunctions } from './proxy.ts'

/*
 * What the run started goes, those that a person started get their names back, and those of them that ran are started, in
 * the order in which they were made. One that shared the network of another that was stopped runs in a network that is
 * gone: it is stopped, to be started behind that one. `before` stays until they are watched: the next run finds it then.
 */
const names = raw(String.raw`look
ours=$(of '*' '!-' '*')
[ -z "$ours" ] || discard $ours || :
rm -f "$compose/active"
look
gone=
while read -r one service name state health <&3; do
  now=$(awk -v id="$one" '$1 == id { print $5 }' "$compose/containers")
  case $now in
  "$name") ;;
  '') case $state in running | restarting | paused) gone="$gone $name" ;; esac ;;
  *) engine rename "$one" "$name" ;;
  esac
done 3< "$compose/before"
awk '$4 ~ /^(running|restarting|paused)$/ { print $2, $1 }' "$compose/before" > "$compose/before.held"
down=$(awk 'FILENAME == ARGV[1] { if ($4 == "running") up[$1] = 1; next } !($2 in up) { print $2 }' "$compose/containers" "$compose/before.held")
up=$(of '*' - running)
if [ -n "$up" ] && [ -n "$down" ]; then
  stranded=$(engine inspect -f '{{.Id}} {{.HostConfig.NetworkMode}} {{.HostConfig.PidMode}} {{.HostConfig.IpcMode}}' $up |
    awk -v down=" $(echo $down) " '{ for (at = 2; at <= NF; at++) if (sub(/^container:/, "", $at) && index(down, " " $at " ")) { print $1; break } }')
  [ -z "$stranded" ] || engine stop $stranded >/dev/null
fi
held=$compose/before.held`)

/*
 * Compose since v2.31 recreates a network whose definition has changed, and the containers in it lose the names by which
 * others find them: they are reconnected as they were.
 */
const networks = raw(String.raw`: > "$compose/now"
: > "$compose/lost"
there=$(awk 'FILENAME == ARGV[1] { there[$1] = 1; next } $1 in there { print $1 }' "$compose/containers" "$compose/before")
[ -z "$there" ] || networks_of $there > "$compose/now"
while read -r one net four six aliases <&3; do
  if grep -qxF "$one $net $four $six${'$'}{aliases:+ $aliases}" "$compose/now" || ! printf '%s\n' "$there" | grep -qxF "$one"; then continue; fi
  if grep -q "^$one $net " "$compose/now"; then engine network disconnect -f "$net" "$one" || :; fi
  set --
  for alias in $aliases; do set -- "$@" --alias "$alias"; done
  [ "$four" = - ] || set -- "$@" --ip "$four"
  [ "$six" = - ] || set -- "$@" --ip6 "$six"
  engine network connect "$@" "$net" "$one" || echo "$net" >> "$compose/lost"
done 3< "$compose/before.networks"`)

const watch = raw(String.raw`set --
while read -r one service name state health <&3; do
  case $state in
  running)
    if [ "$health" != unhealthy ]; then
      expect "$one" "$service" may-end "$one"
      set -- "$@" "$one"
    fi ;;
  paused) engine pause "$one" >/dev/null ;;
  esac
done 3< "$compose/before"
[ -z "$gone" ] || fail "What was started by hand before the first deploy is gone:$gone"
[ ! -s "$compose/lost" ] || fail "What was started by hand before the first deploy could not be reconnected to its networks: $(sort -u "$compose/lost" | paste -sd ' ' -)"
[ $# = 0 ] || watch_them "$@" || fail "$said"
echo "what was started by hand is running again: $(awk '{ print $3 }' "$compose/before" | paste -sd ' ' -)"
rm -f "$compose/open" "$compose/sample" "$compose/said" "$compose/aside" "$compose/now" "$compose/lost" "$compose/before" "$compose/before.held" "$compose/before.networks" "$compose/beside.json" "$compose/over.json" "$compose/detached" "$compose/networks" "$compose/made" "$compose/project"`)

/** Removes what a first deploy started, when there is nothing to go back to; volumes stay. */
export function retireScript(site: Site): Script {
  return lines(
    prologue(site),
    containerFunctions,
    raw(`[ -d "$compose" ] || exit 0
look
ours=$(of '*' '!-' '*')
[ -z "$ours" ] || discard $ours
rm -f "$compose/open" "$compose/active" "$compose/containers" "$compose/aside" "$compose/detached" "$compose/networks" "$compose/made" "$compose/project"
echo 'nothing is deployed: it stays stopped'`),
  )
}

/**
 * Brings back what served before a run that failed: what a person started, as long as no release came up well; else the
 * release `id`, and nothing when there was none.
 */
export function backScript(site: Site, options: Options, id: string | undefined): Script {
  return lines(
    prologue(site),
    raw('if [ -f "$compose/before" ]; then'),
    containerFunctions,
    gateFunctions(effective(options, site.settings)),
    proxyFunctions(site),
    networksFunction,
    names,
    networks,
    startHeld,
    watch,
    raw('exit 0\nfi'),
    id === undefined ? retireScript(site) : convergeScript(site, options, id),
  )
}
