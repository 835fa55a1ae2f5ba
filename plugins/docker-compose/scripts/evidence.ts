import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { containerFunctions } from './containers.ts'
import { prologue, type Site } from './prologue.ts'

/**
 * Shell functions `keep_evidence id name`, which keeps with the release what Docker knows of a container and the last 2,000
 * lines of its log, in files of that name, and `show_end id service`. A log may be months long.
 */
export const evidenceFunctions = raw(String.raw`keep_evidence() {
  (umask 077; mkdir -p "$compose/$id/failed"
  engine inspect "$1" > "$compose/$id/failed/$2.json" 2>/dev/null
  engine logs --timestamps --tail 2000 "$1" > "$compose/$id/failed/$2.log" 2>&1) || :
}
show_end() { engine logs --tail 20 "$1" 2>&1 | sed "s/^/$2: /" >&2 || :; }`)

/**
 * Keeps what is known about a release that was up and is rolled back all the same, because its health check failed: the
 * containers that it does not share with the previous release are about to be removed.
 */
export function evidenceScript(site: Site, id: string, before: string | undefined): Script {
  return lines(
    prologue(site),
    sh`id=${id} before=${before ?? ''}`,
    raw('[ ! -f "$compose/open" ] && [ "$(cat "$compose/active" 2>/dev/null)" = "$id" ] || exit 0'),
    containerFunctions,
    evidenceFunctions,
    raw(String.raw`look
while IFS="$tab" read -r service digest rest <&3; do
  if [ -n "$before" ] && grep -qs "^$service$tab$digest$tab" "$compose/$before/services"; then continue; fi
  set -- $(of "$service" "$digest" '*')
  number=0
  for one in "$@"; do
    number=$((number + 1)) name=$service
    [ $# = 1 ] || name=$service-$number
    keep_evidence "$one" "$name"
    show_end "$one" "$name"
  done
done 3< "$compose/$id/services"
rm -f "$compose/containers"`),
  )
}
