import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { prologue, type Site } from './prologue.ts'

/** Removes what was prepared of a release, unless it runs. What a failed start left as evidence stays until it is pruned. */
export function removeScript(site: Site, id: string): Script {
  return lines(
    prologue(site),
    sh`id=${id}`,
    raw(`rm -rf "$compose/.new-$id"
[ ! -f "$compose/active" ] || ! grep -qxF "$id" "$compose/active" || exit 0
tags=$(engine image ls --filter "reference=$images*:$id" --format '{{.Repository}}:{{.Tag}}')
[ -z "$tags" ] || engine image rm $tags >/dev/null 2>&1 || :
[ -f "$compose/$id/services" ] || exit 0
if [ -d "$compose/$id/failed" ]; then rm -f "$compose/$id/services"; else rm -rf "\${compose:?}/$id"; fi`),
  )
}
