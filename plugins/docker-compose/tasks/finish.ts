import { lines, type TaskMaker } from '../../../src/index.ts'
import { effective, type Options, type Settings } from '../options.ts'
import { letGoScript } from '../scripts/byhand.ts'
import { pruneScript } from '../scripts/prune.ts'
import { siteOf } from '../scripts/prologue.ts'

/** Removes frozen releases and image tags that are too old for a rollback, and the containers that a first release replaced. */
export function pruneTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Remove old images',
    on: 'instance',
    kinds: ['docker'],
    describe: ({ options, settings }) =>
      `keep the images of the newest ${String(effective(options, settings).keep)} releases`,
    script: (context) => {
      const { keep } = effective(context.options, context.settings)
      const site = siteOf(context, context.settings)
      const prune = pruneScript(site, keep, context.state.release?.id ?? '')
      return site.role === 'alone' ? lines(letGoScript(site), prune) : prune
    },
    read: (stdout) => ({ removed: Number(/^removed (\d+)$/m.exec(stdout)?.[1] ?? 0) }),
  })
}
