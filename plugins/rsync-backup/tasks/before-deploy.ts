import type { InstanceContext, TaskMaker } from '../../../src/index.ts'
import { sourceScript } from '../checks.ts'
import type { Options, Settings } from '../options.ts'
import type { Snapshot } from '../snapshot.ts'
import { destinationsOf, keepersOf } from '../vault.ts'
import { describeCopies, makeSnapshots } from './snapshot.ts'
import { isAlone } from './with-data.ts'

type Context = InstanceContext<Options, Record<never, never>, Settings>

/** The snapshots of a service's data that were made on a host, and for which instance. */
interface Made {
  readonly instance: string
  readonly snapshots: Promise<readonly Snapshot[]>
}

/** Makes them for the first instance that comes: all instances of a service have one data folder. */
async function makeOnce(context: Context, before: string, all: Map<string, Made>): Promise<readonly Snapshot[]> {
  const { runId, host, service, instance } = context
  const key = `${runId} ${host.name} ${service.name}`
  const made = all.get(key)
  if (made !== undefined) {
    const snapshots = await made.snapshots
    context.done(`the snapshot that was made before the deploy of ${made.instance} is for this one too`)
    return snapshots
  }
  const snapshots = makeSnapshots(context, { allowShrunk: false, before, adopt: false })
  all.set(key, { instance: instance.id, snapshots })
  return snapshots
}

/**
 * Makes the snapshot that `rollback --with-data` goes back to. Without it in every destination, or in one where that is
 * enough, the deploy changes nothing. A service without data yet has nothing to lose.
 */
export function beforeDeployTask(task: TaskMaker<Options, Settings>, options: Options) {
  const made = new Map<string, Made>()
  return task({
    title: 'Copy the data before the deploy',
    on: 'instance',
    applies: (_placement, { beforeDeploy }: Settings) => beforeDeploy,
    also: ({ host }) => keepersOf(options, host),
    alsoMayFail: options.beforeDeploy === 'any' && destinationsOf(options).length > 1,
    skip: ({ next }) => (next === undefined ? 'there is nothing to deploy' : undefined),
    describe: (context) =>
      `${describeCopies(context)}${context.service.instances.length > 1 ? `, once for all instances of ${context.service.name}` : ''}`,
    async run(context: Context): Promise<readonly Snapshot[]> {
      const { next, settings, state } = context
      if (next === undefined) return []
      if (state.release === undefined) {
        const { end } = await context.probe`${sourceScript(context, settings)}`
        if (end.kind === 'exit' && end.code === 3) {
          context.progress('there is no data yet')
          return []
        }
      }
      const snapshots = await makeOnce(context, next.release.id, made)
      if (isAlone(context.service)) context.keptData()
      return snapshots
    },
  })
}
