import { raw } from '../../../src/index.ts'

/** Shell test: the systemd of the machine is there, and may be told what to do. */
export const maySystem = `[ -d /run/systemd/system ] && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }`

/** Shell test: that of the user is there, also while they are not logged in when they have to linger. */
export function mayUser(lingers: boolean): string {
  const lingering = lingers ? ' && [ -e "/var/lib/systemd/linger/$(id -un)" ]' : ''
  return `[ -d /run/systemd/system ]${lingering} && [ -S "/run/user/$(id -u)/systemd/private" ]`
}

/**
 * Shell functions for the systemd of the machine, `system`, and that of the user, `user`: `as_root COMMAND`, `manager HOW TOOL …`, and
 * `units HOW`, the folder of its units.
 */
export const systemdFunctions = raw(`as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n -- "$@"; fi; }
manager() {
  case $1 in
  system) shift; as_root "$@" ;;
  user) shift; tool=$1; shift; XDG_RUNTIME_DIR=/run/user/$(id -u) "$tool" --user "$@" ;;
  esac
}
units() { case $1 in system) echo /etc/systemd/system ;; user) echo "$HOME/.config/systemd/user" ;; esac; }`)
