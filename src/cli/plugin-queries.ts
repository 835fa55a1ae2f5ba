import type { Placement } from '../config/resolved.ts'
import type { Queries } from '../plugin/queries.ts'
import type { Script } from '../shell/script.ts'
import type { Project } from './project.ts'

/** How one plugin of the config answers for an instance, with its validated settings of it. */
export interface Asked {
  readonly queries: Queries<unknown>
  readonly settings: unknown
}

/** The plugin that answers one kind of question for an instance; `undefined` when the stock answer is used. */
export function pluginFor(project: Project, { instance }: Placement, sort: 'logs' | 'ps' | 'exec'): Asked | undefined {
  for (const { name, parts } of project.config.plugins) {
    const queries: Queries<unknown> | undefined = parts.queries
    if (queries?.kinds.includes(instance.kind) === true && queries[sort] !== undefined) {
      return { queries, settings: instance.settings[name] }
    }
  }
  return undefined
}

/** Shell text that runs a command inside an instance, in the part of it that has this name; nothing when it has no parts. */
export function execInside(
  project: Project,
  placement: Placement,
  inside: string,
  words: readonly string[],
): Script | undefined {
  const found = pluginFor(project, placement, 'exec')
  return found?.queries.exec?.(placement, found.settings, inside, words)
}
