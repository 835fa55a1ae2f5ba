import { raw } from '../../../../src/index.ts'

/**
 * Reserves space on the disk of the checkout before it is moved, and frees it when the move has to be undone: what the app
 * or its build writes meanwhile may fill the disk, and git needs space even to go back to a commit that it has. The reserve
 * is as large as what the move replaces, plus the index and 4 MiB for building and starting again, but at most 64 MiB. It is
 * not made of zeros, which some file systems do not store.
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

/** Frees the reserve. */
export const freeReserve = raw('rm -f "$git_folder/srv-reserve"')
