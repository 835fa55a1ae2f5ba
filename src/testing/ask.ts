import type { Answer, Verdict } from '../plugin/contract.ts'
import type { Plugin } from '../plugin/plugin.ts'
import { unknownState, type InstanceState } from '../plugin/state.ts'
import { display } from '../shell/script.ts'
import { testPlacement } from './placement.ts'
import { setUp } from './set-up.ts'
import type { Situation } from './situation.ts'

/** Answers a probe's text: from a table, or by running it with a real shell. */
type Respond = (script: string) => Answer | Promise<Answer>

/**
 * Asks one check of a plugin by its title; nothing when it does not apply to the instance.
 *
 * @throws Error when the plugin has no such check on hosts or instances
 */
export async function askCheck(
  plugin: Plugin,
  title: string,
  situation: Situation,
  respond: Respond,
): Promise<Verdict | undefined> {
  const { parts, options, settings: validated } = await setUp(plugin)
  const check = parts.checks?.find((one) => one.title === title)
  if (check === undefined || check.on === 'once') throw new Error(`there is no check ${title} on hosts`)
  const placement = testPlacement(situation)
  const settings = await validated(situation.settings)
  const acts = check.kinds?.includes(placement.instance.kind) ?? true
  if (!acts || check.applies?.(placement, settings) === false) return undefined
  return check.judge(await respond(display(check.probe(placement, settings, options))), placement, settings)
}

/** What a plugin's `inspect` makes of the answer to its probe. @throws Error when the plugin has none */
export async function inspectWith(
  plugin: Plugin,
  situation: Situation,
  respond: Respond,
): Promise<Partial<InstanceState>> {
  const { parts, options, settings: validated } = await setUp(plugin)
  if (parts.inspect === undefined) throw new Error('the plugin inspects nothing')
  const placement = testPlacement(situation)
  const settings = await validated(situation.settings)
  const answer = await respond(display(parts.inspect.probe(placement, settings, options)))
  return parts.inspect.read(answer, placement, settings, { ...unknownState, ...situation.state })
}
