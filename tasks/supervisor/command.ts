import { lines, raw, sh, type Script, type Supervisor } from '../../src/index.ts'
import { clock } from '../host/clock.ts'
import { locate, type Site } from '../host/site.ts'
import { enterEnvironment } from '../host/variables.ts'

/** The supervisor of an instance that the user's own commands start and stop. */
export type CommandSupervisor = Extract<Supervisor, { readonly kind: 'command' }>

/** A command of the config in the run directory, with the app's variables: one compound command. */
function inDirectory(site: Site, command: string): Script {
  return lines(raw('('), enterEnvironment(site), sh`exec sh -ec ${command}`, raw(')'))
}

/** Runs the user's command to start it. */
export function commandStart(site: Site, { start }: CommandSupervisor): Script {
  return inDirectory(site, start)
}

/** Runs the user's command to stop it; when the run directory is gone it runs in the login folder. */
export function commandStop(site: Site, { stop }: CommandSupervisor): Script {
  if (stop === undefined) return raw(`echo 'there is no command to stop it'`)
  return lines(raw('if [ -d "$directory" ]; then'), inDirectory(site, stop), raw('else'), sh`sh -ec ${stop}`, raw('fi'))
}

/** Runs the user's command to restart it; without one, those to stop and to start. */
export function commandRestart(site: Site, supervisor: CommandSupervisor): Script {
  const { restart, stop } = supervisor
  if (restart !== undefined) return inDirectory(site, restart)
  const start = commandStart(site, supervisor)
  return stop === undefined ? start : lines(commandStop(site, supervisor), start)
}

/**
 * Shell functions `look` and `show_log`: see the gate. A status command that fails does not end the wait, since it may
 * fail while the app comes up; without one, it is unknown whether the app runs.
 */
export function commandLook(site: Site, { status, logs }: CommandSupervisor): Script {
  const ask =
    status === undefined
      ? raw('alive=unknown')
      : lines(raw('if {'), inDirectory(site, status), raw('} >/dev/null 2>&1; then alive=yes; else alive=starting; fi'))
  const show =
    logs === undefined ? raw(':') : lines(raw('{'), inDirectory(site, logs), raw('} 2>&1 | tail -n "$1" || :'))
  return lines(
    clock,
    raw(`look() { age= mark= why='is not running'`),
    ask,
    raw('}'),
    raw('show_log() {'),
    show,
    raw('}'),
  )
}

/** Runs the user's command that prints the newest lines; how many, and since when, is up to that command. */
export function commandLogs(site: Site, { logs }: CommandSupervisor): Script {
  if (logs === undefined) return raw(`echo 'no command that prints its log is configured' >&2; exit 1`)
  return lines(locate(site), inDirectory(site, logs))
}
