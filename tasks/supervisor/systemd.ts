import { lines, raw, sh, type LogOptions, type Script } from '../../src/index.ts'
import { clock } from '../host/clock.ts'
import { locate, makePrivate, type Site } from '../host/site.ts'
import { unitName, unitText, type SystemdSupervisor } from './systemd-unit.ts'

/** Shell functions `as_root`, `control`, `show`, `launch_unit` and `journal`, and the variables `$unit` and `$file`. */
export function systemdTools(site: Site, supervisor: SystemdSupervisor): Script {
  const unit = sh`unit=${`${unitName(site, supervisor)}.service`}`
  const asRoot = raw('as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n -- "$@"; fi; }')
  if (supervisor.scope === 'system') {
    return lines(
      unit,
      raw('file=/etc/systemd/system/$unit'),
      asRoot,
      raw('control() { as_root systemctl "$@"; }'),
      raw('show() { systemctl show "$@" "$unit"; }'),
      // One sudo for both: each costs a login of its own.
      raw(`launch_unit() {
  as_root sh -c 'systemctl reset-failed "$2" 2>/dev/null; exec systemctl "$1" "$2"' sh "$1" "$unit"
}`),
      raw('sync_journal() { as_root journalctl --sync 2>/dev/null || :; }'),
      raw('journal() { as_root journalctl -q --no-pager -u "$unit" "$@"; }'),
    )
  }
  return lines(
    unit,
    raw('export XDG_RUNTIME_DIR="/run/user/$(id -u)"'),
    raw('file=$HOME/.config/systemd/user/$unit'),
    asRoot,
    raw('control() { systemctl --user "$@"; }'),
    raw('show() { systemctl --user show "$@" "$unit" 2>/dev/null; }'),
    raw('launch_unit() { control reset-failed "$unit" 2>/dev/null || :; control "$1" "$unit"; }'),
    raw('sync_journal() { :; }'),
    raw('journal() { journalctl -q --no-pager --user -u "$unit" "$@"; }'),
  )
}

/** Shell function `unit_text`: prints the unit file of an instance that runs from `directory`. */
export function printUnit(site: Site, supervisor: SystemdSupervisor, directory: string): Script {
  const { before, user, after } = unitText(site, supervisor, directory)
  const userLine = user === undefined ? raw('printf "User=%s\\n" "$(id -un)"') : sh`printf '%s\n' ${`User=${user}`}`
  return lines(
    raw('unit_text() {'),
    sh`printf '%s\n' ${before}`,
    ...(supervisor.scope === 'system' ? [userLine] : []),
    sh`printf '%s\n' ${after}`,
    raw('}'),
  )
}

/** A user's systemd ends with the last login session unless the user lingers. */
const linger = raw(`if [ ! -e "/var/lib/systemd/linger/$(id -un)" ]; then
  loginctl enable-linger "$(id -un)" 2>/dev/null || as_root loginctl enable-linger "$(id -un)"
fi
tries=0
until [ -S "$XDG_RUNTIME_DIR/systemd/private" ]; do
  tries=$((tries + 1))
  [ "$tries" -le 100 ] || { echo "the systemd instance of user $(id -un) did not start within 10 s" >&2; exit 1; }
  sleep 0.1
done
mkdir -p "\${file%/*}"`)

function install(site: Site, supervisor: SystemdSupervisor, directory: string): Script {
  const isSystem = supervisor.scope === 'system'
  const write = isSystem
    ? raw(`unit_text | as_root sh -c 'umask 022; cat >"$1.srv-new" && mv -f "$1.srv-new" "$1"' sh "$file"`)
    : raw('unit_text >"$file.srv-new"; mv -f "$file.srv-new" "$file"')
  return lines(
    printUnit(site, supervisor, directory),
    ...(isSystem ? [] : [linger]),
    raw('known=$(show -p NeedDaemonReload -p UnitFileState || :)'),
    raw('if ! unit_text | cmp -s - "$file"; then'),
    write,
    raw(`control daemon-reload
# An earlier run may have ended between writing the file and telling systemd.
elif printf '%s\\n' "$known" | grep -qx NeedDaemonReload=yes; then control daemon-reload
fi
printf '%s\\n' "$known" | grep -qx UnitFileState=enabled || control enable -q "$unit"`),
  )
}

/*
 * `show_log` shows what the app itself said since it was started; what it said through syslog has no transport `stdout`,
 * in that case all lines of the unit are shown.
 */
