import { raw } from '../../../src/index.ts'

/**
 * Shell functions `part_of service`, the part of an image name that stands for a service, and `tag_of service`, the name of
 * the image of the release `$id`. A service name that no image may have is put in lower case, with a digest to keep it unique.
 */
export const imageNames = raw(String.raw`part_of() {
  if printf '%s\n' "$1" | LC_ALL=C grep -Eqx -e '-*[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*'; then printf '%s\n' "$1"; return 0; fi
  printf '%s-%s\n' "$(printf '%s\n' "$1" | LC_ALL=C tr A-Z a-z | LC_ALL=C sed 's/[^a-z0-9]\{1,\}/-/g; s/^-//; s/-$//')" "$(printf '%s\n' "$1" | sha256sum | cut -c 1-8)"
}
tag_of() { printf '%s\n' "$images$(part_of "$1"):$id"; }`)
