import { lines, raw, sh, type ExecOptions, type LogOptions, type Script } from '../../../src/index.ts'
import { prologue, type Site } from '../scripts/prologue.ts'

/** Shell text that prints the newest lines of all services of a stack: the manager knows those of all nodes. */
export function stackLogsScript(site: Site, { follow, lines: count, since }: LogOptions): Script {
  if (site.role !== 'manager') return raw(':')
  const options = [...(follow ? ['--follow'] : []), ...(since === undefined ? [] : ['--since', since])]
  return lines(
    prologue(site),
    raw('for service in $(engine stack services --format "{{.Name}}" "$project"); do'),
    sh`  engine service logs --no-task-ids --tail ${count} ${options} "$service" &`,
    raw('done\nwait'),
  )
}

/** Shell text that prints a table of what runs: all of it on the manager, on a node what is there. */
export function stackPsScript(site: Site): Script {
  return lines(
    prologue(site),
    site.role === 'manager'
      ? raw(
          `engine stack ps --format 'table {{.Name}}\\t{{.Node}}\\t{{.DesiredState}}\\t{{.CurrentState}}\\t{{.Error}}' "$project"`,
        )
      : raw(`engine ps --filter "label=com.docker.stack.namespace=$project" --format 'table {{.Names}}\\t{{.Status}}'`),
  )
}

/** Shell text that runs a command inside a container of a service on this node. */
export function stackExecScript(
  site: Site,
  service: string,
  words: readonly string[],
  { input = false }: ExecOptions,
): Script {
  const run = raw(input ? 'call exec -i' : 'engine exec')
  return lines(
    prologue(site),
    sh`service=${service}`,
    raw(`one=$(engine ps -q --filter "label=com.docker.swarm.service.name=\${project}_$service" --filter status=running | head -n 1)
[ -n "$one" ] || fail "No container of $service runs on this node: srv ps shows where they are."`),
    sh`${run} "$one" ${words}`,
  )
}
