import { raw } from '../../../src/index.ts'

/**
 * Shell functions `evidence`, which keeps with the release the tasks of the guilty service and the end of its log, `broken`,
 * which tells what went wrong, and `tidy`.
 */
export const evidenceFunctions = raw(String.raw`evidence() {
  [ -n "$guilty" ] || return 0
  (umask 077; mkdir -p "$compose/$id/failed")
  engine service ps --no-trunc --format '{{.Name}} on {{.Node}}: {{.CurrentState}} {{.Error}}' "${'$'}{project}_$guilty" > "$compose/$id/failed/$guilty.tasks" 2>/dev/null || :
  engine service logs --raw --timestamps --tail 500 "${'$'}{project}_$guilty" > "$compose/$id/failed/$guilty.log" 2>&1 || :
}
broken() {
  printf '%s\n' "$1" >&2
  if [ -n "$guilty" ]; then
    grep -E ': (Failed|Rejected|Pending)' "$compose/$id/failed/$guilty.tasks" | head -n 3 >&2 || :
    tail -n 20 "$compose/$id/failed/$guilty.log" | cut -d ' ' -f 2- | sed "s/^/$guilty: /" >&2
  fi
  exit 1
}
tidy() { rm -f "$compose/open" "$compose/tasks" "$compose/specs" "$compose/counts" "$compose/verdict" "$compose/table" "$compose/wave.json" "$compose/waves" "$compose/numbers" "$compose/over.before" "$compose/failed.new"; }`)
