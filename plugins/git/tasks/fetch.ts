import type { InstanceContext, Script, TaskMaker, TaskWithResult } from '../../../src/index.ts'
import { layoutOf } from '../layout.ts'
import { effective, type Options, type Settings } from '../options.ts'
import { explainRefusal } from '../refusal.ts'
import { fetchScript, removeScript } from '../scripts/fetch.ts'
import { fetchIntoScript, forgetScript } from '../scripts/in-place/fetch.ts'
import { originOf, sourceOf } from '../source.ts'
import { isInPlace } from '../strategy.ts'
import { chosen } from './chosen.ts'
import type { Resolution } from './resolve.ts'

type Context = InstanceContext<Options, Record<never, never>, Settings>

function script(context: Context, resolve: TaskWithResult<Resolution>): Script {
  const settings = effective(context.options, context.settings)
  const { release, commit, digest } = chosen(context)
  const { id, env } = context.instance
  const source = sourceOf(context.instance, settings, context.projectRoot)
  const record = {
    id: release.id,
    commit,
    by: context.actor,
    made: context.startedAt,
    ...(release.ref === undefined ? {} : { ref: release.ref }),
    ...(digest === undefined ? {} : { digest }),
  }
  const making = { id: release.id, commit, source, record }
  if (settings.strategy === 'releases')
    return fetchScript(layoutOf(context), {
      ...making,
      // What was sent is the content of the folder itself.
      path: source.kind === 'files' ? undefined : settings.path,
    })
  return fetchIntoScript(layoutOf(context), {
    ...making,
    branch: context.output(resolve)?.branches[id],
    origin: originOf(source),
    reset: settings.reset,
    writesVariables: Object.keys(env).length > 0,
    url: source.kind === 'remote' ? source.url : undefined,
  })
}

/** Makes the release ready on the host, in a folder of its own or in the checkout's `.git`; the commit comes from the repository, or was sent before. */
export function fetchTask(task: TaskMaker<Options, Settings>, resolve: TaskWithResult<Resolution>) {
  return task({
    title: 'Fetch the release',
    on: 'instance',
    describe({ next, options, settings }) {
      const commit = next?.release.commit?.slice(0, 7) ?? 'its commit'
      if (next === undefined) return undefined
      return isInPlace(options, settings)
        ? `fetch ${commit} into ${next.folder}`
        : `create ${next.folder} from ${commit}`
    },
    explain: ({ stdout }, context) => explainRefusal(context, chosen(context).commit, stdout),
    script: (context) => script(context, resolve),
    undo(context) {
      const { release } = chosen(context)
      return isInPlace(context.options, context.settings)
        ? forgetScript(layoutOf(context), release.id)
        : removeScript(layoutOf(context), release.id)
    },
  })
}
