import type { Placement } from '../config/resolved.ts'
import type { Applicable } from '../plugin/contract.ts'

/** Whether a part of a plugin has anything to do with a placement, from the config alone. */
export function appliesTo(part: Applicable, plugin: string | undefined, placement: Placement): boolean {
  if (part.kinds !== undefined && !part.kinds.includes(placement.instance.kind)) return false
  const settings = plugin === undefined ? undefined : placement.instance.settings[plugin]
  return part.applies?.(placement, settings) ?? true
}
