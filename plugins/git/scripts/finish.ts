import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Layout } from '../layout.ts'
import { forget, gitEnvironment, prologue } from './prologue.ts'

/**
 * Records that the run which deployed a release has finished. Until then its digest is not trusted, and no later rollback
 * goes there by default: other hosts may never have had it.
 */
export function recordScript(layout: Layout, id: string): Script {
  return lines(
    prologue(layout),
    sh`id=${id}`,
    raw(String.raw`umask 077
mkdir -p "$state"
[ ! -f "$records/$id.json" ] || : > "$records/$id.whole"
printf '%s\n' "$id" > "$state/finished.tmp"
mv -f "$state/finished.tmp" "$state/finished"`),
  )
}

/** Older than the serving release, and has served: the target of a rollback. Ids sort by time in the C locale. */
export const protectedReleases = raw(String.raw`[ -f "$state/history" ] || : >> "$state/history"
ids=$(for file in "$records"/*.json; do [ ! -f "$file" ] || { name=${'$'}{file##*/}; printf '%s\n' "${'$'}{name%.json}"; }; done | sort -r)
newline='
'
case $newline$ids$newline in *"$newline$serving$newline"*) older= ;; *) older=yes ;; esac
previous=
for id in $ids; do
  if [ "$id" = "$serving" ]; then
    older=yes
  elif [ -n "$older" ] && [ -z "$previous" ] && is_there "$id" && cut -f 2 "$state/history" | grep -qxF -e "$id"; then
    previous=$id
  fi
done`)

/** A thousand switches are enough to remember. */
export const shortenHistory = raw(String.raw`if [ "$(wc -l < "$state/history")" -gt 1000 ]; then
  (umask 077; tail -n 500 "$state/history" > "$state/history.tmp")
  mv -f "$state/history.tmp" "$state/history"
fi`)

/**
 * Removes releases that srv made, beside the newest ones, the one that serves and the one before it. A folder is
 * renamed first, so that nobody rolls back to half a release. What cannot be removed is reported but fails nothing: the
 * new release already serves. Temporary folders that are older than a day belong to runs that died.
 */
export function pruneScript(layout: Layout, keep: number): Script {
  return lines(
    prologue(layout),
    sh`keep=${keep}`,
    gitEnvironment,
    forget,
    raw(String.raw`LC_ALL=C
export LC_ALL
serving=$(readlink "$current" || :)
serving=${'$'}{serving##*/}
is_there() { [ -d "$releases/$1" ] && [ -e "$records/$1.whole" ]; }`),
    protectedReleases,
    raw(String.raw`discard() { rm -rf "$1" 2>/dev/null || { chmod -R u+rwX "$1" 2>/dev/null; rm -rf "$1"; } || printf '%s\n' "$1 could not be removed: check the owner of the files in it." >&2; }
kept=0
removed=0
for id in $ids; do
  if [ -d "$releases/$id" ]; then
    kept=$((kept + 1))
    if [ "$kept" -le "$keep" ] || [ "$id" = "$serving" ] || [ "$id" = "$previous" ]; then continue; fi
    if ! mv -T "$releases/$id" "$releases/.srv-$id.tmp"; then continue; fi
    removed=$((removed + 1))
    discard "$releases/.srv-$id.tmp"
  fi
  rm -f "$records/$id.json" "$records/$id.whole"
  forget "$id" || :
done
if [ "$removed" != 0 ]; then
  in_repository -c gc.auto=6700 -c gc.autoDetach=false gc --auto --quiet || :
fi
find "$releases" -maxdepth 1 -name '.srv-*' -mtime +0 2>/dev/null | while IFS= read -r left; do discard "$left"; done`),
    shortenHistory,
    raw(String.raw`printf 'removed %s\n' "$removed"`),
  )
}
