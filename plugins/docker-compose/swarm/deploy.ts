import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { effective, type Options } from '../options.ts'
import { noteProject } from '../scripts/former.ts'
import { prologue, type Site } from '../scripts/prologue.ts'
import { serving } from '../scripts/ask.ts'
import { evidenceFunctions } from './evidence.ts'
import { stackGate } from './gate.ts'
import { waveFunctions } from './waves.ts'

/*
 * `put file looks span options`: tells the swarm what is in a stack file, and waits for the services in `table`. A one-shot
 * service that is as it was when it failed is not started again by that: it is told to.
 */
const put = raw(String.raw`put() {
  file=$1 looks=$2 span=$3
  shift 3
  engine stack deploy "$@" --resolve-image never --with-registry-auth -c "$file" "$project" >&2
  standing || :
  sed -n 's/^stuck //p' "$compose/verdict" > "$compose/stuck"
  while read -r service; do engine service update --detach --force --quiet "${'$'}{project}_$service" >/dev/null; done < "$compose/stuck"
  rm -f "$compose/stuck"
  settle "$looks" "$span" || { evidence; broken "$said"; }
}`)

/**
 * Tells the swarm to run a frozen release, and waits for the outcome: first for services that others wait for and for what
 * these need, so that nothing else is touched when they fail.
 */
export function stackScript(site: Site, options: Options, id: string): Script {
  return lines(
    prologue(site),
    sh`id=${id}`,
    raw(`[ -f "$compose/$id/stack.json" ] || fail "The release $id was never frozen here for a swarm: $compose/$id/stack.json is missing."
umask 077
printf '%s\\n' "$id" > "$compose/open"`),
    noteProject(site),
    stackGate(effective(options, site.settings)),
    evidenceFunctions,
    waveFunctions,
    put,
    raw(String.raw`begin
waves > "$compose/waves"
while read -r wave <&6; do
  echo "first: $wave"
  awk -F '\t' -v names=" $wave " 'index(names, " " $1 " ")' "$compose/$id/services" > "$compose/table"
  only "$wave" > "$compose/wave.json"
  table=$compose/table
  put "$compose/wave.json" 1 0
done 6< "$compose/waves"
table=$compose/$id/services
put "$compose/$id/stack.json" 3 "$monitor" --prune
printf '%s\n' "$id" > "$compose/active.new"
mv -f "$compose/active.new" "$compose/active"
tidy`),
  )
}

/** For a node that is not the manager: notes which release the swarm runs, so that it can become the manager. */
export function standInScript(site: Site, id: string): Script {
  return lines(
    prologue(site),
    sh`id=${id}`,
    raw(`[ "$(engine info -f '{{.Swarm.LocalNodeState}}')" = active ] || fail 'This host has left the swarm.'
umask 077`),
    noteProject(site),
    raw(`printf '%s\\n' "$id" > "$compose/active.new"
mv -f "$compose/active.new" "$compose/active"`),
  )
}

/**
 * Shell text that takes a stack down and waits until its containers and networks are gone; volumes stay. A network cannot go
 * while a container in it is being stopped: then it is tried again.
 */
const takeDown = raw(String.raw`deadline=$(($(date +%s) + 60))
until engine stack rm "$project" > "$compose/said" 2>&1 && [ -z "$(engine stack ps -q "$project" 2>/dev/null; engine network ls -q --filter "label=com.docker.stack.namespace=$project")" ]; do
  [ "$(date +%s)" -lt "$deadline" ] || { cat "$compose/said" >&2; fail 'The stack is still there after 60 s.'; }
  sleep 0.5
done
rm -f "$compose/said"`)

/** Stops a stack: there is no other way to stop what runs on every node. Its volumes stay, its configs and secrets are made again. */
export function stackStopScript(site: Site): Script {
  return lines(prologue(site), takeDown)
}

/** Removes what a first deploy started, when there is nothing to go back to. */
export function stackRetireScript(site: Site): Script {
  return lines(
    prologue(site),
    raw('[ -d "$compose" ] || exit 0'),
    ...(site.role === 'manager' ? [takeDown] : []),
    raw('rm -f "$compose/open" "$compose/active" "$compose/project"'),
  )
}

/** Has the swarm replace every container by a new one of the same kind, a few at a time, and waits for it. */
export function stackRestartScript(site: Site, options: Options): Script {
  return lines(
    prologue(site),
    serving,
    stackGate(effective(options, site.settings)),
    evidenceFunctions,
    raw(String.raw`table=$compose/$id/services
begin
while IFS="$tab" read -r service hash image replicas ends why; do
  [ "$ends" = stays ] || continue
  engine service update --detach --force --quiet "${'$'}{project}_$service" >/dev/null
done < "$table"
settle 3 "$monitor" || { evidence; broken "$said"; }
tidy`),
  )
}
