import { lines, raw, type Script } from '../../src/index.ts'
import { launch, printUnit, stopUnit, systemdLook, systemdTools } from '../supervisor/systemd.ts'
import type { SystemdSupervisor } from '../supervisor/systemd-unit.ts'
import type { ScratchSite } from './place.ts'

/** The unit is in a place that does not survive a reboot. */
function place({ scope }: SystemdSupervisor): Script {
  return scope === 'system'
    ? raw('file=/run/systemd/system/$unit\nown() { as_root "$@"; }')
    : raw('file=$XDG_RUNTIME_DIR/systemd/user/$unit\nown() { "$@"; }')
}

/** Writes the unit and starts it; it is never enabled. */
export function beginUnit(site: ScratchSite, supervisor: SystemdSupervisor): Script {
  return lines(
    systemdLook(site, supervisor),
    place(supervisor),
    printUnit(site, supervisor, site.directory),
    raw(`unit_text | own sh -c 'umask 022; mkdir -p "\${1%/*}"; cat >"$1"' sh "$file"
control daemon-reload`),
    launch('start'),
  )
}

/** Stops the unit and removes it; systemd also forgets one that failed. */
export function endUnit(site: ScratchSite, supervisor: SystemdSupervisor): Script {
  return lines(
    systemdTools(site, supervisor),
    place(supervisor),
    raw('if [ -e "$file" ]; then'),
    stopUnit,
    raw(`  own rm -f "$file"
  control reset-failed "$unit" 2>/dev/null || :
  control daemon-reload
fi`),
  )
}
