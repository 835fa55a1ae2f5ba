import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { effective, type Options, type Settings } from '../options.ts'
import { inSeconds } from '../seconds.ts'
import { asideFunctions } from './aside.ts'
import { byHandFunctions } from './byhand.ts'
import { boundFunction, strandedFunction } from './bound-awk.ts'
import { containerFunctions, repair } from './containers.ts'
import { evidenceFunctions } from './evidence.ts'
import { noteProject } from './former.ts'
import { gateFunctions } from './gate.ts'
import { labelFunctions } from './labels.ts'
import { networkFunctions } from './networks.ts'
import { prologue, type Site } from './prologue.ts'
import { proxyFunctions } from './proxy.ts'

/*
 * `broken`: the new containers failed. Their logs and what Docker knows about them are kept with the release, and the old
 * ones that they were started beside serve again; a new one that does serve goes on until these are ready. What has replaced
 * its predecessor stays until the step that brings the previous release back.
 */
const broken = raw(String.raw`routed=
serves() { engine inspect -f '{{.State.Running}} {{with index .State "Health"}}{{.Status}}{{end}}' "$@" 2>/dev/null | awk '$1 != "true" || $2 == "unhealthy" { bad = 1 } END { exit NR == 0 || bad }'; }
broken() {
  printf '%s\n' "$1" >&2
  if [ -n "${'$'}{guilty:-}" ]; then
    culprit=$(printf '%s\n' "$expects" | awk -v id="$guilty" '$1 == id { print $2; exit }')
    keep_evidence "$guilty" "$culprit"
    show_end "$guilty" "$culprit"
  fi
  for line in $beside; do
    service=${'$'}{line%%/*} rest=${'$'}{line#*/}
    new=$(printf '%s' "${'$'}{rest%%/*}" | tr , ' ') old=$(printf '%s' "${'$'}{rest#*/}" | tr , ' ')
    engine start $old >/dev/null || :
    expect "$old" "$service" stays "$old" || :
    if serves $new; then ready $old || echo "$service: the old one was started again, but $said" >&2; fi
    route "$service" $old >&2 || :
    case " $routed " in *" $service "*)
      leave "$service" $new
      if has_proxy "$service"; then sleep "$drain"; fi
      engine stop $new >/dev/null || : ;;
    esac
    engine rm -f $new >/dev/null || :
  done
  exit 1
}`)

/*
 * `converge service digest replicas ends why`: replaces the containers of a service by those of the release, and leaves
 * alone those that already are. `started` are the new ids, `beside` those that were started while others served. `resize`:
 * only their number differs, so that those that stay go on. `evict` removes what takes the place of a container of ours but
 * lacks the label by which Compose counts: it would only occupy the name. What lives in the network of a container that is
 * gone is recreated as well.
 */
