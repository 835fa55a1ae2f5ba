import {
  srvError,
  type FlagValues,
  type InstanceContext,
  type SaidFlags,
  type SrvError,
  type TaskMaker,
} from '../../../src/index.ts'
import { assertOneOf, plannedText, wantedText } from '../choose.ts'
import type { Options, Settings } from '../options.ts'
import { readingReader } from '../progress.ts'
import { judgeScript, pinScript, unfinishedScript } from '../scripts/prune.ts'
import { verifyScript, type Level, type Verified } from '../scripts/verify.ts'
import { filesText, type Snapshot } from '../snapshot.ts'
import { destinationsOf, keepersOf, speaks, type Vault } from '../vault.ts'
import { notIntact } from '../scripts/checked.ts'
import { isIn, meantIn, unreadable } from './chosen.ts'
import { askKeeper, kept, onKeeper, vaultsIn, where, withoutProgress, type Place } from './context.ts'
import { failures, inEach, type Failures } from './failures.ts'
import { oldDataFlag } from './old-data.ts'
import { assertOurs } from './ours.ts'
import { removeOld } from './remove-old.ts'

/** Flags that say which snapshot is meant. */
export const wantedFlags = {
  snapshot: { type: 'string', description: 'Use this snapshot', value: 'id' },
  at: {
    type: 'string',
    description: 'Use the newest good snapshot from before this time',
    value: 'time',
    check: (at: string | undefined, { snapshot }: SaidFlags): void => {
      assertOneOf({ at, snapshot: typeof snapshot === 'string' ? snapshot : undefined })
    },
  },
} as const

/** The requested level. @throws SrvError SRV-647 for an unknown one */
function levelOf(said = 'full'): Level {
  if (said === 'quick' || said === 'sample' || said === 'full') return said
  throw srvError('SRV-647', { said })
}

const flags = {
  ...wantedFlags,
  level: {
    type: 'string',
    description: 'How much to check: quick, sample or full',
    value: 'level',
    default: 'full',
    check: (said: string | undefined): void => void levelOf(said),
  },
} as const

/** The error of a snapshot that is not what its manifest says, with a line for each difference. */
export function differs(context: Place, vault: Vault, id: string, output: readonly string[]): SrvError {
  return srvError(
    'SRV-642',
    { ...kept(context, vault), id, count: output.length },
    { where: { host: context.host.name }, output: output.slice(0, 50) },
  )
}

/**
 * Compares a snapshot, or a part of it, with its manifest, and says how much of a sample was read: `20 of 400`. How far
 * it is goes to `told`, for who watches; nowhere where something else tells of a copy.
 *
 * @throws SrvError SRV-642 with every difference, SRV-667 when it could not be looked at
 */
export async function assertIntact(
  context: Place,
  vault: Vault,
  { id }: Snapshot,
  level: Level,
  what: Verified = {},
  told?: Pick<InstanceContext, 'progress'>,
): Promise<string | undefined> {
  const script = verifyScript(vault, id, context.options, level, what)
  const heard = readingReader((now) => told?.progress(now))
  const { end, stdout, stderr } = await askKeeper(context, vault, script, [0, notIntact], heard)
  const sampled = /^sampled (.*)$/
  if (end.kind === 'exit' && end.code === 0) return new RegExp(sampled, 'm').exec(stdout)?.[1]
  const output = withoutProgress(`${stdout}\n${stderr}`).filter((line) => line.trim() !== '' && !sampled.test(line))
  throw differs(context, vault, id, output)
}

/** What was found intact, and how much of it was read. */
function intactText({ files }: Snapshot, level: Level, sampled: string | undefined): string {
  const all = filesText(files)
  if (level === 'full') return `all content of ${all} was read: intact`
  const looks = 'names, kinds, modes, owners, sizes and times'
  if (level === 'quick') return `${looks} of ${all}: intact; no content was read`
  return `the content of ${sampled === undefined ? all : `${sampled} files`} was read: intact, as are ${looks} of all`
}

