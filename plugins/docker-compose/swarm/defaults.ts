import { raw, type Script } from '../../../src/index.ts'

/**
 * Writes what a swarm is told where the compose files say nothing, and puts it in front of them: one container after
 * the other, the new one first where two may run, watched, and back to what was when it fails. Docker's own defaults are
 * stop-first, and to pause half-way. A task that ends by itself is not started again, and then is no failure: to a
 * swarm that watches an update a container that ended has failed, whatever its exit status.
 */
export function swarmDefaults(monitorMs: number): Script {
  return raw(String.raw`comma=
printf '{"services":{' > "$work/defaults.json"
while IFS="$tab" read -r service hash image replicas ends why; do
  order=start-first
  [ -z "$why" ] || order=stop-first
  case $ends,$(awk -F '\t' -v service="$service" '$1 == "restart" && $2 == service { print $3 }' "$work/facts") in
  *,on-failure*) again=on-failure ;;
  stays,*) again=any ;;
  *) again=none ;;
  esac
  action=rollback monitor=${String(Math.max(monitorMs, 1))}ms
  [ "$ends" = stays ] || { action=continue monitor=1ms; }
  printf '%s"%s":{"image":"%s","deploy":{"restart_policy":{"condition":"%s"},"update_config":{"order":"%s","failure_action":"%s","parallelism":1,"monitor":"%s"},"rollback_config":{"order":"%s","parallelism":1,"monitor":"1s"}}}' "$comma" "$service" "$image" "$again" "$order" "$action" "$monitor" "$order" >> "$work/defaults.json"
  comma=,
done < "$work/services"
printf '}}\n' >> "$work/defaults.json"
set -- -f "$work/defaults.json" "$@"`)
}
