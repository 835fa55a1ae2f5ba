import { lines, raw, type HoldMode, type Placement, type Script } from '../../src/index.ts'
import { processAgain, processStop, type ProcessSupervisor } from '../supervisor/process.ts'
import { processTools } from '../supervisor/process-tools.ts'
import { frozen } from './frozen.ts'

const tell = raw('tell() { for one in $(survivors); do kill "-$1" "$one" 2>/dev/null || :; done; }')

/** Prints a line when anything of the session runs. */
export function whichProcess(placement: Placement): Script {
  return lines(processTools(placement), raw('[ -z "$(survivors)" ] || echo process'))
}

/** Freezes or ends everything in the session of the app; a frozen process has to be woken up to end. */
export function holdProcess(placement: Placement, supervisor: ProcessSupervisor, how: HoldMode): Script {
  const tools = lines(processTools(placement), tell)
  switch (how) {
    case 'pause':
      return lines(tools, raw('freeze() { tell STOP; }\ncensus() { survivors; }'), frozen)
    case 'stop':
      return lines(tools, raw('tell CONT'), processStop(placement, supervisor))
  }
}

/** Wakes up the session of the app, or starts again what ran last. */
export function resumeProcess(placement: Placement): Script {
  return lines(processTools(placement), tell, raw('tell CONT'), processAgain())
}
