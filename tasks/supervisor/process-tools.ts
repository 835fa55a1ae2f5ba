import { lines, raw, sh, type Script } from '../../src/index.ts'
import type { Site } from '../host/site.ts'
import { bornOf } from './process-run.ts'

/**
 * Shell function `running`: whether the noted process is still the one that srv started; `$leader` is its number. A
 * process that merely has the same number was started at another time, and is never touched.
 */
export const running: Script = lines(
  bornOf,
  raw(`running() {
  leader= born=
  [ -r "$private/pid" ] || return 1
  { read -r leader && read -r born; } <"$private/pid" || return 1
  [ -n "$born" ] && [ "$(born_of "$leader")" = "$born" ]
}`),
)

/**
 * Shell function `members`: the processes in the session or group of `$leader`, without zombies, which nobody may ever
 * reap in a container.
 */
const members = raw(`members() {
  if [ -r /proc/self/stat ]; then
    for entry in /proc/[0-9]*/stat; do
      read -r line 2>/dev/null <"$entry" || continue
      member=\${line%% *}
      set -- \${line##*) }
      [ "\${1:-Z}" != Z ] || continue
      if [ "\${3:-}" = "$leader" ] || [ "\${4:-}" = "$leader" ]; then echo "$member"; fi
    done
  else
    ps -A -o pid=,pgid=,stat= | awk -v group="$leader" '$2 == group && $3 !~ /^Z/ { print $1 }'
  fi
}`)

/**
 * Shell function `survivors`: what is left of the instance. Without its leader a session may be a stranger's that got
 * the same number; then only processes count that carry this instance's variables.
 */
function survivors({ instance, paths }: Site): Script {
  return lines(
    members,
    raw(`survivors() {
  if running; then members; return; fi
  [ -n "$leader" ] || return 0
  for one in $(members); do`),
    sh`set -- ${[`SRV_DATA=${paths.data}`, `SRV_INSTANCE=${instance.name}`]}`,
    raw(`    tr '\\0' '\\n' 2>/dev/null <"/proc/$one/environ" | grep -Fx -e "$1" -e "$2" 2>/dev/null | wc -l | {
      read -r found
      [ "$found" -lt 2 ] || echo "$one"
    }
  done
}`),
  )
}

/** Shell functions that `process()` is made of. `$private` has to be set. */
export function processTools(site: Site): Script {
  return lines(running, survivors(site))
}
