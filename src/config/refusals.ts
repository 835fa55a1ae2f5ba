import type { SetUpPlugin } from '../plugin/setup.ts'
import { problemText } from './problem.ts'
import type { Placement } from './resolved.ts'

/** What plugins say is wrong with settings of instances where these are placed, a line each. */
export function refusals(plugins: readonly SetUpPlugin[], placements: readonly Placement[]): readonly string[] {
  const all = placements.flatMap((placement) =>
    plugins.flatMap(({ name, parts }) => {
      const { service, name: instance, settings } = placement.instance
      const text = parts.refuse?.(placement, settings[name])
      return text === undefined ? [] : [problemText({ path: ['services', service, 'instances', instance, name], text })]
    }),
  )
  return [...new Set(all)]
}
