import type { Placement } from '../../config/resolved.ts'
import type { Rehearse, Rehearses } from '../../plugin/rehearse.ts'
import { raw } from '../../shell/script.ts'
import type { PluginOfRun } from '../plugin-of-run.ts'

interface Found {
  readonly part: Rehearse<unknown>
  readonly settings: unknown
}

function partFor(plugins: readonly PluginOfRun[], { instance }: Placement): Found | undefined {
  for (const { name, rehearse: part } of plugins) {
    if (part?.kinds.includes(instance.kind) !== true) continue
    return { part, settings: name === undefined ? undefined : instance.settings[name] }
  }
  return undefined
}

/** What a task on an instance is given to start a release of it beside the one that serves. */
export function rehearsesOf(plugins: readonly PluginOfRun[], placement: Placement): Rehearses {
  const found = partFor(plugins, placement)
  return {
    rehearsal(scratch) {
      if (found === undefined)
        return `no plugin of the config can start a second copy of ${placement.instance.kind} instances`
      const { part, settings } = found
      const { parts } = part
      const refused = part.refuse?.(placement, settings, scratch)
      if (refused !== undefined) return refused
      return {
        ...(parts === undefined
          ? {}
          : {
              parts: {
                begin: (names) => parts.begin(placement, settings, scratch, names),
                inside: (name, words, options = {}) => parts.inside(placement, settings, scratch, name, words, options),
              },
            }),
        begin: part.begin(placement, settings, scratch),
        gate: part.gate(placement, settings, scratch),
        enter: part.enter(placement, settings, scratch),
      }
    },
    endRehearsal: (scratch) => (found === undefined ? raw(':') : found.part.end(placement, found.settings, scratch)),
  }
}
