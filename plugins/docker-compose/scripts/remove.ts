import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { imageNames } from './image-name.ts'
import { prologue, type Site } from './prologue.ts'

/** Removes what was prepared for a release, unless it runs. The evidence of a failed start stays until it is pruned. */
export function removeScript(site: Site, id: string): Script {
  return lines(
    prologue(site),
    imageNames,
    sh`id=${id}`,
    raw(`services=$({ awk -F "$tab" '$1 == "service" { print $2 }' "$compose/.new-$id/facts" || :; cut -f 1 "$compose/$id/services" || :; } 2>/dev/null | sort -u)
rm -rf "$compose/.new-$id"
[ ! -f "$compose/active" ] || ! grep -qxF "$id" "$compose/active" || exit 0
for service in $services; do engine image rm "$(tag_of "$service")" >/dev/null 2>&1 || :; done
[ -f "$compose/$id/services" ] || exit 0
if [ -d "$compose/$id/failed" ]; then rm -f "$compose/$id/services"; else rm -rf "\${compose:?}/$id"; fi`),
  )
}
