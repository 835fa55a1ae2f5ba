import { raw } from '../../../src/index.ts'

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
