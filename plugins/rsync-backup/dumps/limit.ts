import { lines, raw, sh, type Script } from '../../../src/index.ts'

/** A limit for people, in the largest unit in which it is a whole number: `6 h`, `90 s`. */
function limitText(seconds: number): string {
  if (seconds % 3600 === 0) return `${String(seconds / 3600)} h`
  return seconds % 60 === 0 ? `${String(seconds / 60)} min` : `${String(seconds)} s`
}

/*
 * It ends whatever the dump has started, and the text around it, by their process group: what srv sends has one of its own,
 * and so has what a key starts over SSH. A second at a time, so that it is soon gone where the shell of that text is killed
 * alone. Nothing may wait for its output once it has spoken.
 */
const watched = raw(`watch=
watch_dump() {
  exec >/dev/null
  nap= left=$seconds
  trap '[ -z "$nap" ] || kill "$nap" 2>/dev/null; exit 0' TERM
  while [ "$left" -gt 0 ]; do
    sleep 1 2>/dev/null & nap=$!
    wait "$nap"
    kill -0 "$$" 2>/dev/null || exit 0
    left=$((left - 1))
  done
  trap '' TERM
  printf '%s\\n' "the dump $name did not end within $within:" >&2
  tail -n 10 "$folder/.said" >&2 || :
  exec 2>/dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
  kill -TERM 0
  sleep 10
  kill -KILL 0
}
stop_watch() {
  [ -n "$watch" ] || return 0
  kill "$watch" 2>/dev/null || :
  wait "$watch" 2>/dev/null || :
  watch=
}
trap stop_watch EXIT`)

/**
 * Shell functions `watch_dump`, which runs beside a dump and ends it with what its tool said when it takes longer than that,
 * and `stop_watch`. Without a limit there is nothing to stop.
 */
export function watchFunctions(seconds: number | undefined): Script {
  if (seconds === undefined) return raw('stop_watch() { :; }')
  return lines(sh`seconds=${seconds} within=${limitText(seconds)}`, watched)
}
