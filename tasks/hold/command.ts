import { lines, raw, type HoldMode, type Placement, type Script } from '../../src/index.ts'
import { commandLook, commandStart, commandStop, type CommandSupervisor } from '../supervisor/command.ts'

/** Without the `status` and `stop` commands, srv could not tell what ran, or keep it from writing. */
export function whyNotCommand({ stop, status }: CommandSupervisor, how: HoldMode): string | undefined {
  if (how === 'pause') return 'it is run by commands, which can stop it but not freeze it'
  if (stop === undefined) return 'its commands have no `stop`'
  return status === undefined
    ? 'its commands have no `status`, so srv could not tell whether to start it again'
    : undefined
}

/** Prints a line when the user's command says that it runs. */
export function whichCommand(placement: Placement, supervisor: CommandSupervisor): Script {
  return lines(commandLook(placement, supervisor), raw('look; [ "$alive" != yes ] || echo commands'))
}

/** Ends it by the user's command, unless it has ended. */
export function holdCommand(placement: Placement, supervisor: CommandSupervisor): Script {
  return lines(
    commandLook(placement, supervisor),
    raw('look\nif [ "$alive" = yes ]; then'),
    commandStop(placement, supervisor),
    raw('fi'),
  )
}

/** Starts it by the user's command, unless it runs. */
export function resumeCommand(placement: Placement, supervisor: CommandSupervisor): Script {
  return lines(
    commandLook(placement, supervisor),
    raw('look\nif [ "$alive" != yes ]; then'),
    commandStart(placement, supervisor),
    raw('fi'),
  )
}
