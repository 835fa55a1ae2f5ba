import { raw } from '../../../src/index.ts'

/**
 * Shell functions `read_table`, which leaves the lines of the user's crontab in `$table/lines`, and fails with `$problem` when
 * nobody can tell what is in it; and `write_table`, which puts `$table/new` in its place. All lines are in one file:
 * what was not read would be lost. Only a message says that there is none yet, and busybox has another message.
 */
export const crontabFunctions = raw(`read_table() {
  table=$(mktemp -d) || { problem='there is no room for a temporary folder'; return 1; }
  if crontab -l >"$table/lines" 2>"$table/said"; then return 0; fi
  if grep -q -e 'no crontab for' -e "can't open .*: No such file" "$table/said"; then
    : >"$table/lines"
    return 0
  fi
  problem=$(tail -n 1 "$table/said")
  rm -rf "$table"
  return 1
}
write_table() {
  wrote=0
  crontab - <"$table/new" || wrote=$?
  rm -rf "$table"
  [ "$wrote" = 0 ] || fail "the crontab of $(id -un) could not be written: it is unchanged"
}`)
