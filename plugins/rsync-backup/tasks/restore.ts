import { lines, srvError, type InstanceContext, type TaskMaker } from '../../../src/index.ts'
import { isFile, nameOf, type Dump } from '../dumps/kinds.ts'
import type { Options, Settings } from '../options.ts'
import { dropScript } from '../scripts/drop.ts'
import { newerIn, newerScript, stillOlderScript } from '../scripts/newer.ts'
import { stagingOf } from '../scripts/restore.ts'
import { reachScript } from '../scripts/swap.ts'
import type { Snapshot } from '../snapshot.ts'
import { speaks, type Vault } from '../vault.ts'
import { dumpsOf, isDumped, partOf, plannedPart } from '../wanted-part.ts'
import { assertHas, assertHasDumps, assertWhole, assertWithin, bringVerified, here, unrestored } from './bring.ts'
import { chosenIn } from './chosen.ts'
import { where } from './context.ts'
import { tellTaken } from './excluded.ts'
import { loadFilesText, loadTexts, whatFailed, whyNotKept } from './load.ts'
import { assertOurs } from './ours.ts'
import { fromFlag, sourceFlag, sourceOf, sourcesIn } from './source.ts'
import { restoredText, settle, switchBack, switchOver, type Part } from './switch.ts'
import { tellChosen } from './tell-chosen.ts'
import { wantedFlags } from './verify.ts'

/** Which part of a snapshot to restore. */
export const pathFlag = {
  type: 'string',
  description: 'Restore only this file or folder of the data',
  value: 'path',
  check: (said: string | undefined): void => void partOf(said),
} as const

const flags = {
  ...wantedFlags,
  from: fromFlag,
  source: sourceFlag,
  path: pathFlag,
  dumps: {
    type: 'string',
    description: 'Which dumps to load: all, none, or their names, comma-separated',
    value: 'names',
    default: 'all',
  },
  'without-old-dumps': {
    type: 'boolean',
    description: 'Do not keep what the databases hold now: for one that cannot be dumped',
  },
  confirm: { type: 'string', description: 'Restore over newer data: shop@web1', value: 'service@host' },
} as const

type Context = InstanceContext<Options, typeof flags, Settings>

/** The same whatever the flags are. */
type Plain = InstanceContext<Options, Record<never, never>, Settings>

/** What was brought. */
export interface Staged {
  readonly id: string
  /** When its snapshot was begun, in seconds since 1970. */
  readonly begunAt: number
}

/** The dumps to load. With a path those of the databases that are files there: other databases stay. */
function wantedDumps({ settings, flags: { dumps, path } }: Pick<Context, 'settings' | 'flags'>): readonly Dump[] {
  const all = dumpsOf(settings.dumps, dumps)
  const part = partOf(path)
  return part === undefined
    ? all
    : all.filter((one) => isFile(one) && `${partOf(one.file) ?? one.file}/`.startsWith(`${part}/`))
}

/** Whether the command line names this service on this host. */
function isConfirmed({ service, host, flags: { confirm } }: Context): boolean {
  return confirm?.split(',').includes(`${service.name}@${host.name}`) === true
}

function part(context: Context): Part {
  const { path, 'without-old-dumps': isLost } = context.flags
  return { path: partOf(path), dumps: wantedDumps(context), keepsOld: !isLost }
}

/**
 * When a snapshot was begun, in seconds since 1970: by the clock of the host itself, which the times of its files are by as
 * well, if it is one of that host, and says it.
 */
function begunAt({ host, flags: { from } }: Context, { startedAt, clock, host: of }: Snapshot): number {
  const isOwn = from === undefined && of === host.name
  return isOwn && clock !== undefined ? clock : Date.parse(startedAt) / 1000
}

/** @throws SrvError SRV-644, SRV-645 or SRV-653 when what serves is newer, or may be, unless the command line names it */
async function assertOlder(context: Context, snapshot: Snapshot): Promise<void> {
  const { id } = snapshot
  const { service, host, paths } = context
  if (isConfirmed(context)) return
  const details = { service: service.name, host: host.name, id }
  const served = wantedDumps(context).filter((one) => !isFile(one))
  if (served.length > 0) {
    const dumps = served.map(nameOf).join(', ')
    throw srvError('SRV-653', { ...details, dumps }, { where: { host: host.name } })
  }
  const script = newerScript(paths, begunAt(context, snapshot), partOf(context.flags.path))
  const { end, stdout, stderr } = await context.probe`${script}`
  if (end.kind === 'exit' && end.code === 0) return
  const newer = stdout.split('\n')[0] ?? ''
  if (newer !== '') {
    const isFolder = end.kind === 'exit' && end.code === 4
    throw srvError('SRV-644', { ...details, newer, isFolder }, { where: { host: host.name } })
  }
  const problem = `whether it is newer than the snapshot ${id} could not be found out`
  throw unrestored(context, { problem, output: stderr.split('\n').filter((line) => line !== '') })
}