const converge = raw(String.raw`beside=
evict() {
  unknown=$(awk -v service="$service" '$2 == service && $3 == "-" && $6 == "-" { print $1 }' "$compose/containers")
  [ -z "$unknown" ] || discard $unknown
}
up() { frozen up -d --no-deps --no-build --pull never "$@" > "$compose/said" 2>&1; }
resize() {
  echo "$service: scaling from $(count "$running") to $replicas"
  new=$(printf '%s\n' "$running" | head -n "$replicas") surplus=$(printf '%s\n' "$running" | tail -n +$((replicas + 1)))
  serving=
  if [ -n "$surplus" ]; then
    route "$service" $new >&2 || { guilty=; broken "The proxy in front of $service did not accept the new addresses."; }
    leave "$service" $surplus
    if has_proxy "$service"; then sleep "$drain"; fi
    engine stop $surplus >/dev/null
    engine rm -f $surplus >/dev/null
    touched=yes
    return 0
  fi
  up --no-recreate --scale "$service=$replicas" "$service" || failed=yes
  look
  new=$(of "$service" "$digest" '*')
  added=$(for one in $new; do case " $(echo $running) " in *" $one "*) ;; *) echo "$one" ;; esac; done)
  if [ -n "${'$'}{failed:-}" ]; then
    [ -z "$added" ] || engine rm -f $added >/dev/null
    guilty=; cat "$compose/said" >&2; broken "$service did not start"
  fi
  beside="$beside $service/$(printf '%s,' $added)/$(printf '%s,' $running)"
}
converge() {
  service=$1 digest=$2 replicas=$3 ends=$4 why=$5
  running=$(of "$service" "$digest" running) ran=$running resting=$(of "$service" "$digest" !running) others=$(of "$service" "!$digest" '*')
  if is_listed detached $running $resting; then others="$others $running $resting" running= ran= resting=; fi
  lost=$running
  [ "$ends" != stays ] || lost="$running $resting"
  lost=$(stranded "$service" $lost)
  if [ -n "$lost" ]; then others="$others $running $resting" running= resting= ran=; fi
  if [ "$ends" != stays ] && [ -n "$resting" ] && [ -z "$others$running$(of "$service" "$digest" created)" ] && ! was_stopped $resting && [ "$(engine inspect -f '{{.State.ExitCode}}' $resting | sort -u)" = 0 ]; then
    echo "$service finished earlier, and is unchanged"
    return 0
  fi
  if [ "$(count "$running")" = "$replicas" ] && [ -z "$others$resting" ] && ! is_listed unproved $running; then
    echo "$service is unchanged"
    [ "$replicas" = 0 ] || route "$service" $running >&2 || { guilty=; broken "The proxy in front of $service did not accept its addresses."; }
    return 0
  fi
  [ "$replicas" != 0 ] || { echo "$service has no containers"; [ -z "$others$running$resting" ] || discard $others $running $resting; touched=yes; return 0; }
  give_way "$service"
  serving=$(of "$service" "!$digest" running)
  if [ -z "$why" ] && [ -n "$serving" ] && relabelled "$service"; then why='its labels changed, and a proxy would see both'; fi
  if [ "$(count "$running $resting")" = "$replicas" ]; then
    if is_listed unproved $running; then ran=; fi
    echo "$service: starting its existing containers"
    take_back $resting
    paused=$(of "$service" "$digest" paused)
    [ -z "$paused" ] || { engine unpause $paused >/dev/null; ran="$running $paused"; }
    [ -z "$resting" ] || engine start $resting > "$compose/said" 2>&1 || { guilty=; cat "$compose/said" >&2; broken "$service did not start"; }
    rejoin "$service" $running
    new="$running $resting"
  elif [ -z "$why" ] && [ -n "$serving" ]; then
    echo "$service: starting the new one beside the old one"
    dead=$(of "$service" '*' !running)
    [ -z "$dead" ] || discard $dead
    up --no-recreate --scale "$service=$(($(count "$serving") + replicas))" "$service" || failed=yes
    look
    new=$(of "$service" "$digest" '*')
    if [ -n "${'$'}{failed:-}" ]; then
      [ -z "$new" ] || engine rm -f $new >/dev/null
      guilty=; cat "$compose/said" >&2; broken "$service did not start"
    fi
  elif [ -z "$others$resting" ] && [ -n "$running" ]; then
    resize
  else
    [ -z "$others$running$resting" ] || echo "$service: stopping the old one first${'$'}{why:+: $why}"
    [ -n "$others$running$resting" ] || echo "$service: starting"
    evict
    if ! up --force-recreate --scale "$service=$replicas" "$service"; then
      cat "$compose/said" >&2
      look
      guilty=$(of "$service" "$digest" '*' | head -n 1)
      expect "$guilty" "$service" "$ends" ''
      broken "$service did not start"
    fi
    look
    new=$(of "$service" "$digest" '*') serving=
  fi
  accept
}
accept() {
  expect "$(printf '%s ' $new)" "$service" "$ends" "$ran"
  if [ -n "$serving" ]; then beside="$beside $service/$(printf '%s,' $new)/$(printf '%s,' $serving)"; fi
  ready $new || broken "$said"
  route "$service" $new >&2 || { guilty=; broken "The proxy in front of $service did not accept the new addresses."; }
  routed="$routed $service"
  if [ -n "$serving" ]; then
    leave "$service" $serving
    if has_proxy "$service"; then sleep "$drain"; fi
    engine stop $serving >/dev/null
    has_left $serving
    touched=yes
  fi
}`)

/** What is done once all services are as they should be: only now the old containers are removed. */
const finish = raw(String.raw`if [ -n "$started" ]; then
  watch_them $started || broken "$said"
fi
[ -z "$touched" ] || look
while IFS="$tab" read -r service digest image replicas ends why; do
  old=$(outdated "$service" "$digest")
  [ -z "$old" ] || discard $old
done < "$compose/$id/services"
awk '{ print $2 }' "$compose/containers" | sort -u | while IFS= read -r service; do
  if awk -F '\t' -v service="$service" '$1 == service { found = 1 } END { exit !found }' "$compose/$id/services"; then continue; fi
  gone=$(of "$service" '!-' '*')
  [ -z "$gone" ] || { echo "$service is no longer part of the release: removed"; discard $gone; }
  [ -z "$(of "$service" - '*')" ] || echo "$service belongs to the project but not to the release, and srv did not start it: left alone"
done
printf '%s\n' "$id" > "$compose/active.new"
mv -f "$compose/active.new" "$compose/active"
rm -f "$compose/open" "$compose/unproved" "$compose/leaving" "$compose/sample" "$compose/said" "$compose/containers" "$compose/aside" "$compose/detached" "$compose/beside.json" "$compose/over.json"`)

/** Replaces what runs by a frozen release: service by service in the order of their dependencies, and watched at the end. */
export function convergeScript(site: Site, options: Options, id: string): Script {
  const settings: Settings = site.settings
  const { monitorMs, timeoutMs, drainMs } = effective(options, settings)
  return lines(
    prologue(site),
    sh`id=${id} drain=${inSeconds(drainMs)}`,
    sh`through=${site.isThrough === true ? 'yes' : ''}`,
    raw(`[ -f "$compose/$id/services" ] || fail "The release $id was never frozen here: $compose/$id is missing."
umask 077
printf '%s\\n' "$id" > "$compose/open"`),
    noteProject(site),
    containerFunctions,
    asideFunctions,
    gateFunctions({ monitorMs, timeoutMs }),
    proxyFunctions(site),
    labelFunctions(site),
    repair,
    evidenceFunctions,
    broken,
    networkFunctions,
    boundFunction,
    strandedFunction,
    converge,
    byHandFunctions,
    raw(String.raw`look
note_before
repair
renew_networks
exec 3< "$compose/$id/services"
while IFS="$tab" read -r service digest image replicas ends why <&3; do
  failed=
  if [ -n "$keeping" ]; then take_over "$service" "$digest" "$replicas" "$ends" "$why"
  else converge "$service" "$digest" "$replicas" "$ends" "$why"; fi
done
exec 3<&-`),
    finish,
  )
}
