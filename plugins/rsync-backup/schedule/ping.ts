import { isSecret, lines, raw, sh, type Script, type Secret } from '../../../src/index.ts'
import type { Schedule } from './options.ts'

/** Shell text with the addresses of a schedule in variables: a file for its owner alone. */
export function pingsText({ ping }: Pick<Schedule, 'ping'>): Script {
  const one = (name: string, url: string | Secret | undefined): readonly Script[] =>
    url === undefined ? [] : [sh`${raw(name)}=${url}`]
  if (ping === undefined) return raw('# Nobody is told.')
  if (typeof ping === 'string' || isSecret(ping)) {
    return lines(sh`ping_success=${ping}`, raw('ping_start=$ping_success/start ping_failure=$ping_success/fail'))
  }
  return lines(
    raw('# Written by srv.'),
    ...one('ping_start', ping.start),
    ...one('ping_success', ping.success),
    ...one('ping_failure', ping.failure),
  )
}

/**
 * Shell function `tell URL FILE`: sends what happened to whoever watches. The address is in no argument list, where
 * anybody could read it, unless only the wget of busybox is there. Its exit status is whether that was accepted; what is said
 * of it otherwise, which may have the address, goes to the output alone.
 */
export const tell = raw(`tell() {
  [ -n "\${1:-}" ] || return 0
  if command -v curl >/dev/null; then
    printf 'url = "%s"\\n' "$1" | curl -fsS -m 15 --retry 2 -o /dev/null --data-binary @"$2" -K -
  elif wget --version >/dev/null 2>&1; then
    printf '%s\\n' "$1" | wget -q -T 15 -t 3 -O /dev/null --post-file="$2" -i -
  else
    wget -q -T 15 -O /dev/null "$1"
  fi 2>&1
}`)
