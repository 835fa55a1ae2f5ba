import { setTimeout } from 'node:timers/promises'
import { size, srvError, type InstanceContext, type Script } from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import { beginScript, readBegun, type Begun } from '../scripts/begin.ts'
import { insideIn, ownerIn } from '../scripts/owner.ts'
import type { Pass } from '../scripts/pass.ts'
import { sealScript } from '../scripts/seal.ts'
import { filesText, readSnapshot, type Snapshot } from '../snapshot.ts'
import type { Vault } from '../vault.ts'
import { kept, onKeeper, where } from './context.ts'
import { copy } from './copy.ts'
import { dumpFolder, withDumps } from './dumps.ts'
import type { Failures } from './failures.ts'
import { assertApart, inData, notOurs } from './ours.ts'
import { publish } from './publish.ts'
import { assertBack, quietly } from './quietly.ts'
import { removeOld } from './remove-old.ts'
import type { Served } from './served.ts'
import { passageText, passageTo } from './way.ts'

/** What makes snapshots. */
export type Context = InstanceContext<Options, Record<never, never>, Settings>

/** What is said about a snapshot when it is made. */
export interface Said {
  readonly allowShrunk: boolean
  /** Id of the release whose deploy it is made for; empty for any other. */
  readonly before: string
  /** Snapshots of another machine are continued. */
  readonly adopt: boolean
}

/** What a host says before anything is made. */
export interface Source {
  /** The best checksums that its rsync knows. */
  readonly offered: string
  /** The identity of the data. */
  readonly of: string
  /** What is mounted in them. */
  readonly mounts: string
  /** Its time, in seconds since 1970. */
  readonly clock: string | undefined
}

/** `20261122T140311Z`: the name of a snapshot, from the time at which it was begun. */
function idOf(startedAt: string): string {
  return startedAt.replaceAll(/[-:]|\.\d+/g, '')
}

/** Waits for the end of the second that a snapshot is named after, so that the next run gets another name. */
async function nextSecond(context: Context, id: string): Promise<void> {
  if (context.dryRun || idOf(new Date().toISOString()) !== id) return
  await setTimeout(1000 - (Date.now() % 1000))
}

/** A snapshot that is being made in one of the destinations. */
interface Making {
  readonly vault: Vault
  readonly begun: Begun
}

/** Begins a snapshot, while finding out which way the bytes will go. @throws SrvError SRV-660, SRV-661 */
async function begin(
  context: Context,
  vault: Vault,
  id: string,
  { offered, of, adopt }: Pick<Source, 'offered' | 'of'> & Pick<Said, 'adopt'>,
): Promise<Making> {
  assertApart(context, vault)
  const [begun, taken] = await Promise.allSettled([
    onKeeper(context, vault, beginScript(vault, id, context.options.checksumEvery, offered, { of, adopt })),
    passageTo(context, vault),
  ])
  if (begun.status === 'rejected') throw begun.reason
  const owner = ownerIn(begun.value)
  if (owner !== undefined) throw notOurs(context, vault, owner, of)
  const data = insideIn(begun.value)
  if (data !== undefined) throw inData(context, vault, data)
  if (taken.status === 'rejected') throw taken.reason
  const said = passageText(context, vault, taken.value)
  if (said !== '') context.progress(said)
  return { vault, begun: readBegun(begun.value) }
}

/** Copies to all destinations, the service being kept quiet once for all of them. */
async function copyAll(
  context: Context,
  all: readonly Making[],
  { id, before }: { readonly id: string; readonly before: string },
  failed: Failures,
): Promise<void> {
  const { options, settings, paths, runId } = context
  const { consistency, dumps } = settings
  const each = async (into: Pass['into'], hasWarm: boolean): Promise<void> => {
    const from = into === 'dumps' ? dumpFolder(paths, runId) : paths.data
    for (const making of all) {
      await failed.attempt(making.vault, () => {
        // What is told of bytes and rates does not say of which of several copies.
        if (all.length > 1 && !context.dryRun) context.progress(`copying to ${where(making.vault)}`)
        return copy(context, { ...making, id, options, settings, from, into, hasWarm })
      })
    }
  }
  if (dumps.length > 0) await each('dumps', false)
  if (consistency === 'live') {
    await each('data', false)
    return
  }
  // Most of it is copied while the service runs, so the service is down only for what changed meanwhile.
  await each('warm', false)
  // A connection may have ended meanwhile, and a new login would prolong the downtime of the service.
  for (const { vault } of all) await failed.attempt(vault, () => passageTo(context, vault))
  if (all.every(({ vault }) => failed.has(vault))) return
  const ran = await quietly(context, consistency, () => each('data', true))
  // When it is for a deploy, that restarts everything anyway, and may be what makes it healthy.
  if (before === '') await failed.note(() => assertBack(context, consistency, ran))
}

/** What is known before anything is made. */
interface Known extends Said {
  readonly source: Source
  readonly served: Served
  /** Shell text that makes the dumps, when there are any. */
  readonly dumps: Script | undefined
}

async function seal(
  context: Context,
  { vault, begun }: Making,
  id: string,
  { allowShrunk, before, startedAt, served, source }: Omit<Known, 'dumps'> & { readonly startedAt: string },
): Promise<Snapshot | undefined> {
  const { options, settings, host, service } = context
  const said = await publish(
    context,
    vault,
    id,
    sealScript({
      vault,
      id,
      begun,
      options,
      startedAt,
      clock: source.clock,
      host: host.name,
      service: service.name,
      release: served.text,
      releaseId: served.id,
      allowShrunk,
      allowEmpty: settings.allowEmpty,
      before,
      mounts: source.mounts,
    }),
  )
  const snapshot = readSnapshot(said)
  if (snapshot?.state === 'suspect') {
    throw srvError('SRV-641', { ...kept(context, vault), id, note: snapshot.note }, { where: { host: host.name } })
  }
  if (snapshot !== undefined && snapshot.note !== '') context.progress(`${id} has ${snapshot.note}`)
  if (options.keep !== undefined) await removeOld(context, vault, options.keep, id)
  return snapshot
}

/** A snapshot, and where it was made. */
export interface Made {
  readonly snapshot: Snapshot
  readonly vault: Vault
}

/** `20261128T200223Z: 38 files, 5.3 MB, 8 kB new, in nas:/tank/srv/web1/shop` */
export function madeText({ snapshot: { id, files, bytes, newBytes }, vault }: Made): string {
  return `${id}: ${filesText(files)}, ${size(bytes)}, ${size(newBytes)} new, in ${where(vault)}`
}

/** Makes a snapshot in each of some destinations, all of one moment. */
export async function makeIn(
  context: Context,
  vaults: readonly Vault[],
  { source, served, dumps, ...said }: Known,
  failed: Failures,
): Promise<readonly Made[]> {
  const { before, adopt } = said
  // A run may have waited for the lease, while others made snapshots.
  const startedAt = new Date().toISOString()
  const id = idOf(startedAt)
  const all: Making[] = []
  for (const vault of vaults) {
    await failed.attempt(vault, async () => {
      all.push(await begin(context, vault, id, { ...source, adopt }))
    })
  }
  if (all.length > 0) await withDumps(context, dumps, () => copyAll(context, all, { id, before }, failed))
  const made: Made[] = []
  for (const making of all) {
    await failed.attempt(making.vault, async () => {
      const snapshot = await seal(context, making, id, { ...said, startedAt, served, source })
      if (snapshot !== undefined) made.push({ snapshot, vault: making.vault })
    })
  }
  await nextSecond(context, id)
  return made
}
