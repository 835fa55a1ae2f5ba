import { lines, raw, type InstanceContext, type TaskMaker } from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import { elsewhereScript } from '../scripts/elsewhere.ts'
import { finishExtract, vacantScript } from '../scripts/extract.ts'
import { besideScript, dropBesideScript } from '../scripts/open-restore.ts'
import { speaks } from '../vault.ts'
import { absoluteOf, folderOf, partOf, plannedPart } from '../wanted-part.ts'
import { assertHas, bringVerified, here, lacking } from './bring.ts'
import { chosenIn } from './chosen.ts'
import { vaultsIn, where } from './context.ts'
import { pathFlag } from './restore.ts'
import { fromFlag, sourceFlag, sourceOf, sourcesIn } from './source.ts'
import { wantedFlags } from './verify.ts'

const flags = {
  ...wantedFlags,
  from: fromFlag,
  source: sourceFlag,
  path: pathFlag,
  to: {
    type: 'string',
    description: 'Restore into this folder on the host, which is created; nothing else is touched',
    value: 'folder',
    check: (said: string | undefined): void => void absoluteOf(said),
  },
} as const

type Context = InstanceContext<Options, typeof flags, Settings>

/** Where it is copied to first: the folder appears when it is complete. */
function stagingOf({ flags: { to }, paths, runId }: Pick<Context, 'flags' | 'paths' | 'runId'>): string {
  return `${folderOf(to, paths.data)}.restore-${runId}`
}

/** Where the host itself keeps snapshots of its services and what belongs to its schedules. */
function keptOn(context: Context): readonly string[] {
  const { host } = context
  return vaultsIn(context).flatMap(({ on, folder }) =>
    on === host.name ? [`${folder}/${host.name}`, `${folder}/.srv`] : [],
  )
}

/** Copies a snapshot into a separate folder on its host; the service is not touched. */
export function extractTask(task: TaskMaker<Options, Settings>, options: Options) {
  return task({
    title: 'Copy the snapshot into a folder',
    on: 'instance',
    othersGoOn: true,
    applies: speaks,
    also: (placement, _settings, said) => sourcesIn(options, placement, said),
    flags,
    describe: (context) =>
      `verify ${plannedPart(context.flags)} in ${where(sourceOf(context, context.flags))} and copy it to ${folderOf(context.flags.to, context.paths.data)}`,
    async run(context: Context): Promise<string> {
      const folder = folderOf(context.flags.to, context.paths.data)
      const path = partOf(context.flags.path)
      const staging = stagingOf(context)
      const drop = dropBesideScript(context.paths, staging)
      context.onRollback(() => context.run`${drop}`)
      const vault = sourceOf(context, context.flags)
      const snapshot = await chosenIn(context, vault, context.flags)
      if (path !== undefined) await assertHas(context, vault, snapshot, path)
      const [noDumps] = path === undefined ? await lacking(context, vault, snapshot, ['dumps']) : ['dumps']
      await here(
        context,
        lines(
          elsewhereScript(folder, context.paths, keptOn(context)),
          vacantScript(folder),
          besideScript(context.paths, staging),
        ),
      )
      await bringVerified(context, vault, snapshot, { staging, path, hasDumps: noDumps === undefined, isBeside: true })
      await here(context, lines(raw('set -e'), finishExtract(staging, folder), drop))
      context.done(`${path === undefined ? '' : `${path} of `}${snapshot.id} is in ${folder}`)
      return snapshot.id
    },
  })
}
