import { lines, raw, sh, type Script } from '../../../src/index.ts'
import { imageNames } from './image-name.ts'
import { placeFunctions } from './mounts.ts'
import { prologue, type Site } from './prologue.ts'
import { staleText } from './proxy.ts'

/** How many releases that never served are kept as evidence, besides those that can be rolled back to. */
const keptFailures = 3

/**
 * Removes frozen releases that are too old to be gone back to, with the tags that kept their images, and never an image
 * that a container uses: Docker refuses that, and it is `left` until it is free. Nothing else of the engine is touched;
 * tags are named one by one, since a pattern for those of `shop` would also fit those of `shop-admin`.
 */
export function pruneScript(site: Site, keep: number, previous: string): Script {
  return lines(
    prologue(site),
    placeFunctions,
    imageNames,
    sh`keep=${keep} failures=${keptFailures} previous=${previous}`,
    raw(String.raw`active=
[ ! -f "$compose/active" ] || read -r active < "$compose/active"
kept=0 failed=0 removed=0
[ -f "$compose/left" ] || : > "$compose/left"
for folder in $(ls -1d "$compose"/2* 2>/dev/null | LC_ALL=C sort -r | tr ' ' '?'); do
  id=${'$'}{folder##*/}
  if [ -f "$folder/services" ]; then
    kept=$((kept + 1))
    if [ "$kept" -le "$keep" ] || [ "$id" = "$active" ] || [ "$id" = "$previous" ]; then continue; fi
  else
    failed=$((failed + 1))
    if [ "$failed" -le "$failures" ]; then continue; fi
  fi
  # Its tags may be of another registry or project, from before the config was changed.
  named=$images
  [ ! -f "$folder/named" ] || IFS= read -r named < "$folder/named"
  [ ! -f "$folder/services" ] || while IFS="$tab" read -r service rest; do printf '%s\n' "$named$(part_of "$service"):$id"; done < "$folder/services" >> "$compose/left"
  rm -rf "$folder"
  removed=$((removed + 1))
done
if [ -s "$compose/left" ] && engine image rm $(cat "$compose/left") >/dev/null 2>&1; then : > "$compose/left"; fi
# Only what Docker says is gone is forgotten: a command that was cut off says nothing.
while IFS= read -r image; do
  engine image rm "$image" >/dev/null 2>&1 || case $(engine image inspect "$image" 2>&1 >/dev/null) in
  *[Nn]'o such image'*) ;;
  *) printf '%s\n' "$image" ;;
  esac
done < "$compose/left" > "$compose/left.new"
mv -f "$compose/left.new" "$compose/left"
cat "$compose"/2*/moved > "$compose/used" 2>/dev/null || :
for place in "$compose"/mounts/*; do
  [ -e "$place" ] || continue
  if grep -qF "$place" "$compose/used"; then rm -f "$compose/mounts/.kept.${'$'}{place##*/}"; continue; fi
  case $place in *.tmp) written= ;; *) written=$(foreign "$place" | few) ;; esac
  if [ -z "$written" ] && rm -rf "$place" "$compose/mounts/.${'$'}{place##*/}" 2>/dev/null; then continue; fi
  [ -e "$compose/mounts/.kept.${'$'}{place##*/}" ] || echo "$place stays, although no release mounts it any longer: the app wrote into it: ${'$'}{written:-what only it may remove}"
  : > "$compose/mounts/.kept.${'$'}{place##*/}"
done
for note in "$compose"/mounts/.*; do
  place=${'$'}{note##*/.} place=${'$'}{place#kept.}
  [ ! -f "$note" ] || [ -e "$compose/mounts/$place" ] || rm -f "$note"
done`),
    ...(site.role === 'manager'
      ? [
          raw(`# Docker refuses to remove what a service uses. What a release needs to be gone back to is made again from its files.
for kind in config secret; do
  for one in $(engine $kind ls -q --filter "label=com.docker.stack.namespace=$project"); do engine $kind rm "$one" >/dev/null 2>&1 || :; done
done`),
        ]
      : []),
    staleText(site),
    raw(String.raw`rm -rf "$compose"/.new-* "$compose/used"
printf 'removed %s\n' "$removed"`),
  )
}
