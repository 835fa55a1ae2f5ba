import { lines, raw, sh, type Health, type Script } from '../../src/index.ts'
import { inWholeSeconds } from '../host/seconds.ts'
import type { Site } from '../host/site.ts'
import { enterEnvironment } from '../host/variables.ts'

type CommandHealth = Extract<Health, { readonly kind: 'command' }>

/**
 * Body of a shell function that asks once: sets `$said` and `$about`, and returns 1 unless the command exits 0. What a
 * failing command prints is kept in `$words`. A command that hangs is ended after the whole time of the gate.
 *
 * `timeout` leads a process group of its own, which no signal for ours reaches: it is passed on, so that the command does
 * not outlive the run. That of busybox takes the place of the command, in our group.
 */
export function askCommand(health: CommandHealth, site: Site): Script {
  return lines(
    sh`about=${health.command}`,
    raw(`limit=
if command -v timeout >/dev/null; then`),
    sh`limit=${`timeout ${inWholeSeconds(health.timeoutMs)}`}`,
    raw('fi'),
    raw('code=0'),
    raw('words=$('),
    enterEnvironment(site),
    sh`$limit sh -ec ${health.command} 2>&1 & asked=$!`,
    raw(`pass_on() {
  trap '' HUP INT TERM
  kill -TERM "$asked" 2>/dev/null || :
  tries=0
  while [ "$tries" -lt 15 ] && kill -0 "$asked" 2>/dev/null; do tries=$((tries + 1)); sleep 0.1; done
  kill -KILL "-$asked" 2>/dev/null || kill -KILL "$asked" 2>/dev/null || :
  exit 143
}
trap pass_on HUP INT TERM
wait "$asked"
) || code=$?
said="exited with status $code"
[ "$code" = 0 ] || return 1
words=`),
  )
}
