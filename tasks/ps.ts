import { lines, raw, sh, type Placement, type Script } from '../src/index.ts'
import { locate } from './host/site.ts'
import { commandLook } from './supervisor/command.ts'
import { processTools } from './supervisor/process-tools.ts'
import { systemdTools } from './supervisor/systemd.ts'

/** Shell text that prints what runs of an instance, as its supervisor shows it. */
export function psScript(placement: Placement): Script {
  const { start, id } = placement.instance
  if (start === undefined) return sh`echo ${`${id} has no start in the config: srv runs nothing for it`}`
  switch (start.kind) {
    case 'systemd':
      return lines(
        locate(placement),
        systemdTools(placement, start),
        raw('control status --no-pager --lines=0 "$unit" 2>&1 || :'),
      )
    case 'process':
      return lines(
        locate(placement),
        processTools(placement),
        raw(`found=$(survivors | tr '\\n' ',')
if [ -n "$found" ]; then ps -o pid,ppid,etime,rss,args -p "\${found%,}"; else echo 'not running'; fi`),
      )
    case 'command':
      return lines(
        locate(placement),
        commandLook(placement, start),
        raw(`look
case $alive in yes) echo running ;; unknown) echo 'no status command is configured: it is unknown whether it is running' ;; *) echo 'not running' ;; esac`),
      )
  }
}
