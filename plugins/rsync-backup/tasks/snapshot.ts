import { setTimeout } from 'node:timers/promises'
import { lines, size, srvError, type InstanceContext, type TaskMaker } from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import { sourceScript } from '../checks.ts'
import { nameOf } from '../dumps/kinds.ts'
import { beginScript, offerText, readBegun, type Begun } from '../scripts/begin.ts'
import { clockIn, clockText } from '../scripts/clock.ts'
import { mountsIn } from '../scripts/mounts.ts'
import { identityIn, identityText, insideIn, ownerIn } from '../scripts/owner.ts'
import type { Pass } from '../scripts/pass.ts'
import { sealScript } from '../scripts/seal.ts'
import { filesText, readSnapshot, type Snapshot } from '../snapshot.ts'
import { destinationsOf, keepersOf, speaks, type Vault } from '../vault.ts'
import { kept, onKeeper, vaultsIn, where } from './context.ts'
import { copy } from './copy.ts'
import { dumpFolder, dumpText, withDumps } from './dumps.ts'
import { failures, type Failures } from './failures.ts'
import { assertAllowed, assertApart, inData, notOurs } from './ours.ts'
import { publish } from './publish.ts'
import { assertBack, quietly } from './quietly.ts'
import { removeOld } from './remove-old.ts'
import { servedBy, type Served } from './served.ts'
import { passageText, passageTo } from './way.ts'

const flags = {
  'allow-shrunk': { type: 'boolean', description: 'Accept data that has shrunk to less than half, or lost a mount' },
  adopt: { type: 'boolean', description: 'Take over snapshots of another machine with this name' },
} as const

type Context = InstanceContext<Options, Record<never, never>, Settings>

/** What is said about a snapshot when it is made. */
interface Said {
  readonly allowShrunk: boolean
  /** Id of the release whose deploy it is made for; empty for any other. */
  readonly before: string
  /** Snapshots of another machine are continued. */
  readonly adopt: boolean
}

