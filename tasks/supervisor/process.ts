import { lines, raw, sh, type LogOptions, type Script, type Supervisor } from '../../src/index.ts'
import { clock } from '../host/clock.ts'
import { locate, makePrivate, type Site } from '../host/site.ts'
import { writeRunFile } from './process-run.ts'
import { processTools, running } from './process-tools.ts'

/** The supervisor of an instance that nothing restarts. */
export type ProcessSupervisor = Extract<Supervisor, { readonly kind: 'process' }>

/** Bytes after which the next start begins a new log; the old one stays as `log.1`. */
const logLimitBytes = 10 * 1024 * 1024

const openLog = lines(
  sh`if [ -f "$private/log" ] && [ "$(wc -c <"$private/log")" -gt ${logLimitBytes} ]; then`,
  raw('  mv -f "$private/log" "$private/log.1"'),
  raw('fi'),
  raw(`(umask 077; printf '== srv: started at %s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >>"$private/log") || :`),
)

/*
 * A session of its own outlives the login and the transport's dead man's switch. Every descriptor is closed, or the
 * SSH channel would stay open for as long as the app runs.
 */
const launch = raw(`launch() {
  if command -v setsid >/dev/null; then set -- setsid
  elif command -v perl >/dev/null; then set -- perl -e 'use POSIX; POSIX::setsid(); exec @ARGV'
  else set -- python3 -c 'import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])'
  fi
  "$@" sh "$private/run" "$directory" </dev/null >>"$private/log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
}`)

/** Waits until the program beside the app has noted its number. */
const begin = raw(`rm -f "$private/pid" "$private/exit"
launch
tries=0
until [ -e "$private/pid" ]; do
  tries=$((tries + 1))
  [ "$tries" -le 250 ] || { echo 'the process did not start within 5 s' >&2; exit 1; }
  sleep 0.02
done
running || :
echo "running as process $leader"`)

/** Starts again what ran last, by the file that the last start wrote: what the config says now is not deployed yet. */
export function processAgain(): Script {
  return lines(running, launch, raw('if running; then :; else'), openLog, begin, raw('fi'))
}

/** Starts the app as a session of its own, unless it runs already. */
export function processStart(site: Site, supervisor: ProcessSupervisor): Script {
  return lines(
    running,
    launch,
    raw('if running; then echo "already running as process $leader"; else'),
    makePrivate,
    openLog,
    writeRunFile(site, supervisor.exec),
    begin,
    raw('fi'),
  )
}

/** Ends the app and everything in its session: TERM, after `stopTimeoutMs` KILL; it fails when something is left then. */
export function processStop(site: Site, supervisor: ProcessSupervisor): Script {
  return lines(
    processTools(site),
    clock,
    raw(`gone_within() {
  clock
  deadline=$((now + $1))
  while [ -n "$(survivors)" ]; do
    clock
    [ "$now" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}
each() { for one in $(survivors); do kill "-$1" "$one" 2>/dev/null || :; done; }
if [ -n "$(survivors)" ]; then
  if running; then kill -TERM "-$leader" 2>/dev/null || :; else each TERM; fi`),
    sh`  if ! gone_within ${Math.ceil(supervisor.stopTimeoutMs / 10)}; then`,
    sh`    echo ${`did not stop within ${supervisor.stopTimeoutMs} ms of TERM: KILL`}`,
    raw(`    each KILL
    if ! gone_within 500; then
      echo "still running after KILL: process" $(survivors) >&2
      exit 1
    fi
  fi
  echo stopped
fi
rm -f "$private/pid"`),
  )
}

/** Shell functions `look` and `show_log`: see the gate. */
export function processLook(): Script {
  return lines(
    running,
    clock,
    raw(`look() {
  age=
  if running; then
    alive=yes mark="process $leader" why=
    # Ticks are hundredths of a second for programs, whatever the kernel's own are: proc(5), USER_HZ.
    case $born in *-*) clock; age=$((now - \${born%% *})) ;; esac
    return
  fi
  alive=no mark= why='is not running' code=
  if [ -r "$private/exit" ] && read -r code <"$private/exit"; then
    why="exited with status $code"
    if [ "$code" -gt 128 ]; then why="was ended by signal $((code - 128))"; fi
  elif [ -e "$private/pid" ]; then why='was killed'
  fi
}
show_log() {
  tail -n "$1" "$private/log" 2>/dev/null |
    awk '/^== srv: started at / { n = 0; next } { kept[n++] = $0 } END { for (i = 0; i < n; i++) print kept[i] }' || :
}`),
  )
}

/** Prints the newest lines of the log file, and with `follow` what comes after them. Its lines have no times, so `since` does not apply. */
export function processLogs(site: Site, { follow, lines: count }: LogOptions): Script {
  return lines(
    locate(site),
    raw(`[ -r "$private/log" ] || { echo 'there is no log yet: the instance was never started' >&2; exit 1; }`),
    follow ? sh`exec tail -n ${count} -F "$private/log"` : sh`tail -n ${count} "$private/log"`,
  )
}
