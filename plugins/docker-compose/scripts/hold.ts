import { lines, raw, sh, type HoldMode, type Script } from '../../../src/index.ts'
import { containerFunctions } from './containers.ts'
import { gateFunctions } from './gate.ts'
import { prologue, type Site } from './prologue.ts'
import { proxyFunctions } from './proxy.ts'

/** Prints `service id` for each container that runs, or is between two attempts to; what a person paused or stopped is none of them. */
export function whichScript(site: Site): Script {
  return lines(
    prologue(site),
    raw(`engine ps --no-trunc --filter "label=com.docker.compose.project=$project" --filter label=com.docker.compose.oneoff=False \\
  --filter status=running --filter status=restarting --format '{{.Label "com.docker.compose.service"}} {{.ID}}'`),
  )
}

const activeRelease = raw(`active=
[ ! -f "$compose/active" ] || read -r active < "$compose/active"`)

/*
 * `status id` fails when the container is gone: a deploy made another one of it. `recorded service`: the ids of one service
 * in the record; where one of them is gone, also those that the release has of that service. `order`: the services of the
 * record, in the order in which they start. An engine that does not answer must not look like one without containers.
 */
const functions = lines(
  activeRelease,
  raw(String.raw`engine ps -q >/dev/null
status() { engine inspect -f '{{.State.Status}}' "$1" 2>/dev/null; }
recorded() {
  there=$(engine inspect -f '{{.Id}}' $(awk -v service="$1" '$1 == service { print $2 }' "$held") 2>/dev/null || :)
  gone=$(awk -v service="$1" -v there=" $(echo $there) " '$1 == service && !index(there, " " $2 " ") { print $2 }' "$held")
  [ -z "$there" ] || printf '%s\n' "$there"
  [ -n "$gone" ] || return 0
  made=
  digest=$(awk -F '\t' -v service="$1" '$1 == service { print $2; exit }' "$compose/$active/services" 2>/dev/null || :)
  [ -z "$digest" ] || made=$(engine ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" --filter label=com.docker.compose.oneoff=False \
    --filter "label=com.docker.compose.service=$1" --filter "label=srv.hash=$digest" | grep -vxF "${'$'}{there:-none}" || :)
  if [ -n "$made" ]; then printf '%s\n' "$made"
  elif [ -n "$digest" ] || [ ! -f "$compose/$active/services" ]; then for one in $gone; do echo "a container of $1 is gone: $one" >&2; done; fi
}
order() {
  table=$compose/$active/services
  [ -f "$table" ] || table=/dev/null
  awk 'FILENAME == ARGV[1] { runs[$1] = 1; names[++count] = $1; next }
    ($1 in runs) && !seen[$1]++ { print $1 }
    END { for (at = 1; at <= count; at++) if (!seen[names[at]]++) print names[at] }' "$held" "$table"
}`),
)

/** A container that keeps crashing cannot be frozen, and would start again in the middle: it is stopped. */
const pause = raw(`while read -r service one <&3; do
  found=$(status "$one") || continue
  case $found in
  running) engine pause "$one" >/dev/null ;;
  restarting) engine stop "$one" >/dev/null ;;
  esac
done 3< "$held"`)

/*
 * Compose knows the order in which to stop, and stops several at a time. But it would also stop what a person paused; then,
 * and for what is no longer a service of the release, the engine stops only the containers of the record.
 */
const stop = raw(String.raw`up() {
  while read -r service one <&3; do
    found=$(status "$one") || continue
    case $found in running | restarting | paused) echo "$one" ;; esac
  done 3< "$held"
}
for one in $(up); do
  [ "$(status "$one")" != paused ] || engine unpause "$one" >/dev/null
done
others=$(engine ps -q --filter "label=com.docker.compose.project=$project" --filter status=paused)
if [ -z "$others" ] && [ -n "$active" ] && [ -f "$compose/$active/model.json" ]; then
  id=$active
  frozen stop $(order) >/dev/null 2>&1 || :
fi
left=$(up)
[ -z "$left" ] || engine stop $left >/dev/null
left=$(up)
[ -z "$left" ] || fail "still running: $left"`)

/** Freezes or stops the containers of the record. */
export function holdScript(site: Site, how: HoldMode): Script {
  switch (how) {
    case 'pause':
      return lines(prologue(site), functions, pause)
    case 'stop':
      return lines(prologue(site), functions, stop)
  }
}