const lookFunction = lines(
  clock,
  raw(`look() {
  active= sub= pid= restarts= code= status= begun= age=
  while IFS='=' read -r key value; do
    case $key in
    ActiveState) active=$value ;;
    SubState) sub=$value ;;
    MainPID) pid=$value ;;
    NRestarts) restarts=$value ;;
    ExecMainCode) code=$value ;;
    ExecMainStatus) status=$value ;;
    ExecMainStartTimestamp) begun=$value ;;
    ExecMainStartTimestampMonotonic) clock; age=$((now - \${value:-0} / 10000)) ;;
    esac
  done <<END
$(show -p ActiveState -p SubState -p MainPID -p NRestarts -p ExecMainCode -p ExecMainStatus -p ExecMainStartTimestamp -p ExecMainStartTimestampMonotonic)
END
  since=\${since:-$begun}
  alive=no mark="process $pid, restart $restarts"
  case $active/$sub in
  activating/auto-restart) ;;
  active/* | activating/* | reloading/*) alive=yes ;;
  esac
  case $code/$active in
  2/inactive) why='is not running' ;;
  1/*) why="exited with status $status" ;;
  2/* | 3/*) why="was ended by signal $status" ;;
  *) why='is not running' ;;
  esac
}
since=
show_log() {
  sync_journal
  said_by_app=$(journal --since "\${since:-today}" -n "$1" -o cat _TRANSPORT=stdout 2>/dev/null || :)
  if [ -n "$said_by_app" ]; then printf '%s\\n' "$said_by_app"
  else journal --since "\${since:-today}" -n "$1" -o cat || :
  fi
}`),
)

/** Starts the unit, or with `restart` starts it again, and says why it did not start. `look` has to be known. */
export function launch(verb: 'start' | 'restart'): Script {
  return lines(
    // Earlier failures are forgotten first: a unit that failed too often would refuse to be started.
    sh`complaint=$(launch_unit ${verb} 2>&1) || {`,
    raw(`  look
  echo "$unit did not start: $why" >&2
  case $why in does*) printf '%s\\n' "$complaint" >&2 ;; esac
  show_log 20 >&2
  exit 1
}`),
  )
}

/** Stops the unit; nothing happens when it does not run or does not exist. */
export const stopUnit: Script = raw('[ "$(show -p LoadState --value)" = not-found ] || control stop "$unit"')

/**
 * Writes the unit when it differs, and starts it, or with `restart` starts it again. `directory` has to be known on the
 * laptop here, because it is a line of the unit.
 */
export function systemdStart(site: Site, supervisor: SystemdSupervisor, verb: 'start' | 'restart'): Script {
  const starts = (directory: string): Script => lines(install(site, supervisor, directory), lookFunction, launch(verb))
  const known = site.directory
  if (known !== undefined) return lines(systemdTools(site, supervisor), makePrivate, starts(known))
  const { instance } = site.paths
  return lines(
    systemdTools(site, supervisor),
    makePrivate,
    sh`if [ "$directory" = ${instance} ]; then`,
    starts(instance),
    raw('else'),
    starts(`${instance}/current`),
    raw('fi'),
  )
}

/** Stops the unit; nothing happens when it does not run or does not exist. */
export function systemdStop(site: Site, supervisor: SystemdSupervisor): Script {
  return lines(systemdTools(site, supervisor), stopUnit)
}

/** Stops the unit for good: a host that has no release any more must not try to start one when it boots. */
export function systemdRetire(site: Site, supervisor: SystemdSupervisor): Script {
  return lines(systemdStop(site, supervisor), raw('[ ! -e "$file" ] || control disable -q "$unit"'))
}

/** Shell functions `look` and `show_log`: see the gate. */
export function systemdLook(site: Site, supervisor: SystemdSupervisor): Script {
  return lines(systemdTools(site, supervisor), lookFunction)
}

/** Prints the newest lines of the journal, and with `follow` what comes after them. */
export function systemdLogs(
  site: Site,
  supervisor: SystemdSupervisor,
  { follow, lines: count, since }: LogOptions,
): Script {
  return lines(
    locate(site),
    systemdTools(site, supervisor),
    sh`journal -n ${count} -o short-iso ${[...(since === undefined ? [] : ['--since', since]), ...(follow ? ['-f'] : [])]}`,
  )
}
