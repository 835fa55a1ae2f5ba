import { lines, raw, writeVariables, type Placement, type Rehearse, type Scratch, type Script } from '../src/index.ts'
import { gateScript } from './health/gate.ts'
import { locate, makePrivate } from './host/site.ts'
import { enterEnvironment, placeVariables, releaseVariables } from './host/variables.ts'
import { copyRelease } from './rehearse/copy.ts'
import { endedSite, scratchSite, stopTimeoutOf, supervisorOf } from './rehearse/place.ts'
import { beginUnit, endUnit } from './rehearse/unit.ts'
import { processStart, processStop } from './supervisor/process.ts'

function begin(placement: Placement, scratch: Scratch): Script {
  const site = scratchSite(placement, scratch)
  const { start } = site.instance
  return lines(
    copyRelease(placement, scratch),
    locate(site),
    makePrivate,
    writeVariables('"$private/run.env"', [
      ...placeVariables(site),
      ...releaseVariables(scratch.environment, scratch.release),
    ]),
    start?.kind === 'systemd'
      ? beginUnit(site, start)
      : start?.kind === 'process'
        ? processStart(site, start)
        : raw(':'),
  )
}

function end(placement: Placement, scratch: Pick<Scratch, 'folder' | 'data'>): Script {
  const site = endedSite(placement, scratch)
  const { start } = site.instance
  return lines(
    locate(site),
    processStop(site, { kind: 'process', exec: '', stopTimeoutMs: stopTimeoutOf(start) }),
    ...(start?.kind === 'systemd' ? [endUnit(site, start)] : []),
  )
}

function refuse(placement: Placement, scratch: Scratch): string | undefined {
  if (placement.instance.start === undefined) return 'it has no `start` in the config, so nothing of it runs'
  if (supervisorOf(placement, scratch) !== undefined) return undefined
  return 'it is started by commands, which would start the real service: set `rehearsal: { start }` to start something else instead'
}

/** How a release of a native instance is started next to the one that serves: a copy of it, with its own port and data. */
export const rehearseNative: Rehearse<unknown> = {
  kinds: ['native'],
  refuse: (placement, _settings, scratch) => refuse(placement, scratch),
  begin: (placement, _settings, scratch) => begin(placement, scratch),
  gate: (placement, _settings, scratch) => gateScript(scratchSite(placement, scratch)),
  enter(placement, _settings, scratch) {
    const site = scratchSite(placement, scratch)
    return lines(locate(site), enterEnvironment(site))
  },
  end: (placement, _settings, scratch) => end(placement, scratch),
}
