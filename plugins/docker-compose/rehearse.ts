import type { Rehearse } from '../../src/index.ts'
import type { Options, Settings } from './options.ts'
import { roleOf } from './place.ts'
import { beginScript, endScript, enterScript, gateScript, insideScript } from './scripts/rehearse.ts'

/** How a release of a docker instance is started beside the one that serves: its frozen model as a project of another name. */
export function rehearse(options: Options): Rehearse<Settings> {
  return {
    kinds: ['docker'],
    refuse(placement, _settings, { start }) {
      if (roleOf(placement) !== 'alone') return 'it runs in a swarm'
      return start === undefined ? undefined : '`rehearsal: { start }` is for native instances'
    },
    parts: { begin: beginScript, inside: insideScript },
    begin: beginScript,
    gate: (placement, settings, scratch) => gateScript(placement, settings, options, scratch),
    enter: enterScript,
    end: endScript,
  }
}
