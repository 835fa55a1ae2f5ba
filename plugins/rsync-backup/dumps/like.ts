import { raw, type Script } from '../../../src/index.ts'

/**
 * Shell functions about owners and modes, which a database that comes from a dump has to have as its app needs them.
 *
 * `like FROM TO` gives a file or folder the owner, group and mode of another one, and fails where the user may not. `about_like`
 * does what the user may: who is not root can give a file to a group of his own alone. `folder_like_above FOLDER` makes a
 * folder, and those above it, each like the nearest one that is there.
 */
export const likeFunctions: Script = raw(`like() {
  [ "$(stat -Lc %u:%g "$2")" = "$(stat -Lc %u:%g "$1")" ] || chown "$(stat -Lc %u:%g "$1")" "$2"
  chmod "$(stat -Lc %a "$1")" "$2"
}
about_like() {
  chown "$(stat -Lc %u:%g "$1")" "$2" 2>/dev/null || chgrp "$(stat -Lc %g "$1")" "$2" 2>/dev/null || :
  chmod "$(stat -Lc %a "$1")" "$2"
  # What cannot be read cannot be copied.
  [ -r "$2" ] || chmod u+r "$2"
}
folder_like_above() {
  [ ! -d "$1" ] || return 0
  folder_like_above "\${1%/*}"
  mkdir "$1"
  like "\${1%/*}" "$1"
}`)
