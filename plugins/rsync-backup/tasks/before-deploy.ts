import type { InstanceContext, TaskMaker } from '../../../src/index.ts'
import { sourceScript } from '../checks.ts'
import type { Options, Settings } from '../options.ts'
import type { Snapshot } from '../snapshot.ts'
import { destinationsOf, keepersOf, speaks } from '../vault.ts'
import { describeCopies, makeSnapshots } from './snapshot.ts'

/**
 * Makes the snapshot that `rollback --with-data` goes back to. Without it in every destination, or in one where that is
 * enough, the deploy changes nothing. A service without data yet has nothing to lose.
 */
export function beforeDeployTask(task: TaskMaker<Options, Settings>, options: Options) {
  return task({
    title: 'Copy the data before the deploy',
    on: 'instance',
    applies: (placement, settings: Settings) => settings.beforeDeploy && speaks(placement),
    also: ({ host }) => keepersOf(options, host),
    alsoMayFail: options.beforeDeploy === 'any' && destinationsOf(options).length > 1,
    skip: ({ next }) => (next === undefined ? 'there is nothing to deploy' : undefined),
    describe: describeCopies,
    async run(context: InstanceContext<Options, Record<never, never>, Settings>): Promise<readonly Snapshot[]> {
      const { next, settings, state } = context
      if (next === undefined) return []
      if (state.release === undefined) {
        const { end } = await context.probe`${sourceScript(context, settings)}`
        if (end.kind === 'exit' && end.code === 3) {
          context.progress('there is no data yet')
          return []
        }
      }
      return makeSnapshots(context, { allowShrunk: false, before: next.release.id, adopt: false })
    },
  })
}
