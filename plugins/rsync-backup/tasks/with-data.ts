import { sh, srvError, type InstanceContext, type TaskMaker } from '../../../src/index.ts'
import { nameOf } from '../dumps/kinds.ts'
import type { Options, Settings } from '../options.ts'
import { listScript } from '../scripts/prune.ts'
import { stagingOf } from '../scripts/restore.ts'
import { readSnapshots } from '../snapshot.ts'
import { speaks } from '../vault.ts'
import { assertHasDumps } from './bring.ts'
import { askKeeper, kept, where } from './context.ts'
import { loadTexts, whatFailed } from './load.ts'
import { stage } from './restore.ts'
import { sourceFlag, sourceOf, sourcesIn } from './source.ts'
import { settle, switchBack, switchOver } from './switch.ts'

const flags = { source: sourceFlag } as const

type Context = InstanceContext<Options, Record<never, never>, Settings>

/**
 * @throws SrvError SRV-649 for a service of which more is started than the one instance: another release of it would run on
 *   the data of before until its own turn comes, or the other way round
 */
export function assertAlone({ service, host }: Pick<Context, 'service' | 'host'>): void {
  const [first, ...others] = service.instances
  if (first?.kind === 'native' && others.length === 0) return
  throw srvError('SRV-649', { service: service.name, host: host.name }, { where: { host: host.name } })
}

/** Brings the snapshot that was made before the deploy of the release that serves. */
export function stageBackTask(task: TaskMaker<Options, Settings>, options: Options) {
  return task({
    title: 'Bring the data of before',
    on: 'instance',
    applies: speaks,
    also: (placement, _settings, said) => sourcesIn(options, placement, said),
    flags,
    describe: (context) =>
      `bring the snapshot in ${where(sourceOf(context, context.flags))} from before this release was deployed`,
    undo: (context) => sh`rm -rf ${stagingOf(context.paths, context.runId)}`,
    async run(context: InstanceContext<Options, typeof flags, Settings>): Promise<string> {
      const { settings, state, host } = context
      const { dumps } = settings
      // What cannot be held or loaded is told before anything is brought.
      assertAlone(context)
      context.hold('stop')
      loadTexts(context, dumps)
      const vault = sourceOf(context, context.flags)
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

/**
 * Puts those data in place, in the turn of their host. Nothing is started by it: the release that wrote the newer data
 * must not see them, and the one of before is started by what follows.
 */
export function swapBackTask(task: TaskMaker<Options, Settings>, staged: ReturnType<typeof stageBackTask>) {
  return task({
    title: 'Put the data of before in place',
    on: 'instance',
    applies: speaks,
    activates: true,
    describe: ({ paths, runId, settings }) =>
      `keep its data as ${paths.data}.before-${runId}, ${settings.dumps.map((one) => `load ${nameOf(one)}, `).join('')}and go on with those of before`,
    explain: ({ stderr }) => whatFailed(stderr.split('\n')),
    undo: (context: Context) =>
      context.output(staged) === undefined ? undefined : switchBack(context, context.settings),
    script: (context: Context) =>
      context.output(staged) === undefined ? undefined : switchOver(context, context.settings),
  })
}

/**
 * Forgets what ran before, once the release of before was proved, or brings it back when nothing started it; from here on
 * the host puts nothing back by itself.
 */
export function settleBackTask(task: TaskMaker<Options, Settings>, staged: ReturnType<typeof stageBackTask>) {
  return task({
    title: 'Let go of the service',
    on: 'instance',
    applies: speaks,
    describe: () => 'forget that the service was held, and take its timer away',
    script: (context: Context) => (context.output(staged) === undefined ? undefined : settle(context)),
  })
}
