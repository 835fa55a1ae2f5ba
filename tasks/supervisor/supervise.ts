import { lines, raw, type Script, type Supervisor } from '../../src/index.ts'
import { clock } from '../host/clock.ts'
import type { Site } from '../host/site.ts'
import { commandLook, commandRestart, commandStart, commandStop } from './command.ts'
import { processLook, processStart, processStop } from './process.ts'
import { systemdLook, systemdRetire, systemdStart, systemdStop } from './systemd.ts'

/** Shell text that starts an instance unless it runs; `$directory` and `$private` have to be set. */
export function startScript(site: Site, supervisor: Supervisor): Script {
  switch (supervisor.kind) {
    case 'systemd':
      return systemdStart(site, supervisor, 'start')
    case 'process':
      return processStart(site, supervisor)
    case 'command':
      return commandStart(site, supervisor)
  }
}

/** Shell text that stops an instance; nothing happens when it does not run. */
export function stopScript(site: Site, supervisor: Supervisor): Script {
  switch (supervisor.kind) {
    case 'systemd':
      return systemdStop(site, supervisor)
    case 'process':
      return processStop(site, supervisor)
    case 'command':
      return commandStop(site, supervisor)
  }
}

/** Shell text that stops an instance of which no release is left, so that nothing starts it again either. */
export function retireScript(site: Site, supervisor: Supervisor): Script {
  return supervisor.kind === 'systemd' ? systemdRetire(site, supervisor) : stopScript(site, supervisor)
}

/** Shell text that ends what runs of an instance, and starts it from `$directory`. */
export function restartScript(site: Site, supervisor: Supervisor): Script {
  switch (supervisor.kind) {
    case 'systemd':
      return systemdStart(site, supervisor, 'restart')
    case 'process':
      return lines(processStop(site, supervisor), processStart(site, supervisor))
    case 'command':
      return commandRestart(site, supervisor)
  }
}

/**
 * Shell functions that ask the supervisor. `look` sets `$alive` to yes, starting, no (it has ended) or unknown, `$why`
 * to a phrase on an end, `$mark` to what changes when something restarts the app, and `$age` to how long it runs, in
 * hundredths of a second, where that is known; `show_log N` prints its last lines. `clock` comes with them.
 */
export function lookFunctions(site: Site, supervisor: Supervisor | undefined): Script {
  if (supervisor === undefined) return lines(clock, raw('look() { alive=unknown age= mark= why=; }\nshow_log() { :; }'))
  switch (supervisor.kind) {
    case 'systemd':
      return systemdLook(site, supervisor)
    case 'process':
      return processLook()
    case 'command':
      return commandLook(site, supervisor)
  }
}
