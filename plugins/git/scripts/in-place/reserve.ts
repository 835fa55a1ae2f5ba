import { raw } from '../../../../src/index.ts'

/**
 * Takes room on the disk of the checkout before it is moved, and gives it back when it has to go the way back: what the app
 * or its build writes meanwhile may fill the disk, and git needs room even to go back to a commit that it has. It is as
 * large as what the move replaces, with the index and 4 MiB for what builds and starts again, but at most 64 MiB. Not
 * zeros, which some file systems do not store.
 */
export const makeReserve = raw(String.raw`reserve=$git_folder/srv-reserve
rm -f "$reserve"
if [ -n "$head" ] && [ "$head" != "$commit" ]; then
  kibibytes=$(in_repository diff-tree -r -z --name-only --no-renames --diff-filter=a "$head" "$commit" |
    (cd "$instance" && xargs -0 -r du -sk -- 2>/dev/null) | awk '{ sum += $1 } END { printf "%d\n", sum }')
  kibibytes=$((kibibytes + $(cat "$git_folder/index" 2>/dev/null | wc -c) / 512 + 4096))
  [ "$kibibytes" -le 65536 ] || kibibytes=65536
  head -c "$((kibibytes * 1024))" /dev/urandom > "$reserve" || { rm -f "$reserve"; exit 1; }
fi`)

/** Gives the room back. */
export const freeReserve = raw('rm -f "$git_folder/srv-reserve"')
