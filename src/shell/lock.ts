import { raw, type Script } from './script.ts'

/**
 * Shell function `srv_lock TRIES`: takes the lock on descriptor 9, asking ten times a second, and fails after so many
 * tries. busybox's flock knows no -w (util-linux/flock.c), and its timeout would keep a lock for up to a second more.
 */
export const lockFunction: Script = raw(`srv_lock() {
  srv_tries=0
  until flock -n 9; do
    [ "$srv_tries" -lt "$1" ] || return 1
    srv_tries=$((srv_tries + 1))
    sleep 0.1 2>/dev/null || sleep 1
  done
}`)
