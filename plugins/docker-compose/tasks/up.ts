import type { TaskMaker } from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import { backScript } from '../scripts/back.ts'
import { convergeScript } from '../scripts/converge.ts'
import { evidenceScript } from '../scripts/evidence.ts'
import { siteOf } from '../scripts/prologue.ts'
import { changedIn } from '../state/details.ts'
import { stackRetireScript, stackScript, standInScript } from '../swarm/deploy.ts'
import { orderOf } from './order.ts'

/** What Docker prints while all is well. */
const chatter = /^ *(Container|Network|Volume) |^(Creating|Updating|Removing) (service|network|config|secret) /

/**
 * Replaces the containers by those of the release, in the order of their dependencies. Run again after an undo, it brings
 * back the previous release without building anything, since that was frozen; or, after a first deploy, what a person had
 * started before.
 */
export function upTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Start the containers',
    on: 'instance',
    kinds: ['docker'],
    activates: true,
    reapply: true,
    describe: orderOf,
    undo(context) {
      const { next, state, settings } = context
      const site = siteOf(context, settings, next?.release)
      return next === undefined || site.role !== 'alone'
        ? undefined
        : evidenceScript(site, next.release.id, state.release?.id)
    },
    explain: ({ stderr }) =>
      stderr
        .split('\n')
        .find((line) => line.trim() !== '' && !chatter.test(line))
        ?.trim(),
    script(context) {
      const { next, state, options, settings } = context
      const id = next?.release.id ?? state.release?.id
      const site = {
        ...siteOf(context, settings, next?.release ?? state.release),
        changed: changedIn(state),
        // Nobody tells the digest of a release whose run did not come to its end.
        isThrough: state.digest !== undefined,
      }
      switch (site.role) {
        case 'alone':
          return next === undefined ? backScript(site, options, id) : convergeScript(site, options, next.release.id)
        case 'manager':
          return id === undefined ? stackRetireScript(site) : stackScript(site, options, id)
        case 'node':
          return id === undefined ? stackRetireScript(site) : standInScript(site, id)
      }
    },
  })
}
