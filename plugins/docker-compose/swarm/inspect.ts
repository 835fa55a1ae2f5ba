import { lines, raw, type Script } from '../../../src/index.ts'

/**
 * Prints what the swarm runs of a project, one fact a line: `node` with the state of this one; on a manager `stack` with
 * the name, digest, containers that run of those wanted, and state of the update of each service.
 */
export function swarmFacts(isManager: boolean): Script {
  return lines(
    raw(`printf 'node %s\\n' "$(engine info -f '{{.Swarm.LocalNodeState}}')"`),
    isManager
      ? raw(String.raw`set -- $(engine service ls -q --filter "label=com.docker.stack.namespace=$project")
if [ $# -gt 0 ]; then
  counts=$(engine service ls --filter "label=com.docker.stack.namespace=$project" --format '{{.Name}} {{.Replicas}}')
  engine service inspect -f '{{.Spec.Name}} {{with index .Spec.Labels "srv.hash"}}{{.}}{{else}}-{{end}} {{with .UpdateStatus}}{{with .State}}{{.}}{{else}}-{{end}}{{else}}-{{end}}' "$@" |
    while read -r name hash update; do
      count=$(printf '%s\n' "$counts" | awk -v name="$name" '$1 == name { print $2 }')
      printf 'stack %s %s %s %s\n' "${'$'}{name#"$project"_}" "$hash" "$count" "$update"
    done
fi`)
      : raw(':'),
  )
}
