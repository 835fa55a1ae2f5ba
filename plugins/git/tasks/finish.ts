import { lines, type TaskMaker } from '../../../src/index.ts'
import { layoutOf } from '../layout.ts'
import { effective, type Options, type Settings } from '../options.ts'
import { pruneScript, recordScript } from '../scripts/finish.ts'
import { forgetOldScript, settleScript } from '../scripts/in-place/finish.ts'
import { isInPlace } from '../strategy.ts'
import { chosen } from './chosen.ts'

/** Records that the run finished: only then is the release known to be complete. */
export function recordTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Record the release',
    on: 'instance',
    script(context) {
      const layout = layoutOf(context)
      const record = recordScript(layout, chosen(context).release.id)
      return isInPlace(context.options, context.settings) ? lines(record, settleScript(layout)) : record
    },
  })
}

/** Removes old releases that srv made; everything else in the folder is left alone. */
export function pruneTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Remove old releases',
    on: 'instance',
    describe: (context) => `keep the newest ${String(effective(context.options, context.settings).keep)} releases`,
    script(context) {
      const { strategy, keep } = effective(context.options, context.settings)
      return strategy === 'in-place' ? forgetOldScript(layoutOf(context), keep) : pruneScript(layoutOf(context), keep)
    },
    read: (stdout) => ({ removed: Number(/^removed (\d+)$/m.exec(stdout)?.[1] ?? 0) }),
  })
}
