import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { effective, type Options } from '../options.ts'
import { prologue, type Site } from '../scripts/prologue.ts'
import { stackGate } from './gate.ts'

/** What went wrong is kept with the release: the tasks of the guilty service, and the end of its log. */
const broken = raw(String.raw`broken() {
  printf '%s\n' "$1" >&2
  if [ -n "$guilty" ]; then
    (umask 077; mkdir -p "$compose/$id/failed")
    engine service ps --no-trunc --format '{{.Name}} on {{.Node}}: {{.CurrentState}} {{.Error}}' "${'$'}{project}_$guilty" > "$compose/$id/failed/$guilty.tasks" 2>/dev/null || :
    engine service logs --raw --timestamps --tail 500 "${'$'}{project}_$guilty" > "$compose/$id/failed/$guilty.log" 2>&1 || :
    grep -E ': (Failed|Rejected)' "$compose/$id/failed/$guilty.tasks" | head -n 3 >&2 || :
    tail -n 20 "$compose/$id/failed/$guilty.log" | cut -d ' ' -f 2- | sed "s/^/$guilty: /" >&2
  fi
  exit 1
}
tidy() { rm -f "$compose/open" "$compose/tasks" "$compose/updates" "$compose/counts" "$compose"/failed.*; }`)

/** Tells the swarm to run a frozen release, and waits for what becomes of it. */
export function stackScript(site: Site, options: Options, id: string): Script {
  return lines(
    prologue(site),
    sh`id=${id}`,
    raw(`[ -f "$compose/$id/stack.json" ] || fail "The release $id was never frozen here for a swarm: $compose/$id/stack.json is missing."
umask 077
printf '%s\\n' "$id" > "$compose/open"`),
    stackGate(effective(options, site.settings)),
    broken,
    raw(String.raw`tasks
failures > "$compose/failed.before"
span=0
while IFS="$tab" read -r service rest; do
  engine service inspect "${'$'}{project}_$service" >/dev/null 2>&1 || span=$monitor
done < "$compose/$id/services"
engine stack deploy --prune --resolve-image never --with-registry-auth -c "$compose/$id/stack.json" "$project" >&2
settle "$span" || broken "$said"
printf '%s\n' "$id" > "$compose/active.new"
mv -f "$compose/active.new" "$compose/active"
tidy`),
  )
}

/** For a node that is not told anything: notes which release the swarm runs, so that it can take the manager's place. */
export function standInScript(site: Site, id: string): Script {
  return lines(
    prologue(site),
    sh`id=${id}`,
    raw(`[ "$(engine info -f '{{.Swarm.LocalNodeState}}')" = active ] || fail 'This host has left the swarm.'
umask 077
printf '%s\\n' "$id" > "$compose/active.new"
mv -f "$compose/active.new" "$compose/active"`),
  )
}

/** Shell text that takes a stack down and waits until its containers and networks are gone; volumes stay. */
const takeDown = raw(String.raw`engine stack rm "$project" >&2
deadline=$(($(date +%s) + 60))
while [ -n "$(engine stack ps -q "$project" 2>/dev/null; engine network ls -q --filter "label=com.docker.stack.namespace=$project")" ]; do
  [ "$(date +%s)" -lt "$deadline" ] || fail 'The stack is not gone after 60 s.'
  sleep 0.5
done`)

/** Stops a stack: there is no other way to stop what runs on every node. Its volumes stay, its configs and secrets are made again. */
export function stackStopScript(site: Site): Script {
  return lines(prologue(site), takeDown)
}

/** Takes away what a first deploy started, when there is nothing to go back to. */
export function stackRetireScript(site: Site): Script {
  return lines(
    prologue(site),
    raw('[ -d "$compose" ] || exit 0'),
    ...(site.role === 'manager' ? [takeDown] : []),
    raw('rm -f "$compose/open" "$compose/active"'),
  )
}

/** Shell text that begins what follows with the release that serves. */
const serving = raw(`[ -f "$compose/active" ] || fail 'nothing is deployed here'
read -r id < "$compose/active"`)

/** Has the swarm replace every container by a new one of the same kind, a few at a time, and waits for it. */
export function stackRestartScript(site: Site, options: Options): Script {
  return lines(
    prologue(site),
    serving,
    stackGate(effective(options, site.settings)),
    broken,
    raw(String.raw`tasks
failures > "$compose/failed.before"
while IFS="$tab" read -r service hash image replicas ends why; do
  [ "$ends" = stays ] || continue
  engine service update --detach --force --quiet "${'$'}{project}_$service" >/dev/null
done < "$compose/$id/services"
settle 0 || broken "$said"
tidy`),
  )
}

/** Changes how many containers services have, until the next deploy, and waits for them. `counts` are `service=number`. */
export function scaleScript(site: Site, options: Options, counts: readonly string[]): Script {
  return lines(
    prologue(site),
    serving,
    stackGate(effective(options, site.settings)),
    broken,
    sh`set -- ${counts}`,
    raw(String.raw`for wanted in "$@"; do
  awk -F '\t' -v name="${'$'}{wanted%%=*}" '$1 == name { found = 1 } END { exit !found }' "$compose/$id/services" ||
    fail "There is no service ${'$'}{wanted%%=*} in the release: $(cut -f 1 "$compose/$id/services" | paste -sd ' ' -)"
done
tasks
failures > "$compose/failed.before"
for wanted in "$@"; do engine service scale --detach "${'$'}{project}_$wanted" >&2; done
settle 0 || broken "$said"
tidy`),
  )
}
