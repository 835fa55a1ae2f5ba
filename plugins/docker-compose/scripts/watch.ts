import { lines, raw, type Script } from '../../../src/index.ts'
import { serving } from './ask.ts'
import { containerFunctions } from './containers.ts'
import { gateFunctions } from './gate.ts'
import { prologue, type Site } from './prologue.ts'
import { proxyFunctions } from './proxy.ts'

/*
 * A running container that is told to start is left as it is, and its earlier restarts do not count. Every other one starts
 * afresh, and so does its count of restarts. Docker does not start what is paused.
 */
const start = raw(`paused=$(of '*' '!-' paused)
ran=$(of '*' '!-' running)
[ -z "$ran$paused" ] || engine inspect -f '{{.Id}} {{.RestartCount}}' $ran $paused > "$compose/ran"
[ -z "$paused" ] || engine unpause $paused >/dev/null`)

/*
 * To restart a service also starts what has ended. What came to its end with status 0, and may, is left alone: a job would
 * run beside the app that waited for it.
 */
const restart = raw(`set --
while IFS="$tab" read -r service digest image replicas ends why; do
  there=$(of "$service" '*' '*')
  [ -n "$there" ] || continue
  if [ "$ends" != stays ] && [ -z "$(of "$service" '*' '!exited')" ] && [ "$(engine inspect -f '{{.State.ExitCode}}' $there | sort -u)" = 0 ]; then continue; fi
  set -- "$@" "$service"
done < "$compose/$id/services"
[ $# = 0 ] || frozen restart "$@" 2>&1`)

/**
 * Starts or restarts all containers of the release that serves, as they are, tells the proxies their addresses as soon as
 * they are ready, since a restart may change them, and watches them like new ones. Proxies of what runs are told even
 * when another service does not run.
 */
export function beginScript(
  site: Site,
  verb: 'start' | 'restart',
  limits: { readonly monitorMs: number; readonly timeoutMs: number },
): Script {
  return lines(
    prologue(site),
    serving,
    containerFunctions,
    gateFunctions(limits),
    proxyFunctions(site),
    raw(`look
: > "$compose/ran"`),
    ...(verb === 'start' ? [start, raw('frozen start 2>&1')] : [restart]),
    raw(`look
set --
while IFS="$tab" read -r service digest image replicas ends why; do
  for one in $(of "$service" "$digest" '*'); do
    expects="$expects
$one $service $ends $(awk -v id="$one" '$1 == id { print $2 }' "$compose/ran")"
    set -- "$@" "$one"
  done
done < "$compose/$id/services"
wrong=
[ $# = 0 ] || ready "$@" || wrong=$said
ids=$*
while IFS="$tab" read -r service digest rest; do
  if has_proxy "$service"; then
    set -- $(of "$service" "$digest" running)
    [ $# = 0 ] || route "$service" "$@" >&2
  fi
done < "$compose/$id/services"
[ -z "$wrong" ] || fail "$wrong"
[ -z "$ids" ] || watch_them $ids || fail "$said"
rm -f "$compose/sample" "$compose/containers" "$compose/ran"`),
  )
}
