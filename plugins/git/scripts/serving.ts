import { lines, raw, type Script } from '../../../src/index.ts'
import type { Layout } from '../layout.ts'
import { checkoutPrologue } from './in-place/prologue.ts'
import { prologue } from './prologue.ts'

/*
 * A release as one line of JSON, with the properties that `state/state.ts` gives it, in the same order: `show ID`. The strings of
 * a record are copied verbatim, with their escapes.
 */
const show = raw(String.raw`escaped() { tr -d '\000-\037\177' | sed 's/[\\"]/\\&/g'; }
told() { printf '%s\n' "$record" | LC_ALL=C sed -nE "s/.*\"$1\":\"(([^\"\\\\]|\\\\.)*)\".*/\1/p"; }
add() { [ -z "$2" ] || text="$text,\"$1\":\"$2\""; }
show() {
  record= text="{\"id\":\"$1\"" switched=
  IFS= read -r record < "$records/$1.json" || :
  [ ! -f "$state/history" ] || switched=$(awk -F '\t' -v id="$1" '$2 == id { line = $0 } END { print line }' "$state/history")
  add commit "$(told commit)"
  add ref "$(told ref)"
  add subject "$(told subject)"
  add since "$(printf '%s\n' "$switched" | cut -f 1)"
  if [ -n "$switched" ]; then add by "$(printf '%s\n' "$switched" | cut -f 3 | escaped)"; else add by "$(told by)"; fi
  printf '%s}\n' "$text"
}`)

/** Prints the release that serves as one line of JSON, as `stateOf` finds it; nothing when none does. */
export function servingScript(layout: Layout): Script {
  return lines(
    prologue(layout),
    show,
    raw(String.raw`target=
[ ! -L "$current" ] || target=$(readlink "$current")
id=${'$'}{target##*/}
if [ -z "$target" ]; then :
elif [ "$target" = "releases/$id" ] && [ -d "$releases/$id" ] && [ -f "$records/$id.json" ]; then show "$id"
else printf '{"id":"%s"}\n' "$(printf '%s\n' "$id" | escaped)"
fi`),
  )
}

/** The same for an instance whose folder is the checkout: what srv checked out last, or whatever commit somebody moved it to. */
export function servingCheckoutScript(layout: Layout): Script {
  return lines(
    checkoutPrologue(layout),
    show,
    raw(String.raw`id= record= head=
[ ! -e "$instance/.git" ] || head=$(head_commit)
[ ! -f "$state/history" ] || id=$(tail -n 1 "$state/history" | cut -f 2)
[ -z "$id" ] || [ ! -f "$records/$id.json" ] || IFS= read -r record < "$records/$id.json" || :
if [ -z "$head" ]; then :
elif [ "$(told commit)" = "$head" ]; then show "$id"
else
  text=$(TZ=UTC0; export TZ; in_repository -c log.showSignature=false log -1 --date=format-local:%Y%m%dT%H%M%SZ --format=%cd)
  text="{\"id\":\"$text-$(printf '%.7s' "$head")\",\"commit\":\"$head\""
  add subject "$(in_repository -c log.showSignature=false log -1 --format=%s | escaped)"
  printf '%s}\n' "$text"
fi`),
  )
}
