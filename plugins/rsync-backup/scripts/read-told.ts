import { lines, raw, type Script } from '../../../src/index.ts'
import { progressLoop } from './pass.ts'

/**
 * Shell function `told_reading COMMAND…`: runs a program that reads files, and says once a second on standard error how much
 * of `$to_read` bytes it has read by now, behind the `$was_read` that others read: `progress read 1200 of 9000`. The kernel
 * counts that for each process anyway; one that does not tell, and a total of none, leave it unsaid. Its status is the program's.
 */
export const readTold: Script = lines(
  progressLoop,
  raw(`to_read=0 was_read=0
tell_read() { [ "\${to_read:-0}" = 0 ] || printf 'progress read %s of %s\\n' "$1" "$to_read" >&2; }
tell_progress() {
  now_read=$(sed -n 's/^rchar: //p' "/proc/$1/io" 2>/dev/null) || :
  [ -z "$now_read" ] || tell_read "$((was_read + now_read))"
}
told_reading() {
  tell_read "$was_read"
  "$@" & reader=$!
  watch_progress "$reader" & watch=$!
  ended=0
  wait "$reader" || ended=$?
  end_watch "$watch"
  return "$ended"
}`),
)
