import {
  isSrvError,
  srvError,
  type ExecResult,
  type InstanceContext,
  type SrvError,
  type TaskMaker,
} from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import { progressReader } from '../progress.ts'
import { sourceScript } from '../checks.ts'
import { beginScript, readBegun, type Begun } from '../scripts/begin.ts'
import { passScript, type Pass } from '../scripts/pass.ts'
import { pruneScript } from '../scripts/prune.ts'
import { sealScript } from '../scripts/seal.ts'
import { readSnapshot, type Snapshot } from '../snapshot.ts'
import { armScript, disarmScript } from '../scripts/timer.ts'
import { keepersOf, speaks, type Vault } from '../vault.ts'
import { failure, kept, onKeeper, vaultsIn, where } from './context.ts'

const flags = {
  'allow-shrunk': { type: 'boolean', description: 'Take data of less than half of before for good' },
} as const

type Context = InstanceContext<Options, typeof flags, Settings>

/** `20261122T140311Z`: the name of a snapshot, from the time at which its run began. */
function idOf(startedAt: string): string {
  return startedAt.replaceAll(/[-:]|\.\d+/g, '')
}

/** What the exit codes of rsync mean (rsync(1), EXIT VALUES), where a reader can do something about it. */
function meaning(code: number, said: string): string {
  if (/No space left|Disk quota exceeded/.test(said)) return 'there is no room left where the snapshots are'
  if (code === 23) return 'some files could not be read: a part of the data is no snapshot'
  return `rsync ended with exit code ${String(code)}`
}

function assertCopied(context: Context, vault: Vault, { end, stderr }: ExecResult): void {
  if (end.kind === 'exit' && end.code === 0) return
  const output = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('progress '))
  const problem =
    end.kind === 'exit'
      ? meaning(end.code, stderr)
      : end.kind === 'lost'
        ? `the connection was lost (${end.reason})`
        : `it was ${end.kind}`
  throw failure(context, vault, problem, output.slice(-20))
}

/** One copy over whatever way there is between the two machines. */
async function copy(context: Context, pass: Omit<Pass, 'from'>): Promise<void> {
  const { vault } = pass
  const { data } = context.paths
  if (vault.on !== context.host.name) {
    const script = passScript({ ...pass, from: `srv:${data}` })
    assertCopied(
      context,
      vault,
      await context.bridge({ on: vault.on, script, onOutput: progressReader((now) => context.progress(now)) }),
    )
    return
  }
  await onKeeper(context, vault, passScript({ ...pass, from: data }))
}

/** Copies the data while the service is kept from writing; whatever happens, what ran before runs again. */
async function quietly(context: Context, how: 'pause' | 'stop', work: () => Promise<void>): Promise<void> {
  const { service, paths, settings } = context
  const timed = { service: service.name, state: paths.state }
  const resume = async (): Promise<void> => {
    await context.run`${context.resume()}`
    await context.run`${disarmScript(timed)}`
  }
  await context.run`${armScript({ ...timed, resume: context.resume(), seconds: settings.holdSeconds })}`
  // After an interrupt nothing more is sent from here; what is undone then is.
  context.onRollback(resume)
  try {
    await context.run`${context.hold(how)}`
    await work()
    // A host that brought the service back in the middle of it has let it write.
    await context.run`${context.held()}`
  } finally {
    if (!context.signal.aborted) await resume()
  }
}

/** @throws SrvError SRV-648 when there is nothing to copy: it would be a snapshot that looks good */
async function assertData(context: Context): Promise<void> {
  const { service, host, settings } = context
  const { end, stdout } = await context.probe`${sourceScript(context, settings)}`
  if (end.kind === 'exit' && end.code === 0) return
  const details = { service: service.name, host: host.name, problem: stdout.trim() }
  throw srvError('SRV-648', details, { where: { host: host.name } })
}

/** A snapshot that is being made in one of the destinations. */
interface Making {
  readonly vault: Vault
  readonly begun: Begun
}

/** Why something could not be done in a destination; the others are gone on with. */
interface Failures {
  readonly errors: SrvError[]
  attempt(vault: Vault, work: () => Promise<unknown>): Promise<void>
}

function failures(): Failures {
  const errors: SrvError[] = []
  const failed = new Set<Vault>()
  return {
    errors,
    async attempt(vault, work) {
      if (failed.has(vault)) return
      try {
        await work()
      } catch (thrown) {
        if (!isSrvError(thrown)) throw thrown
        failed.add(vault)
        errors.push(thrown)
      }
    },
  }
}

/** Copies to all destinations, the service being kept quiet once for all of them. */
async function copyAll(context: Context, all: readonly Making[], id: string, failed: Failures): Promise<void> {
  const { options, settings } = context
  const { consistency } = settings
  const each = async (into: Pass['into'], hasWarm: boolean): Promise<void> => {
    for (const making of all) {
      await failed.attempt(making.vault, () => copy(context, { ...making, id, options, settings, into, hasWarm }))
    }
  }
  if (consistency === 'live') {
    await each('data', false)
    return
  }
  // Most of it is copied while the service runs: it is down for what changed meanwhile only.
  await each('warm', false)
  await quietly(context, consistency, () => each('data', true))
}

async function seal(context: Context, { vault, begun }: Making, id: string): Promise<Snapshot | undefined> {
  const { options, startedAt, state, host, service } = context
  const said = await onKeeper(
    context,
    vault,
    sealScript({
      vault,
      id,
      begun,
      options,
      startedAt,
      host: host.name,
      service: service.name,
      release: state.release === undefined ? 'null' : JSON.stringify(state.release),
      releaseId: state.release?.id ?? '',
      allowShrunk: context.flags['allow-shrunk'],
    }),
  )
  const snapshot = readSnapshot(said)
  if (snapshot?.state === 'suspect') {
    throw srvError('SRV-641', { ...kept(context, vault), id, note: snapshot.note }, { where: { host: host.name } })
  }
  if (options.keep !== undefined) await onKeeper(context, vault, pruneScript(vault, options.keep))
  return snapshot
}

/** Makes a snapshot of a service's data in each of its destinations, and removes those that no rule keeps. */
export function snapshotTask(task: TaskMaker<Options, Settings>, options: Options) {
  return task({
    title: 'Copy the data',
    on: 'instance',
    applies: speaks,
    flags,
    also: ({ host }) => keepersOf(options, host),
    describe: (context) =>
      vaultsIn(context)
        .map((vault) => `copy ${context.paths.data} to ${where(vault)}`)
        .join('; '),
    async run(context: Context): Promise<readonly Snapshot[]> {
      await assertData(context)
      const id = idOf(context.startedAt)
      const failed = failures()
      const all: Making[] = []
      for (const vault of vaultsIn(context)) {
        await failed.attempt(vault, async () => {
          const said = await onKeeper(context, vault, beginScript(vault, id, context.options.checksumEvery))
          all.push({ vault, begun: readBegun(said) })
        })
      }
      if (all.length > 0) await copyAll(context, all, id, failed)
      const made: Snapshot[] = []
      for (const making of all) {
        await failed.attempt(making.vault, async () => {
          const snapshot = await seal(context, making, id)
          if (snapshot !== undefined) made.push(snapshot)
        })
      }
      const [first] = failed.errors
      if (first !== undefined) throw first
      return made
    },
  })
}
