import { lines, raw, sh, type ExecOptions, type LogOptions, type Script } from '../../../src/index.ts'
import { prologue, type Site } from './prologue.ts'

/** What is asked of the release that serves. */
export const serving = raw(`[ -f "$compose/active" ] || fail 'nothing is deployed here'
read -r id < "$compose/active"`)

/** Shell text that prints the newest lines of all services, each with its container in front. */
export function logsScript(site: Site, { follow, lines: count, since }: LogOptions): Script {
  const options = [...(follow ? ['--follow'] : []), ...(since === undefined ? [] : ['--since', since])]
  return lines(prologue(site), serving, sh`frozen logs --no-color --tail ${count} ${options}`)
}

/** Shell text that prints a table of the containers. */
export function psScript(site: Site): Script {
  return lines(prologue(site), serving, raw('frozen ps --all'))
}

/** Shell text that runs a command inside a running service. */
export function execScript(
  site: Site,
  service: string,
  words: readonly string[],
  { input = false }: ExecOptions,
): Script {
  const run = raw(input ? 'fed' : 'frozen')
  return lines(prologue(site), serving, sh`${run} exec -T ${service} ${words}`)
}

/** Shell text that stops all containers of the release that serves, and keeps them. */
export function stopScript(site: Site): Script {
  return lines(prologue(site), serving, raw('frozen stop 2>&1'))
}
