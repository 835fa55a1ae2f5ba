import type { TaskMaker } from '../../../src/index.ts'
import { layoutOf } from '../layout.ts'
import { effective, type Options, type Settings } from '../options.ts'
import { pruneScript, recordScript } from '../scripts/finish.ts'
import { chosen } from './chosen.ts'

/** Records that the run came to its end: only then is the release known to be whole. */
export function recordTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Record the release',
    on: 'instance',
    kinds: ['native'],
    script: (context) => recordScript(layoutOf(context), chosen(context).release.id),
  })
}

/** Removes old releases that srv made; everything else in the folder is left alone. */
export function pruneTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Remove old releases',
    on: 'instance',
    kinds: ['native'],
    describe: (context) => `keep the newest ${String(effective(context.options, context.settings).keep)} releases`,
    script: (context) => pruneScript(layoutOf(context), effective(context.options, context.settings).keep),
    read: (stdout) => ({ removed: Number(/^removed (\d+)$/m.exec(stdout)?.[1] ?? 0) }),
  })
}
