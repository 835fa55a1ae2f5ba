import { lines, raw, type Script } from '../../../src/index.ts'

/**
 * Prints what the swarm runs of a project, one fact a line: `node` with the state of this one; on a manager `stack` with
 * the name, digest, containers that run of those wanted, and state of the update of each service. What `service ls`
 * counts as running may be on a node that is gone. It stands where errexit is off, behind `nodeFacts`.
 */
export function swarmFacts(isManager: boolean): Script {
  return lines(
    raw(`printf 'node %s\\n' "\${node%% *}"`),
    isManager
      ? raw(String.raw`services=$(engine service ls -q --filter "label=com.docker.stack.namespace=$project") || exit 1
set -- $services
if [ $# -gt 0 ]; then
  running=$(engine stack ps --filter desired-state=running --format '{{.Name}} {{.CurrentState}}' "$project" 2>/dev/null || :)
  counts=$(engine service ls --filter "label=com.docker.stack.namespace=$project" --format '{{.Name}} {{.Replicas}}') || exit 1
  details=$(engine service inspect -f '{{.Spec.Name}} {{with index .Spec.Labels "srv.hash"}}{{.}}{{else}}-{{end}} {{with .UpdateStatus}}{{with .State}}{{.}}{{else}}-{{end}}{{else}}-{{end}}' "$@") || exit 1
  printf '%s\n' "$details" |
    while read -r name hash update; do
      count=$(printf '%s\n' "$counts" | awk -v name="$name" '$1 == name { sub(/.*\//, "", $2); print $2 }')
      up=$(printf '%s\n' "$running" | awk -v name="$name" 'index($1, name ".") == 1 && $2 == "Running"' | wc -l)
      printf 'stack %s %s %s %s\n' "${'$'}{name#"$project"_}" "$hash" "$up/$count" "$update"
    done
fi`)
      : raw(':'),
  )
}
