import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { prologue, type Site } from './prologue.ts'

/** A swarm is one thing on all of its nodes, whichever of them manages it. */
function kindOf({ role }: Site): 'alone' | 'swarm' {
  return role === 'alone' ? 'alone' : 'swarm'
}

/** Notes as what the containers of this instance are about to run: the project, and whether a swarm runs it. */
export function noteProject(site: Site): Script {
  return raw(`printf '%s\\n' "$project ${kindOf(site)}" > "$compose/project.new"
mv -f "$compose/project.new" "$compose/project"`)
}

/**
 * Prints `former`, the project and `alone` or `swarm`, when what was deployed still runs as another project than the config
 * says now, or in the swarm and no more, or the other way round: nothing that goes by the config would see it.
 */
export function formerText(site: Site): Script {
  return lines(
    sh`kind=${kindOf(site)}`,
    raw(String.raw`if [ -f "$compose/project" ]; then
  { read -r was as || :; } < "$compose/project"
  case "$was $as" in
  "$project $kind") up= ;;
  *' alone') up=$(engine ps -q --filter "label=com.docker.compose.project=$was" --filter label=com.docker.compose.oneoff=False 2>/dev/null || :) ;;
  *) up=$({ engine service ls -q --filter "label=com.docker.stack.namespace=$was" || engine ps -q --filter "label=com.docker.stack.namespace=$was"; } 2>/dev/null || :) ;;
  esac
  [ -z "$up" ] || printf 'former %s %s\n' "$was" "$as"
fi`),
  )
}

/** Asks that, and nothing else: before a run changes anything. */
export function formerScript(site: Site): Script {
  return lines(prologue(site), formerText(site))
}
