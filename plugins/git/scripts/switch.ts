import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { Layout } from '../layout.ts'
import { prologue } from './prologue.ts'

/**
 * `point target`: one rename, so that `current` leads somewhere at every moment. `ln -sfn` removes the link first on
 * busybox, and `mv` without `-T` would move the new link into the old release.
 */
const point = raw(`point() {
  rm -f "$instance/.srv-current" || exit 1
  ln -s "$1" "$instance/.srv-current" || exit 1
  mv -T "$instance/.srv-current" "$current" || exit 1
}`)

/** A person's name, made fit for one field of a line. */
export function oneField(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ')
}

/** Makes a release the one that serves. The previous target of `current` is kept for an undo, whoever made it. */
export function switchScript(layout: Layout, id: string, actor: string): Script {
  return lines(
    prologue(layout),
    sh`id=${id}`,
    sh`actor=${oneField(actor)}`,
    point,
    raw(String.raw`[ -d "$releases/$id" ] || fail "There is no release $releases/$id."
[ -L "$current" ] || [ ! -e "$current" ] || fail "$current is not a link: move it away."
before=$(readlink "$current" || :)
if [ "$before" != "releases/$id" ]; then
  umask 077
  mkdir -p "$state"
  finished=$(cat "$state/finished" 2>/dev/null || :)
  printf '%s\n%s\n%s\n' "$id" "$before" "$finished" > "$state/before.tmp"
  mv -f "$state/before.tmp" "$state/before"
  point "releases/$id"
  printf '%s\t%s\t%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$id" "$actor" >> "$state/history"
fi`),
  )
}

/** Removes the switch to `$id` from the history by truncating it, since a full disk has no room for a copy, and restores what `finished` said before. */
export const dropSwitch =
  raw(String.raw`if [ -f "$state/history" ] && [ "$(tail -n 1 "$state/history" | cut -f 2)" = "$id" ]; then
  bytes=$(( $(wc -c < "$state/history") - $(tail -n 1 "$state/history" | wc -c) ))
  dd if=/dev/null of="$state/history" bs=1 seek="$bytes" 2>/dev/null
fi
if [ "$(cat "$state/finished" 2>/dev/null || :)" = "$id" ]; then
  (umask 077; printf '%s\n' "$finished" > "$state/finished.tmp")
  mv -f "$state/finished.tmp" "$state/finished"
fi
rm -f "$state/before"`)

/** Puts `current` back to where it led before this release, and drops the switch from the history. */
export function switchBackScript(layout: Layout, id: string): Script {
  return lines(
    prologue(layout),
    sh`id=${id}`,
    point,
    raw(String.raw`[ -f "$state/before" ] || exit 0
{ IFS= read -r switched && IFS= read -r before && IFS= read -r finished; } < "$state/before"
[ "$switched" = "$id" ] || exit 0
if [ "$(readlink "$current" || :)" = "releases/$id" ]; then
  if [ -n "$before" ]; then point "$before"; else rm -f "$current"; fi
fi`),
    dropSwitch,
  )
}
