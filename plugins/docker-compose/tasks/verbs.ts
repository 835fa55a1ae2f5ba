import { lines, type TaskMaker } from '../../../src/index.ts'
import { effective, type Options, type Settings } from '../options.ts'
import { verbScript } from '../scripts/ask.ts'
import { watchScript } from '../scripts/watch.ts'
import { siteOf } from '../scripts/prologue.ts'

/** Restarts the containers that are there, as they are, and watches them. */
export function restartTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Restart the containers',
    on: 'instance',
    kinds: ['docker'],
    activates: true,
    script(context) {
      const site = siteOf(context, context.settings)
      return lines(verbScript(site, 'restart'), watchScript(site, effective(context.options, context.settings)))
    },
  })
}

/** Starts the containers of the release that serves. */
export function startTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Start the containers',
    on: 'instance',
    kinds: ['docker'],
    activates: true,
    skip: ({ state }) => (state.running === 'yes' ? 'they run already' : undefined),
    script(context) {
      const site = siteOf(context, context.settings)
      return lines(verbScript(site, 'start'), watchScript(site, effective(context.options, context.settings)))
    },
  })
}

/** Stops the containers and keeps them: what they hold is there when they start again. */
export function stopTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Stop the containers',
    on: 'instance',
    kinds: ['docker'],
    activates: true,
    stops: true,
    script: (context) => verbScript(siteOf(context, context.settings), 'stop'),
  })
}