/** What a host says before anything is made. */
interface Source {
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

/**
 * Checks whether there is data, whose it is, what time it is there, and which checksums rsync knows.
 *
 * @throws SrvError SRV-648 when there is nothing to copy: it would be a snapshot that looks good
 */
async function assertData(context: Context): Promise<Source> {
  const { service, host, settings } = context
  const { end, stdout } =
    await context.probe`${lines(sourceScript(context, settings), identityText(context), clockText, offerText)}`
  if (end.kind === 'exit' && end.code === 0) {
    return {
      of: identityIn(stdout) ?? '',
      mounts: mountsIn(stdout),
      clock: clockIn(stdout),
      offered: stdout.trim().split('\n').at(-1) ?? '',
    }
  }
  const details = { service: service.name, host: host.name, problem: stdout.trim() }
  throw srvError('SRV-648', details, { where: { host: host.name } })
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
      await failed.attempt(making.vault, () => copy(context, { ...making, id, options, settings, from, into, hasWarm }))
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

async function seal(
  context: Context,
  { vault, begun }: Making,
  id: string,
  {
    allowShrunk,
    before,
    startedAt,
    served,
    mounts,
    clock,
  }: Said & Pick<Source, 'mounts' | 'clock'> & { readonly startedAt: string; readonly served: Served },
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
      clock,
      host: host.name,
      service: service.name,
      release: served.text,
      releaseId: served.id,
      allowShrunk,
      allowEmpty: settings.allowEmpty,
      before,
      mounts,
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

/** `20261128T200223Z: 38 files, 5.3 MB, 8 kB new, in nas:/tank/srv/web1/shop` */
function madeText({ id, files, bytes, newBytes }: Snapshot, vault: Vault): string {
  return `${id}: ${filesText(files)}, ${size(bytes)}, ${size(newBytes)} new, in ${where(vault)}`
}

/** How a plan says which way the bytes will go. */
function wayWords({ name }: Context['host'], { on, way }: Vault): string {
  if (on === name) return ''
  switch (way) {
    case undefined:
    case 'laptop':
      return ''
    case 'pull':
      return `, which ${on} fetches`
    case 'push':
      return `, which ${name} sends`
    case 'auto':
      return `, which ${on} fetches if it can reach ${name}`
  }
}

/** One line for each thing that is copied, for plans. */
export function describeCopies(context: Context): string {
  return [
    ...context.settings.dumps.map((one) => `dump ${nameOf(one)}`),
    ...vaultsIn(context).map(
      (vault) => `copy ${context.paths.data} to ${where(vault)}${wayWords(context.host, vault)}`,
    ),
  ].join('; ')
}

/**
 * Makes a snapshot of a service's data in each of its destinations.
 *
 * @throws SrvError SRV-303, SRV-640, SRV-641, SRV-648, SRV-65x, SRV-660 to SRV-663
 */
export async function makeSnapshots(context: Context, said: Said): Promise<readonly Snapshot[]> {
  const { settings, options } = context
  const { consistency } = settings
  const { before } = said
  // What cannot be held or dumped is reported before anything is made or copied.
  if (consistency !== 'live') context.hold(consistency)
  const dumps = dumpText(context)
  const source = await assertData(context)
  const served = await servedBy(context)
  // A run may have waited for the lease, while others made snapshots.
  const startedAt = new Date().toISOString()
  const id = idOf(startedAt)
  const failed = failures()
  const mayMiss = before !== '' && options.beforeDeploy === 'any'
  const vaults = vaultsIn(context)
  if (!mayMiss) await assertAllowed(context, vaults, { of: source.of, adopt: said.adopt }, failed)
  const all: Making[] = []
  for (const vault of vaults) {
    await failed.attempt(vault, async () => {
      all.push(await begin(context, vault, id, { ...source, adopt: said.adopt }))
    })
  }
  if (all.length > 0) await withDumps(context, dumps, () => copyAll(context, all, { id, before }, failed))
  const made: Snapshot[] = []
  const places: string[] = []
  const told: string[] = []
  for (const making of all) {
    await failed.attempt(making.vault, async () => {
      const { mounts, clock } = source
      const snapshot = await seal(context, making, id, { ...said, startedAt, served, mounts, clock })
      if (snapshot === undefined) return
      made.push(snapshot)
      places.push(where(making.vault))
      told.push(madeText(snapshot, making.vault))
    })
  }
  await nextSecond(context, id)
  // A snapshot that is missing elsewhere does not stop the deploy when one exists; data that has shrunk does.
  if (mayMiss && made.length > 0 && failed.errors.every(({ code }) => code !== 'SRV-641')) {
    for (const { message } of failed.errors) context.warn(message)
    for (const one of told) context.done(one)
    return made
  }
  if (made.length > 0 && failed.errors.length > 0) {
    const { host, service } = context
    context.warn(`The snapshot ${id} of ${service.name} on ${host.name} was made in ${places.join(', ')}.`)
  }
  failed.tell(context, told)
  failed.assertNone()
  return made
}

/** Makes a snapshot of a service's data in each of its destinations, and removes those that no rule keeps. */
export function snapshotTask(task: TaskMaker<Options, Settings>, options: Options) {
  return task({
    title: 'Copy the data',
    on: 'instance',
    othersGoOn: true,
    applies: speaks,
    flags,
    also: ({ host }) => keepersOf(options, host),
    // The others get their snapshot all the same.
    alsoMayFail: destinationsOf(options).length > 1,
    describe: describeCopies,
    run(context: InstanceContext<Options, typeof flags, Settings>): Promise<readonly Snapshot[]> {
      return makeSnapshots(context, {
        allowShrunk: context.flags['allow-shrunk'],
        before: '',
        adopt: context.flags.adopt,
      })
    },
  })
}