/** Compares the newest good snapshot of each destination, or the one that is named, with its manifest. */
export function verifyTask(task: TaskMaker<Options, Settings>, options: Options) {
  return task({
    title: 'Verify the snapshot',
    on: 'instance',
    othersGoOn: true,
    applies: speaks,
    also: ({ host }) => keepersOf(options, host),
    // The others are verified all the same.
    alsoMayFail: destinationsOf(options).length > 1,
    changes: false,
    flags,
    describe: (context) => `compare the ${plannedText(context.flags)} with its manifest`,
    async run(context: InstanceContext<Options, typeof flags, Settings>) {
      const level = levelOf(context.flags.level)
      const failed = failures()
      const said: string[] = []
      await inEach(context, failed, 'verified', async (vault) => {
        const { snapshot, unreadable: lost } = await meantIn(context, vault, context.flags)
        context.progress(`${snapshot.id}: ${String(snapshot.files)} files`)
        const sampled = await assertIntact(context, vault, snapshot, level, { hasDescription: true }, context)
        said.push(`${snapshot.id} in ${where(vault)}: ${intactText(snapshot, level, sampled)}`)
        // It is not the newest that is intact.
        for (const one of lost) await failed.note(() => Promise.reject(unreadable(context, vault, one)))
      })
      failed.tell(context, said)
      failed.assertNone()
    },
  })
}

const pruneFlags = {
  pin: { type: 'string', description: 'Keep this snapshot whatever the rules say', value: 'id' },
  unpin: { type: 'string', description: 'Let the rules decide about this snapshot again', value: 'id' },
  unfinished: { type: 'boolean', description: 'Remove what failed backups have copied so far' },
  'old-data': oldDataFlag,
} as const

/** Whether a prune is about what is on the hosts alone: then no keeper is needed. */
function isOnHosts(said: Partial<FlagValues<typeof pruneFlags>>): boolean {
  return said['old-data'] === true && said.pin === undefined && said.unpin === undefined && said.unfinished !== true
}

/** Pins what the command line says. @throws SrvError SRV-643 when no keeper has it */
async function setPins(
  context: InstanceContext<Options, typeof pruneFlags, Settings>,
  failed: Failures,
): Promise<void> {
  const { pin, unpin } = context.flags
  for (const [snapshot, isPinned] of [
    [pin, true],
    [unpin, false],
  ] as const) {
    if (snapshot === undefined) continue
    let found = 0
    await inEach(context, failed, isPinned ? 'pinned' : 'unpinned', async (vault) => {
      if (!(await isIn(context, vault, snapshot))) return
      found++
      await onKeeper(context, vault, pinScript(vault, snapshot, isPinned))
    })
    const [first] = vaultsIn(context)
    // One that could not be asked may have it.
    if (found > 0 || first === undefined || failed.errors.length > 0) continue
    const { host } = context
    throw srvError(
      'SRV-643',
      { ...kept(context, first), wanted: wantedText({ snapshot }) },
      { where: { host: host.name } },
    )
  }
}

/** What a prune was asked for in the first place: a destination that cannot be got at fails once, as not that. */
function doneBy({ pin, unpin }: { readonly pin?: string | undefined; readonly unpin?: string | undefined }) {
  if (pin !== undefined) return 'pinned'
  return unpin === undefined ? 'pruned' : 'unpinned'
}

/** Frees space: the next backup copies all of it again. */
async function removeUnfinished(
  context: InstanceContext<Options, typeof pruneFlags, Settings>,
  failed: Failures,
): Promise<void> {
  await inEach(context, failed, 'pruned', async (vault) => {
    const said = await onKeeper(context, vault, unfinishedScript(vault))
    for (const name of said.split('\n')) if (name !== '') context.progress(`${where(vault)}: removed ${name}`)
  })
}

/** Removes the snapshots that no rule keeps; in a dry run it says of each which rule keeps it. */
export function pruneTask(task: TaskMaker<Options, Settings>, options: Options) {
  return task({
    title: 'Remove old snapshots',
    on: 'instance',
    othersGoOn: true,
    applies: speaks,
    also: ({ host }, _settings, said) => (isOnHosts(said) ? [] : keepersOf(options, host)),
    alsoMayFail: destinationsOf(options).length > 1,
    flags: pruneFlags,
    skip({ flags: said }) {
      if (isOnHosts(said)) return '--old-data is about no snapshot'
      const { pin, unpin, unfinished } = said
      return options.keep === undefined && pin === undefined && unpin === undefined && !unfinished
        ? 'the config has no rules: keep'
        : undefined
    },
    async run(context: InstanceContext<Options, typeof pruneFlags, Settings>) {
      const failed = failures()
      await inEach(context, failed, doneBy(context.flags), (vault) => assertOurs(context, vault))
      await setPins(context, failed)
      if (context.flags.unfinished) await removeUnfinished(context, failed)
      const { keep } = context.options
      await inEach(context, failed, 'pruned', async (vault) => {
        if (keep === undefined) return
        const { stdout } = await askKeeper(context, vault, judgeScript(vault, keep))
        for (const line of stdout.split('\n')) if (line !== '') context.progress(`${where(vault)}: ${line}`)
        await removeOld(context, vault, keep)
      })
      failed.assertNone()
    },
  })
}
