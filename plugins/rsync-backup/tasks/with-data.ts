import { srvError, type InstanceContext, type TaskMaker } from '../../../src/index.ts'
import { chooseLeft, type Back } from '../choose.ts'
import { nameOf } from '../dumps/kinds.ts'
import type { Options, Settings } from '../options.ts'
import { dropScript } from '../scripts/drop.ts'
import { stagingOf } from '../scripts/restore.ts'
import type { Snapshot } from '../snapshot.ts'
import { destinationsOf, keepersOf, speaks, type Vault } from '../vault.ts'
import { assertHasDumps, assertWithin } from './bring.ts'
import { vaultsIn, where } from './context.ts'
import { tellTaken } from './excluded.ts'
import { failures } from './failures.ts'
import { loadTexts, whatFailed } from './load.ts'
import { stage } from './restore.ts'
import { sourceFlag, sourceOf, sourcesIn, type Said } from './source.ts'
import { restoredText, settle, switchBack, switchOver, type Part } from './switch.ts'
import { chosenBy } from './chosen.ts'

const flags = { source: sourceFlag } as const

type Context = InstanceContext<Options, Record<never, never>, Settings>

/** Whether a service is a single instance, and no swarm starts it elsewhere. */
export function isAlone({ instances: { length }, orchestrator }: Context['service']): boolean {
  return length === 1 && orchestrator === undefined
}

/**
 * @throws SrvError SRV-649 for a service of which more is started than the one instance: another release of it would run on
 *   the data of before until its own turn comes, or the other way round
 */
export function assertAlone({ service, host }: Pick<Context, 'service' | 'host'>): void {
  if (isAlone(service)) return
  throw srvError('SRV-649', { service: service.name, host: host.name }, { where: { host: host.name } })
}

/** With `any`, a deploy needs its snapshot in one destination only: then it is unknown which one has it, unless one is named. */
function isAnyEnough(options: Pick<Options, 'to' | 'beforeDeploy'>, { source }: Said): boolean {
  return source === undefined && options.beforeDeploy === 'any' && destinationsOf(options).length > 1
}

/**
 * The snapshot of the data as a release left them, in the first destination that has it: of those that were made before
 * another release took its place. Which release serves by now says nothing about them, since several may lie between.
 *
 * @throws SrvError SRV-643, or an AggregateError with why each destination has none
 */
async function foundLeft(
  context: InstanceContext<Options, typeof flags, Settings>,
  back: Back,
): Promise<{ readonly vault: Vault; readonly found: Snapshot }> {
  const failed = failures()
  const wanted = `snapshot of what ${back.release} left behind when another was deployed`
  const places = isAnyEnough(context.options, context.flags) ? vaultsIn(context) : [sourceOf(context, context.flags)]
  const ones: { readonly vault: Vault; readonly found: Snapshot }[] = []
  for (const vault of places) {
    if (ones.length > 0) break
    await failed.attempt(vault, async () => {
      const found = await chosenBy(context, vault, wanted, { left: back }, (all, latest) =>
        chooseLeft(all, back, latest),
      )
      ones.push({ vault, found })
    })
  }
  const [one] = ones
  if (one !== undefined) return one
  throw failed.all()
}

/** Copies the data as the release that is gone back to left them to the host. */
export function stageBackTask(task: TaskMaker<Options, Settings>, options: Options) {
  return task({
    title: 'Copy the previous data to the host',
    on: 'instance',
    // The other instances of a service are refused: without this, they would be rolled back without its data.
    also: (placement, _settings, said) =>
      isAnyEnough(options, said) ? keepersOf(options, placement.host) : sourcesIn(options, placement, said),
    alsoMayFail: isAnyEnough(options, {}),
    flags,
    describe: (context) =>
      `copy the snapshot in ${where(sourceOf(context, context.flags))} with the data as the release before left them to the host`,
    undo: (context) => dropScript(stagingOf(context.paths, context.runId)),
    async run(context: InstanceContext<Options, typeof flags, Settings>): Promise<string> {
      const { settings, state, next } = context
      const { dumps } = settings
      // What cannot be held or loaded is reported before anything is copied.
      assertAlone(context)
      context.hold('stop')
      loadTexts(context, dumps)
      const { vault, found } = await foundLeft(context, {
        release: next?.release.id ?? '',
        serving: state.release?.id,
      })
      await assertHasDumps(context, vault, found, dumps)
      await assertWithin(context, vault, found, dumps)
      await tellTaken(context, vault, found, { dumps }, true)
      await stage(context, vault, found, { dumps })
      return found.id
    },
  })
}

/** What changes places. */
function part({ settings: { dumps }, state, next }: Context): Part {
  const [from, to] = [state.release?.id, next?.release.id]
  return { dumps, ...(from === undefined || to === undefined ? {} : { releases: { from, to } }) }
}

/**
 * Puts that data in place when it is the host's turn. It starts nothing: the release that wrote the newer data must not see
 * it, and the previous release is started by the steps that follow.
 */
export function swapBackTask(task: TaskMaker<Options, Settings>, staged: ReturnType<typeof stageBackTask>) {
  return task({
    title: 'Put the previous data in place',
    on: 'instance',
    applies: speaks,
    activates: true,
    describe: ({ paths, runId, settings }) =>
      `keep its data as ${paths.data}.before-${runId}, ${settings.dumps.map((one) => `load ${nameOf(one)}, `).join('')}and continue with the previous data`,
    explain: ({ stderr }) => whatFailed(stderr.split('\n')),
    undo: (context: Context) => (context.output(staged) === undefined ? undefined : switchBack(context, part(context))),
    script: (context: Context) =>
      context.output(staged) === undefined ? undefined : switchOver(context, part(context)),
  })
}

/**
 * Forgets what ran before, once the previous release was proved, or brings it back when nothing started it; from here on the
 * host puts nothing back by itself.
 */
export function settleBackTask(task: TaskMaker<Options, Settings>, staged: ReturnType<typeof stageBackTask>) {
  return task({
    title: 'Release the service',
    on: 'instance',
    applies: speaks,
    describe: () => 'forget that the service was held, and remove its timer',
    script: (context: Context) => (context.output(staged) === undefined ? undefined : settle(context)),
    read(_stdout, context: Context) {
      const id = context.output(staged)
      if (id !== undefined) context.done(restoredText(context, id, context.settings))
    },
  })
}
