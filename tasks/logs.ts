import { sh, type LogOptions, type Placement, type Script } from '../src/index.ts'
import { commandLogs } from './supervisor/command.ts'
import { processLogs } from './supervisor/process.ts'
import { systemdLogs } from './supervisor/systemd.ts'

/** Shell text that prints the newest lines of an instance's own log. */
export function logsScript(placement: Placement, options: LogOptions): Script {
  const { start, id } = placement.instance
  if (start === undefined) return sh`echo ${`${id} has no start in the config: srv keeps no log for it`} >&2; exit 1`
  switch (start.kind) {
    case 'systemd':
      return systemdLogs(placement, start, options)
    case 'process':
      return processLogs(placement, options)
    case 'command':
      return commandLogs(placement, start)
  }
}
