import { lines, sh, srvError, type InstanceContext, type Script, type TaskMaker } from '../../../src/index.ts'
import { isFile, nameOf, type Dump } from '../dumps/kinds.ts'
import type { Options, Settings } from '../options.ts'
import { newerScript, prepareScript, stagingOf } from '../scripts/restore.ts'
import { reachScript, swapBackScript, swapScript, unstageScript } from '../scripts/swap.ts'
import type { Snapshot } from '../snapshot.ts'
import { keepersOf, speaks } from '../vault.ts'
import { dumpsOf, partOf } from '../wanted-part.ts'
import { assertHas, assertHasDumps, here, sendData, sendDumps, sourceOf } from './bring.ts'
import { where } from './context.ts'
import { loadFilesText, loadTexts } from './load.ts'
import { assertIntact, chosenIn, wantedFlags } from './verify.ts'

/** Whose snapshots are meant. */
export const fromFlag = { type: 'string', description: 'Take the snapshot of another host', value: 'host' } as const

/** What of a snapshot is meant. */
export const pathFlag = {
  type: 'string',
  description: 'Take one file or folder of the data, and leave the rest',
  value: 'path',
} as const

const flags = {
  ...wantedFlags,
  from: fromFlag,
  path: pathFlag,
  dumps: {
    type: 'string',
    description: 'Which dumps are loaded: all, none, or their names with commas',
    value: 'names',
    default: 'all',
  },
  confirm: { type: 'string', description: 'Restore over data that are newer: shop@web1', value: 'service@host' },
} as const

type Context = InstanceContext<Options, typeof flags, Settings>

/** The dumps that are loaded: with a path none, since they are of all data. */
function wantedDumps({ settings, flags: { dumps, path } }: Pick<Context, 'settings' | 'flags'>): readonly Dump[] {
  return path === undefined ? dumpsOf(settings.dumps, dumps) : []
}

/** @throws SrvError SRV-644 or SRV-653 when what serves is newer, or may be, unless the command line names it */
async function assertOlder(context: Context, { id, startedAt }: Snapshot): Promise<void> {
  const { service, host, paths } = context
  const mine = `${service.name}@${host.name}`
  if (context.flags.confirm?.split(',').includes(mine) === true) return
  const details = { service: service.name, host: host.name, id }
  const served = wantedDumps(context).filter((one) => !isFile(one))
  if (served.length > 0) {
    const dumps = served.map(nameOf).join(', ')
    throw srvError('SRV-653', { ...details, dumps }, { where: { host: host.name } })
  }
  const seconds = Math.floor(Date.parse(startedAt) / 1000)
  const { end } = await context.probe`${newerScript(paths, seconds, partOf(context.flags.path))}`
  if (end.kind === 'exit' && end.code === 0) return
  throw srvError('SRV-644', details, { where: { host: host.name } })
}

/** Brings a snapshot to its host, beside the data that serve: verified before, and nothing is touched yet. */
export function stageTask(task: TaskMaker<Options, Settings>, options: Options) {
  return task({
    title: 'Bring the snapshot',
    on: 'instance',
    applies: speaks,
    also: ({ host }) => keepersOf(options, host),
    flags,
    describe: (context) =>
      `verify the newest good snapshot in ${where(sourceOf(context, context.flags.from))} and bring it`,
    undo: (context) => sh`rm -rf ${stagingOf(context.paths, context.runId)}`,
    async run(context: Context): Promise<string> {
      const path = partOf(context.flags.path)
      const dumps = wantedDumps(context)
      const staging = stagingOf(context.paths, context.runId)
      // What cannot be held or loaded is told before anything is brought.
      context.hold('stop')
      loadTexts(context, dumps)
      const vault = sourceOf(context, context.flags.from)
      const snapshot = await chosenIn(context, vault, context.flags)
      if (path !== undefined) await assertHas(context, vault, snapshot, path)
      await assertHasDumps(context, vault, snapshot, dumps)
      await assertOlder(context, snapshot)
      context.progress(`verifying ${snapshot.id}`)
      await assertIntact(context, vault, snapshot, 'full')
      await here(
        context,
        lines(
          reachScript(context.paths, context.runId, path),
          prepareScript(staging, path === undefined ? snapshot.bytes : 0),
        ),
      )
      context.progress(`bringing ${path ?? `${String(snapshot.files)} files`} of ${snapshot.id}`)
      await sendData(context, vault, snapshot, { staging, path })
      if (dumps.length > 0) await sendDumps(context, vault, snapshot, staging)
      const files = loadFilesText(context, dumps)
      if (files !== undefined) await here(context, files)
      return snapshot.id
    },
  })
}

/**
 * Stops the service, puts the snapshot in the place of its data and databases, and starts exactly what ran. When the
 * service is not healthy then, the same way leads back.
 */
export function swapTask(task: TaskMaker<Options, Settings>, stage: ReturnType<typeof stageTask>) {
  const held = (context: Context, ...scripts: readonly Script[]): Script =>
    lines(context.hold('stop'), ...scripts, context.resume())
  return task({
    title: 'Put the data in place',
    on: 'instance',
    applies: speaks,
    activates: true,
    flags,
    describe: (context) => {
      const { paths, runId } = context
      const loaded = wantedDumps(context).map((one) => `load ${nameOf(one)}, `)
      const what = partOf(context.flags.path) ?? 'its data'
      return `stop the service, keep ${what} as ${paths.data}.before-${runId}, ${loaded.join('')}and start it with the snapshot`
    },
    // What a database said comes behind the line that tells which.
    explain: ({ stderr }) =>
      stderr
        .split('\n')
        .find((line) => /^(loading|the dump) .*:$/.test(line))
        ?.slice(0, -1),
    undo(context: Context) {
      if (context.output(stage) === undefined) return undefined
      const { paths, runId } = context
      const back = swapBackScript(paths, runId, partOf(context.flags.path))
      return held(context, back, loadTexts(context, wantedDumps(context)).back)
    },
    script(context: Context) {
      if (context.output(stage) === undefined) return undefined
      const { paths, runId } = context
      const { before, load } = loadTexts(context, wantedDumps(context))
      const swap = swapScript(paths, runId, partOf(context.flags.path))
      return held(context, before, swap, load, unstageScript(paths, runId))
    },
  })
}
