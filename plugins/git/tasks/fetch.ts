import type { TaskMaker } from '../../../src/index.ts'
import { layoutOf } from '../layout.ts'
import { effective, type Options, type Settings } from '../options.ts'
import { fetchScript, removeScript } from '../scripts/fetch.ts'
import { sourceOf } from '../source.ts'
import { chosen } from './chosen.ts'

/** Makes the release folder on the host; the commit comes from the repository, or was sent before. */
export function fetchTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Make the release folder',
    on: 'instance',
    kinds: ['native'],
    describe: ({ next }) => next && `make ${next.folder} from ${next.release.commit?.slice(0, 7) ?? 'its commit'}`,
    script(context) {
      const settings = effective(context.options, context.settings)
      const { release, commit, digest } = chosen(context)
      return fetchScript(layoutOf(context), {
        id: release.id,
        commit,
        path: settings.path,
        source: sourceOf(context.instance, settings, context.projectRoot),
        record: {
          id: release.id,
          commit,
          by: context.actor,
          made: context.startedAt,
          ...(release.ref === undefined ? {} : { ref: release.ref }),
          ...(digest === undefined ? {} : { digest }),
        },
      })
    },
    undo: (context) => removeScript(layoutOf(context), chosen(context).release.id),
  })
}
