import { lines, raw, type Script } from '../../src/index.ts'
import { printUnit, systemdLook, systemdTools } from '../supervisor/systemd.ts'
import type { SystemdSupervisor } from '../supervisor/systemd-unit.ts'
import type { ScratchSite } from './place.ts'

/** The unit lies where a restart of the machine forgets it. */
function tools(site: ScratchSite, supervisor: SystemdSupervisor): Script {
  const isSystem = supervisor.scope === 'system'
  return lines(
    systemdTools(site, supervisor),
    isSystem
      ? raw('file=/run/systemd/system/$unit\nown() { as_root "$@"; }')
      : raw('file=$XDG_RUNTIME_DIR/systemd/user/$unit\nown() { "$@"; }'),
  )
}

/** Writes the unit and starts it; it is never enabled. */
export function beginUnit(site: ScratchSite, supervisor: SystemdSupervisor): Script {
  return lines(
    systemdLook(site, supervisor),
    tools(site, supervisor),
    printUnit(site, supervisor, site.directory),
    raw(`unit_text | own sh -c 'umask 022; mkdir -p "\${1%/*}"; cat >"$1"' sh "$file"
control daemon-reload
complaint=$(launch_unit start 2>&1) || {
  look
  echo "$unit did not start: $why" >&2
  case $why in does*) printf '%s\\n' "$complaint" >&2 ;; esac
  show_log 20 >&2
  exit 1
}`),
  )
}

/** Stops the unit and takes it away; of one that failed nothing stays in systemd's memory either. */
export function endUnit(site: ScratchSite, supervisor: SystemdSupervisor): Script {
  return lines(
    tools(site, supervisor),
    raw(`if [ -e "$file" ]; then
  [ "$(show -p LoadState --value)" = not-found ] || control stop "$unit"
  own rm -f "$file"
  control reset-failed "$unit" 2>/dev/null || :
  control daemon-reload
fi`),
  )
}
