import { lines, raw, type Hold, type HoldMode, type Placement, type Script, type Supervisor } from '../src/index.ts'
import { holdCommand, resumeCommand, whichCommand, whyNotCommand } from './hold/command.ts'
import { holdProcess, resumeProcess, whichProcess } from './hold/process.ts'
import { holdUnit, resumeUnit, whichUnit } from './hold/systemd.ts'
import { locate } from './host/site.ts'

function which(placement: Placement, supervisor: Supervisor): Script {
  switch (supervisor.kind) {
    case 'systemd':
      return whichUnit(placement, supervisor)
    case 'process':
      return whichProcess(placement)
    case 'command':
      return whichCommand(placement, supervisor)
  }
}

function hold(placement: Placement, supervisor: Supervisor, how: HoldMode): Script {
  switch (supervisor.kind) {
    case 'systemd':
      return holdUnit(placement, supervisor, how)
    case 'process':
      return holdProcess(placement, supervisor, how)
    case 'command':
      return holdCommand(placement, supervisor)
  }
}

function resume(placement: Placement, supervisor: Supervisor): Script {
  switch (supervisor.kind) {
    case 'systemd':
      return resumeUnit(placement, supervisor)
    case 'process':
      return resumeProcess(placement)
    case 'command':
      return resumeCommand(placement, supervisor)
  }
}

/** Nothing of an instance without `start` runs, as far as srv knows. */
function withStart(placement: Placement, text: (supervisor: Supervisor) => Script): Script {
  const { start } = placement.instance
  return start === undefined ? raw(':') : lines(locate(placement), text(start))
}

/** How native instances are kept from writing to their data for a while: as they are, without a new unit or release. */
export const holdNative: Hold<unknown> = {
  kinds: ['native'],
  refuse: ({ instance: { start } }, _settings, how) =>
    start?.kind === 'command' ? whyNotCommand(start, how) : undefined,
  running: (placement) => withStart(placement, (start) => which(placement, start)),
  hold: (placement, _settings, how) => withStart(placement, (start) => hold(placement, start, how)),
  resume: (placement) => withStart(placement, (start) => resume(placement, start)),
}