/*
 * A service that others wait for gets a minute to become healthy; after that they are started all the same, since they ran before.
 * A container that started again may have another address, which its proxy is told.
 */
const start =
  raw(String.raw`awaited=$(engine inspect -f '{{with index .Config.Labels "com.docker.compose.depends_on"}}{{.}}{{end}}' $(awk '{ print $2 }' "$held") 2>/dev/null | tr ',' '\n' || :)
is_awaited() { printf '%s\n' "$awaited" | grep -q "^$1:service_healthy"; }
healthy() {
  deadline=$(($(date +%s) + 60))
  until [ "$(engine inspect -f '{{with index .State "Health"}}{{.Status}}{{end}}' "$1")" = healthy ]; do
    [ "$(date +%s)" -lt "$deadline" ] || { echo "$2 is not healthy after 60 s" >&2; return 0; }
    sleep 0.3
  done
}
failed= untold=
for service in $(order); do
  begun=
  for one in $(recorded "$service"); do
    found=$(status "$one") || continue
    case $found in
    running | restarting) ;;
    paused) engine unpause "$one" >/dev/null || failed="$failed $service" ;;
    *) if engine start "$one" >/dev/null; then begun="$begun $one"; else failed="$failed $service"; fi ;;
    esac
  done
  if is_awaited "$service"; then for one in $begun; do healthy "$one" "$service"; done; fi
done
look
for service in $(order); do
  if has_proxy "$service"; then
    set -- $(of "$service" '*' running)
    [ $# = 0 ] || route "$service" "$@" >&2 || untold="$untold $service"
  fi
done
rm -f "$compose/containers"
[ -z "$failed" ] || fail "did not start:$failed"
[ -z "$untold" ] || fail "started, but the proxy did not take the addresses of:$untold"`)

/** Shell text that starts the containers of the record that `held` names; functions about containers and proxies stand before. */
export const startHeld = lines(functions, start)

/** Wakes up or starts the containers of the record, in the order of what needs what. */
export function resumeScript(site: Site): Script {
  return lines(prologue(site), containerFunctions, proxyFunctions(site), startHeld)
}

/** Starts the containers of these services alone, of those in the record, and waits for those that can tell until they are healthy. */
export function wakeScript(site: Site, names: readonly string[]): Script {
  return lines(
    prologue(site),
    functions,
    containerFunctions,
    proxyFunctions(site),
    sh`for name in ${names}; do awk -v name="$name" '$1 == name' "$held"; done >"$held.some"`,
    raw('held=$held.some'),
    start,
    raw(`for service in $(order); do
  for one in $(recorded "$service" 2>/dev/null); do
    case $(engine inspect -f '{{with index .State "Health"}}{{.Status}}{{end}}' "$one") in
    '' | healthy) ;;
    *) healthy "$one" "$service" ;;
    esac
  done
done
rm -f "$held"`),
  )
}

/*
 * A container that was started begins afresh, and so does its count of restarts; one that was frozen does not. One that is
 * gone was removed by somebody, as a deploy does. A service that may end may have ended.
 */
const proves = raw(`table=$compose/$active/services
[ -f "$table" ] || table=/dev/null
set --
while read -r service one; do
  restarts=$(engine inspect -f '{{.RestartCount}}' "$one" 2>/dev/null) || continue
  [ "$how" = pause ] || restarts=0
  ends=$(awk -F '\\t' -v service="$service" '$1 == service { print $5; exit }' "$table")
  [ "\${ends:-stays}" = stays ] || ends=may
  expects="$expects
$one $service \${ends:-stays} $restarts"
  set -- "$@" "$one"
done <<SRV_RAN
$ran
SRV_RAN
if [ $# = 0 ]; then :
elif [ "$how" = pause ]; then
  # A healthcheck could not get at what was frozen, and says so until it is made again.
  begin
  until=$deadline
  until ready "$@"; do
    case $said in *' is unhealthy, says its healthcheck') ;; *) fail "$said" ;; esac
    clock
    [ "$now" -lt "$until" ] || fail "$said"
    sleep 0.3
  done
else watch_them "$@" || fail "$said"
fi
rm -f "$compose/sample"`)

/** Watches the containers that were brought back, which `$ran` names, as new ones are; of those that were frozen one good sample is enough. */
export function provesScript(
  site: Site,
  how: HoldMode,
  limits: { readonly monitorMs: number; readonly timeoutMs: number },
): Script {
  return lines(prologue(site), activeRelease, gateFunctions(limits), sh`how=${how}`, proves)
}
