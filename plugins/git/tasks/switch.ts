import type { TaskMaker } from '../../../src/index.ts'
import { layoutOf } from '../layout.ts'
import type { Options, Settings } from '../options.ts'
import { switchBackScript, switchScript } from '../scripts/switch.ts'
import { chosen } from './chosen.ts'

/** Makes the chosen release the one that serves, by one rename. */
export function switchTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Switch to the release',
    on: 'instance',
    kinds: ['native'],
    activates: true,
    describe: ({ state, next }) => next && `switch from ${state.release?.id ?? 'nothing'} to ${next.release.id}`,
    script: (context) => switchScript(layoutOf(context), chosen(context).release.id, context.actor),
    undo: (context) => switchBackScript(layoutOf(context), chosen(context).release.id),
  })
}
