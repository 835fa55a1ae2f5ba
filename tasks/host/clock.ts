import { raw, type Script } from '../../src/index.ts'

/**
 * Shell function `clock`: sets `$now` to a time in hundredths of a second. It is the host's uptime where there is one,
 * which no change of the date disturbs, and costs no process.
 */
export const clock: Script = raw(`clock() {
  if read -r now rest 2>/dev/null </proc/uptime; then now=\${now%.*}\${now#*.}
  else now=$(date +%s)00
  fi
}`)
