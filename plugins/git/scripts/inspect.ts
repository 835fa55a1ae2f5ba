import { lines, raw, type Script } from '../../../src/index.ts'
import type { Layout } from '../layout.ts'
import { prologue } from './prologue.ts'

/** Prints which release ran through to its end, and each switch. */
export const showHistory = raw(String.raw`if [ -f "$state/finished" ]; then
  IFS= read -r finished < "$state/finished" || :
  printf 'finished %s\n' "$finished"
fi
if [ -f "$state/history" ]; then
  while IFS= read -r line; do printf 'switched %s\n' "$line"; done < "$state/history"
fi`)

/** Prints what is there, one fact a line, its kind in front: see `state/facts.ts`. It starts hardly any process. */
export function inspectScript(layout: Layout): Script {
  return lines(
    prologue(layout),
    raw(String.raw`if [ -L "$current" ]; then
  printf 'current %s\n' "$(readlink "$current")"
  if [ -d "$current" ]; then
    revision=
    [ ! -f "$current/REVISION" ] || IFS= read -r revision < "$current/REVISION" || :
    printf 'revision %s\n' "$revision"
  else
    printf 'dangling\n'
  fi
elif [ -e "$current" ]; then
  printf 'folder\n'
fi
for file in "$records"/*.json; do
  [ -f "$file" ] || continue
  id=${'$'}{file##*/}
  id=${'$'}{id%.json}
  [ -d "$releases/$id" ] || continue
  IFS= read -r record < "$file" || :
  printf 'release %s %s\n' "$id" "$record"
  [ ! -e "$records/$id.whole" ] || printf 'whole %s\n' "$id"
done`),
    showHistory,
  )
}
