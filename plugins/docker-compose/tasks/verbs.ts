import type { Placement, TaskMaker } from '../../../src/index.ts'
import { effective, type Options, type Settings } from '../options.ts'
import { stopScript } from '../scripts/ask.ts'
import { beginScript } from '../scripts/watch.ts'
import { roleOf } from '../place.ts'
import { siteOf } from '../scripts/prologue.ts'
import { stackRestartScript, stackScript, stackStopScript } from '../swarm/deploy.ts'

/** In a swarm only the manager is told what to run. */
function isTold(placement: Placement): boolean {
  return roleOf(placement) !== 'node'
}

/** Restarts the containers that are there, as they are, and watches them. */
export function restartTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Restart the containers',
    on: 'instance',
    kinds: ['docker'],
    applies: isTold,
    activates: true,
    script(context) {
      const site = siteOf(context, context.settings)
      if (site.role === 'manager') return stackRestartScript(site, context.options)
      return beginScript(site, 'restart', effective(context.options, context.settings))
    },
  })
}

/** Starts the containers of the release that serves. */
export function startTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Start the containers',
    on: 'instance',
    kinds: ['docker'],
    applies: isTold,
    activates: true,
    skip: ({ state }) => (state.running === 'yes' && state.drift.length === 0 ? 'they run already' : undefined),
    script(context) {
      const site = siteOf(context, context.settings)
      const id = context.state.release?.id
      if (site.role === 'manager') return id === undefined ? undefined : stackScript(site, context.options, id)
      return beginScript(site, 'start', effective(context.options, context.settings))
    },
  })
}

/** Stops the containers and keeps them, so that their content is there when they start again. */
export function stopTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Stop the containers',
    on: 'instance',
    kinds: ['docker'],
    applies: isTold,
    activates: true,
    stops: true,
    script(context) {
      const site = siteOf(context, context.settings)
      return site.role === 'manager' ? stackStopScript(site) : stopScript(site)
    },
  })
}
