import { placeOn } from '../../config/paths.ts'
import type { Placement } from '../../config/resolved.ts'
import { srvError } from '../../error/srv-error.ts'
import { appliesTo } from '../../plan/applies.ts'
import type { LeaseHolder, LeaseTexts, Quiet } from '../../plugin/quiet.ts'
import type { HoldMode } from '../../plugin/hold.ts'
import {
  becomeScript,
  heldScript,
  holdScript,
  provedScript,
  ranScript,
  resumeScript,
  wakeScript,
  type Holdable,
} from '../../plugin/hold-script.ts'
import type { ExecOptions } from '../../plugin/queries.ts'
import { lines, raw, type Script } from '../../shell/script.ts'
import { leaseTextsOf } from '../lease/script.ts'
import type { PluginOfRun } from '../plugin-of-run.ts'

/** Every instance of the placement's service on its host, whichever of them the run is about: all write to the same data. */
function neighbours({ host, service }: Placement): readonly Placement[] {
  return service.instances.map((instance) => placeOn(host, service, instance))
}

function settingsOf({ name }: PluginOfRun, { instance }: Placement): unknown {
  return name === undefined ? undefined : instance.settings[name]
}

function holdable(plugins: readonly PluginOfRun[], placement: Placement): Holdable | undefined {
  for (const plugin of plugins) {
    const part = plugin.hold
    if (part?.kinds.includes(placement.instance.kind) === true) {
      return { placement, part, settings: settingsOf(plugin, placement) }
    }
  }
  return undefined
}

/** Why one of the instances of a service cannot be held on a host; nothing when all can. */
function refusal(
  plugins: readonly PluginOfRun[],
  placement: Placement,
  how: HoldMode,
): { readonly placement: Placement; readonly problem: string } | undefined {
  for (const one of neighbours(placement)) {
    const found = holdable(plugins, one)
    const problem =
      found === undefined
        ? `no plugin of the config knows how to ${how} ${one.instance.kind} instances`
        : found.part.refuse?.(one, found.settings, how)
    if (problem !== undefined) return { placement: one, problem }
  }
  return undefined
}

/** Why the service of a placement cannot be held there, in one sentence; nothing when it can. */
export function refusesHold(plugins: readonly PluginOfRun[], placement: Placement, how: HoldMode): string | undefined {
  const found = refusal(plugins, placement, how)
  return found === undefined ? undefined : `${found.placement.instance.id}: ${found.problem}`
}

/** What a task on an instance is given to keep its service quiet, and to reach what runs inside it. */
export function quietOf(plugins: readonly PluginOfRun[], placement: Placement): Quiet {
  const ones = (): readonly Holdable[] =>
    neighbours(placement).flatMap((neighbour) => holdable(plugins, neighbour) ?? [])
  return {
    hold(how) {
      const found = refusal(plugins, placement, how)
      if (found !== undefined) {
        const { id, instance, host } = found.placement
        throw srvError(
          'SRV-303',
          { target: id, how, problem: found.problem },
          { where: { host: host.name, instance: instance.id } },
        )
      }
      return holdScript(ones(), how)
    },
    held: () => heldScript(ones()),
    ran: () => ranScript(ones()),
    proved: (how) => provedScript(ones(), how, (one) => healthText(plugins, one, how)),
    resume: () => resumeScript(ones()),
    wake: (names) => wakeScript(ones(), names),
    become(release) {
      const own = holdable(plugins, placement)
      return own === undefined ? raw(':') : becomeScript(own, release)
    },
    lease: (holder) => leaseTexts(placement, holder),
    serving: (instance = placement.instance) =>
      servingScript(plugins, placeOn(placement.host, placement.service, instance)),
    inside: (name, words, options) => insideScript(plugins, placement, name, words, options),
  }
}

function healthText(plugins: readonly PluginOfRun[], placement: Placement, how: HoldMode): Script | undefined {
  for (const { askHealth } of plugins) {
    const text = askHealth?.(placement, how)
    if (text !== undefined) return text
  }
  return undefined
}

function leaseTexts({ service, paths }: Placement, holder: LeaseHolder): LeaseTexts {
  return leaseTextsOf({ service: service.name, state: paths.state }, holder)
}

/** The text of the last plugin that can tell, since its answer wins in an inspection too. */
function servingScript(plugins: readonly PluginOfRun[], placement: Placement): Script {
  for (const plugin of plugins.toReversed()) {
    const { name, inspect, options } = plugin
    if (inspect?.serving === undefined || !appliesTo(inspect, name, placement)) continue
    return lines(raw('('), inspect.serving(placement, settingsOf(plugin, placement), options), raw(')'))
  }
  return raw(':')
}

function insideScript(
  plugins: readonly PluginOfRun[],
  placement: Placement,
  name: string,
  words: readonly string[],
  options: ExecOptions = {},
): Script | undefined {
  for (const one of neighbours(placement)) {
    for (const plugin of plugins) {
      const { queries } = plugin
      if (queries?.exec === undefined || !queries.kinds.includes(one.instance.kind)) continue
      return lines(raw('('), queries.exec(one, settingsOf(plugin, one), name, words, options), raw(')'))
    }
  }
  return undefined
}
