import { raw, type Script } from '../../src/index.ts'

/**
 * Shell text that calls `freeze` until everything that `census` prints is frozen: a process that was being forked when the
 * signals were sent did not get one.
 */
export const frozen: Script = raw(`awake() {
  for one in $(census); do
    if [ -r /proc/self/stat ]; then
      read -r line 2>/dev/null <"/proc/$one/stat" || continue
      set -- \${line##*) }
      mode=\${1:-Z}
    else mode=$(ps -o stat= -p "$one" 2>/dev/null) || continue
    fi
    case $mode in T* | t* | Z* | X*) ;; *) return 0 ;; esac
  done
  return 1
}
freeze
tries=0
while awake; do
  tries=$((tries + 1))
  [ "$tries" -le 100 ] || { echo "could not be frozen: process $one" >&2; exit 1; }
  sleep 0.05
  freeze
done`)
