import { lines, raw, sh, type HoldMode, type Placement, type Script } from '../../src/index.ts'
import { systemdTools } from '../supervisor/systemd.ts'
import type { SystemdSupervisor } from '../supervisor/systemd-unit.ts'
import { frozen } from './frozen.ts'

/** Shell function `is_up`: whether the unit runs, or is about to. A user without a systemd of their own runs nothing. */
const isUp = raw(`is_up() {
  [ -z "\${XDG_RUNTIME_DIR:-}" ] || [ "$scope" = system ] || [ -S "$XDG_RUNTIME_DIR/systemd/private" ] || return 1
  case $(show -p ActiveState --value) in active | activating | reloading) return 0 ;; *) return 1 ;; esac
}`)

function tools(placement: Placement, supervisor: SystemdSupervisor): Script {
  return lines(systemdTools(placement, supervisor), sh`scope=${supervisor.scope}`, isUp)
}

/** Text done for each unit of the record, which is `$unit` then: the config may name another one by now. */
function each(text: Script): Script {
  return lines(raw('while read -r unit <&3; do'), text, raw('done 3<"$held"'))
}

/** Prints the name of the unit when it runs. */
export function whichUnit(placement: Placement, supervisor: SystemdSupervisor): Script {
  return lines(tools(placement, supervisor), raw(`if is_up; then printf '%s\\n' "$unit"; fi`))
}

const pause = lines(
  raw(`group=$(show -p ControlGroup --value)
for tree in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
  [ ! -r "$tree$group/cgroup.procs" ] || break
done
freeze() { control kill --signal=STOP "$unit" || :; }
census() { [ -z "$group" ] || find "$tree$group" -name cgroup.procs -exec cat {} + 2>/dev/null || :; }`),
  frozen,
)

/** Freezes all processes of the unit, or stops it; it stays enabled, so that it starts with the machine. */
export function holdUnit(placement: Placement, supervisor: SystemdSupervisor, how: HoldMode): Script {
  switch (how) {
    case 'pause':
      return lines(tools(placement, supervisor), each(lines(raw('if is_up; then'), pause, raw('fi'))))
    case 'stop':
      return lines(tools(placement, supervisor), each(raw('control stop "$unit"')))
  }
}

/** Wakes the unit up, or starts it as it stands. */
export function resumeUnit(placement: Placement, supervisor: SystemdSupervisor): Script {
  return lines(
    tools(placement, supervisor),
    each(raw('if is_up; then control kill --signal=CONT "$unit" || is_up; else launch_unit start; fi')),
  )
}