/** Verifies a snapshot and copies it to its host, next to the live data. @throws SrvError SRV-642, SRV-645 */
export async function stage(context: Plain, vault: Vault, snapshot: Snapshot, { path, dumps }: Part): Promise<void> {
  const staging = stagingOf(context.paths, context.runId)
  const before = reachScript(context.paths, context.runId, path)
  await bringVerified(context, vault, snapshot, { staging, path, hasDumps: dumps.length > 0, dumps, before })
  const files = loadFilesText(context, dumps, staging)
  if (files !== undefined) await here(context, files)
}

/** Copies a verified snapshot to its host, next to the live data; nothing is touched yet. */
export function stageTask(task: TaskMaker<Options, Settings>, options: Options) {
  return task({
    title: 'Copy the snapshot to the host',
    on: 'instance',
    applies: speaks,
    also: (placement, _settings, said) => sourcesIn(options, placement, said),
    flags,
    describe: (context) =>
      `verify ${plannedPart(context.flags)} in ${where(sourceOf(context, context.flags))} and copy it to the host`,
    undo: (context) => dropScript(stagingOf(context.paths, context.runId)),
    async run(context: Context): Promise<Staged> {
      const path = partOf(context.flags.path)
      const dumps = wantedDumps(context)
      // What cannot be held or loaded is reported before anything is copied.
      context.hold('stop')
      loadTexts(context, dumps)
      const vault = sourceOf(context, context.flags)
      // Whoever names a host with --from, even this one, knows whose snapshots they are.
      if (context.flags.from === undefined) await assertOurs(context, vault)
      const snapshot = await chosenIn(context, vault, context.flags)
      tellChosen(context, snapshot, Date.now())
      // What is left out of copies may be in a dump all the same.
      if (path !== undefined && !isDumped(path, dumps)) await assertHas(context, vault, snapshot, path)
      if (path !== undefined && dumps.length === 0) await assertWhole(context, vault, snapshot, path)
      await assertHasDumps(context, vault, snapshot, dumps)
      await assertWithin(context, vault, snapshot, dumps)
      await assertOlder(context, snapshot)
      await tellTaken(context, vault, snapshot, { path, dumps }, isConfirmed(context))
      await stage(context, vault, snapshot, { path, dumps })
      return { id: snapshot.id, begunAt: begunAt(context, snapshot) }
    },
  })
}

/**
 * Stops the service, replaces its data and databases by the snapshot, and starts exactly what ran. If the service is not
 * healthy then, all of that is undone in the same way.
 */
export function swapTask(task: TaskMaker<Options, Settings>, staged: ReturnType<typeof stageTask>) {
  return task({
    title: 'Put the data in place',
    on: 'instance',
    applies: speaks,
    activates: true,
    flags,
    describe: (context) => {
      const { paths, runId, settings } = context
      const loaded = wantedDumps(context).map((one) => `load ${nameOf(one)}, `)
      const what = partOf(context.flags.path) ?? 'its data'
      const without = settings.exclude.length === 0 ? '' : ' with what snapshots leave out'
      return `stop the service, keep ${what}${without} as ${paths.data}.before-${runId}, ${loaded.join('')}and start it with the snapshot`
    },
    explain({ stderr }, context) {
      const { service, host } = context
      const said = stderr.split('\n')
      const newer = newerIn(stderr)
      if (newer !== undefined) {
        const found = { service: service.name, host: host.name, id: context.output(staged)?.id ?? '', ...newer }
        return srvError('SRV-644', { ...found, isLate: true }, { where: { host: host.name } })
      }
      const problem = whyNotKept(said)
      if (problem === undefined) return whatFailed(said)
      const details = { service: service.name, host: host.name, problem }
      const output = said.filter((line) => line !== '')
      return srvError('SRV-668', details, { where: { host: host.name, instance: service.name }, output })
    },
    undo(context: Context) {
      return context.output(staged) === undefined ? undefined : switchBack(context, part(context))
    },
    script(context: Context) {
      const brought = context.output(staged)
      if (brought === undefined) return undefined
      // A copy takes long, and other hosts have had their turns.
      const guard = isConfirmed(context)
        ? undefined
        : stillOlderScript(context.paths, brought.begunAt, partOf(context.flags.path))
      return lines(switchOver(context, part(context), guard), context.resume())
    },
  })
}

/** Records that what serves was proved: from here on the host puts nothing back by itself. */
export function settleTask(task: TaskMaker<Options, Settings>, staged: ReturnType<typeof stageTask>) {
  return task({
    title: 'Keep the restored data',
    on: 'instance',
    applies: speaks,
    flags,
    describe: () => 'remove the timer that would put the previous data back',
    script: (context: Context) => (context.output(staged) === undefined ? undefined : settle(context)),
    read(_stdout, context: Context) {
      const brought = context.output(staged)
      if (brought !== undefined) context.done(restoredText(context, brought.id, part(context)))
    },
  })
}
