import { lines, raw, sh, type Script } from '../../../src/index.ts'
import type { GoneImage } from '../state/facts.ts'
import { imageNames } from './image-name.ts'
import { prologue, type Site } from './prologue.ts'

/**
 * Pulls images of a frozen release again from the registries that had them, by digest, so that each is the same image, and
 * gives them the tags of the release, which keep them. Prints `gone`, the image and its first name for one that cannot be had.
 */
export function regainScript(site: Site, id: string, gone: readonly GoneImage[]): Script {
  return lines(
    prologue(site),
    imageNames,
    sh`id=${id}`,
    raw(String.raw`named=$images
[ ! -f "$compose/$id/named" ] || IFS= read -r named < "$compose/$id/named"
regain() { # image, names
  image=$1
  shift
  for name in "$@"; do
    if engine pull --quiet "$name" >&2 && engine image inspect "$image" >/dev/null 2>&1; then
      awk -F "$tab" -v image="$image" '$3 == image { print $1 }' "$compose/$id/services" > "$compose/regained"
      while IFS= read -r service; do engine tag "$image" "$named$(part_of "$service"):$id"; done < "$compose/regained"
      rm -f "$compose/regained"
      return 0
    fi
  done
  printf 'gone %s %s\n' "$image" "$1"
  return 1
}`),
    ...gone.map(({ image, names }) => sh`regain ${image} ${names}`),
  )
}
