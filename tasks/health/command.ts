import { lines, raw, sh, type Health, type Script } from '../../src/index.ts'
import { inWholeSeconds } from '../host/seconds.ts'
import type { Site } from '../host/site.ts'
import { enterEnvironment } from '../host/variables.ts'

type CommandHealth = Extract<Health, { readonly kind: 'command' }>

/**
 * Body of a shell function that asks once: sets `$said` and `$about`, and returns 1 unless the command exits 0. What a
 * failing command prints is kept in `$words`. A command that hangs is ended after the whole time of the gate.
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
    sh`exec $limit sh -ec ${health.command} 2>&1`,
    raw(') || code=$?'),
    raw(`said="exited with status $code"
[ "$code" = 0 ] || return 1
words=`),
  )
}
