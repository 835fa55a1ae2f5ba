import { sh, type Placement, type Script } from '../src/index.ts'
import { commandLogs } from './supervisor/command.ts'
import { processLogs } from './supervisor/process.ts'
import { systemdLogs } from './supervisor/systemd.ts'

/** Which part of a log to show. */
export interface LogOptions {
  /** Keep printing what is written from now on. */
  readonly follow?: boolean
  /** @default 100 */
  readonly lines?: number
  /** A time as journalctl takes it: `2026-11-22 14:00`, `-1h`. Only systemd's journal knows times. */
  readonly since?: string
}

/** Shell text that prints the newest lines of an instance's own log. */
export function logsScript(placement: Placement, options: LogOptions = {}): Script {
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
