import type { TaskMaker } from '../../../src/index.ts'
import { effective, type Options, type Settings } from '../options.ts'
import { pruneScript } from '../scripts/prune.ts'
import { siteOf } from '../scripts/prologue.ts'

/** Removes frozen releases and image tags that are too old to be gone back to. */
export function pruneTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Remove old images',
    on: 'instance',
    kinds: ['docker'],
    describe: ({ options, settings }) =>
      `keep the images of the newest ${String(effective(options, settings).keep)} releases`,
    script: (context) => {
      const { keep } = effective(context.options, context.settings)
      return pruneScript(siteOf(context, context.settings), keep, context.state.release?.id ?? '')
    },
    read: (stdout) => ({ removed: Number(/^removed (\d+)$/m.exec(stdout)?.[1] ?? 0) }),
  })
}
