import { sh, srvError, type InstanceContext, type TaskMaker } from '../../../src/index.ts'
import { nameOf } from '../dumps/kinds.ts'
import type { Options, Settings } from '../options.ts'
import { listScript } from '../scripts/prune.ts'
import { stagingOf } from '../scripts/restore.ts'
import { readSnapshots } from '../snapshot.ts'
import { keepersOf, speaks } from '../vault.ts'
import { assertHasDumps, sourceOf } from './bring.ts'
import { askKeeper, kept, where } from './context.ts'
import { stage, switches, whatFailed } from './restore.ts'

type Context = InstanceContext<Options, Record<never, never>, Settings>

/** Brings the snapshot that was made before the deploy of the release that serves. */
export function stageBackTask(task: TaskMaker<Options, Settings>, options: Options) {
  return task({
    title: 'Bring the data of before',
    on: 'instance',
    applies: speaks,
    also: ({ host }) => keepersOf(options, host),
    describe: (context) => `bring the snapshot in ${where(sourceOf(context))} from before this release was deployed`,
    undo: (context) => sh`rm -rf ${stagingOf(context.paths, context.runId)}`,
    async run(context: Context): Promise<string> {
      const { settings, state, host } = context
      const { dumps } = settings
      // What cannot be held is told before anything is brought.
      context.hold('stop')
      const vault = sourceOf(context)
      const { stdout } = await askKeeper(context, vault, listScript(vault))
      const release = state.release?.id
      const found = readSnapshots(stdout).find((one) => one.state === 'good' && one.before === release)
      if (found === undefined) {
        const wanted = `snapshot from before the deploy of ${release ?? 'a release'}`
        throw srvError('SRV-643', { ...kept(context, vault), wanted }, { where: { host: host.name } })
      }
      await assertHasDumps(context, vault, found, dumps)
      await stage(context, vault, found, { dumps })
      return found.id
    },
  })
}

/** Puts those data in place, in the turn of their host, before the release of before is started. */
export function swapBackTask(task: TaskMaker<Options, Settings>, staged: ReturnType<typeof stageBackTask>) {
  return task({
    title: 'Put the data of before in place',
    on: 'instance',
    applies: speaks,
    activates: true,
    describe: ({ paths, runId, settings }) =>
      `keep its data as ${paths.data}.before-${runId}, ${settings.dumps.map((one) => `load ${nameOf(one)}, `).join('')}and go on with those of before`,
    explain: whatFailed,
    undo: (context: Context) =>
      context.output(staged) === undefined ? undefined : switches(context, context.settings).back,
    script: (context: Context) =>
      context.output(staged) === undefined ? undefined : switches(context, context.settings).to,
  })
}
