import {
  isSrvError,
  srvError,
  type InstanceContext,
  type Release,
  type Scratch,
  type TaskMaker,
} from '../../../src/index.ts'
import { plannedText } from '../choose.ts'
import { isFile } from '../dumps/kinds.ts'
import type { Options, Settings } from '../options.ts'
import { readingReader } from '../progress.ts'
import type { Part, RehearsalRecord } from '../rehearsal.ts'
import { notIntact } from '../scripts/checked.ts'
import {
  clearScript,
  freePort,
  leadInwardsScript,
  openScript,
  playScript,
  recordScript,
  restoredIn,
  roomScript,
  scratchOf,
  type Play,
} from '../scripts/rehearse.ts'
import { verifyScript } from '../scripts/verify.ts'
import type { Snapshot } from '../snapshot.ts'
import { speaks, type Vault } from '../vault.ts'
import { ledOut, sendAll } from './bring.ts'
import { chosenIn } from './chosen.ts'
import { afterFailure, endWords, keeperIn, kept, problemOf, where, withoutProgress } from './context.ts'
import { loadFilesText, whatFailed } from './load.ts'
import { loadSeconds, rehearsedDumps } from './rehearse-dumps.ts'
import { enterData, partOf } from './rehearse-words.ts'
import { noRoomFor } from './room.ts'
import { fromFlag, sourceFlag, sourceOf, sourcesIn } from './source.ts'
import { wantedFlags } from './verify.ts'

const flags = { ...wantedFlags, from: fromFlag, source: sourceFlag } as const

type Context = InstanceContext<Options, typeof flags, Settings>

/** What was proved so far, and what to know about it. */
interface Proof {
  readonly checked: Part[]
  release: string
  note: string
}

/** A rehearsal that is under way. */
interface Stage {
  readonly context: Context
  readonly vault: Vault
  readonly snapshot: Snapshot
  readonly folder: string
  readonly data: string
  readonly proof: Proof
}

function failed({ context, vault, snapshot: { id } }: Stage, problem: string, output: readonly string[] = []) {
  const { host } = context
  return srvError('SRV-655', { ...kept(context, vault), id, problem }, { where: { host: host.name }, output })
}

async function makeRoom(stage: Stage): Promise<string> {
  try {
    return (await stage.context.run`${roomScript(stage.folder)}`).stdout
  } catch (thrown) {
    if (!isSrvError(thrown)) throw thrown
    throw failed(stage, problemOf(thrown), thrown.output)
  }
}

/** Copies the snapshot into scratch and verifies it there, against its own manifest. */
async function bring(stage: Stage): Promise<void> {
  const { context, vault, snapshot, folder, proof } = stage
  const { host, options } = context
  const { id } = snapshot
  const out = await ledOut(context, vault, snapshot, context.settings.dumps)
  if (out !== undefined) throw failed(stage, `the dump ${out.dump} cannot be loaded: ${out.reason}`)
  const lack = await noRoomFor(context, vault, snapshot, await makeRoom(stage))
  if (lack !== undefined) throw failed(stage, lack)
  context.progress(`copying ${id}: ${String(snapshot.files)} files`)
  const unsent = await sendAll(context, vault, id, { kind: 'all', folder: `${folder}/${id}` })
  if (unsent !== undefined) throw failed(stage, `the snapshot could not be copied, ${unsent.problem}`, unsent.output)
  context.progress(`verifying ${id}`)
  const { base } = restoredIn(folder, id)
  const { end, stdout, stderr } = await context.watch(
    verifyScript({ on: host.name, folder, base }, id, options, 'full'),
    readingReader((now) => context.progress(now)),
  )
  if (end.kind !== 'exit' || end.code !== 0) {
    const output = withoutProgress(`${stdout}\n${stderr}`).filter((line) => line.trim() !== '')
    if (end.kind !== 'exit' || end.code !== notIntact) {
      const problem = end.kind === 'exit' ? (output.at(-1) ?? `exit status ${String(end.code)}`) : endWords(end)
      throw failed(stage, `what was brought could not be verified: ${problem}`, output.slice(-20))
    }
    const what = output.length === 1 ? 'difference' : 'differences'
    throw failed(stage, `the copy has ${String(output.length)} ${what} from its manifest`, output.slice(0, 50))
  }
  await context.run`${openScript(folder, id)}`
  // Containers have the copy at the path of the live data.
  if (context.instance.kind === 'native') await context.run`${leadInwardsScript(context.paths.data, stage.data)}`
  proof.checked.push('data')
  const files = loadFilesText(context, context.settings.dumps, `${folder}/${id}`)
  if (files === undefined) return
  try {
    await context.run`${files}`
  } catch (thrown) {
    if (!isSrvError(thrown)) throw thrown
    throw failed(stage, whatFailed(thrown.output) ?? problemOf(thrown), thrown.output)
  }
}

/** The dumps of the snapshot, in the folder that it was copied to. */
function dumpsIn({ folder, snapshot }: Pick<Stage, 'folder' | 'snapshot'>): string {
  return `${folder}/${snapshot.id}/dumps`
}

/** The release that belongs to the snapshot, or in one sentence why it cannot be started. */
function releaseOf({ state }: Context, { release }: Snapshot): Release | string {
  if (release === '') return 'no release was running when the snapshot was made'
  const found = [...state.releases, ...(state.release === undefined ? [] : [state.release])].find(
    ({ id }) => id === release,
  )
  return found ?? `the release ${release} is no longer on the host`
}

/** What is rehearsed in scratch: with the release if it can be started, otherwise with the data alone. */
async function playOf(stage: Stage): Promise<Play> {
  const { context, snapshot, folder, data, proof } = stage
  const { service, state, environment, settings } = context
  const { assert: command, timeoutSeconds, start, variables } = settings.rehearsal
  const end = context.endRehearsal({ folder, data })
  const assert = command === undefined ? {} : { assert: { command, timeoutSeconds } }
  const healthSeconds = Math.max(60, ...context.instance.health.map(({ timeoutMs }) => Math.ceil(timeoutMs / 1000)))
  const seconds = timeoutSeconds + healthSeconds + 60
  const leave = (left: readonly string[]): void => {
    if (left.length === 0) return
    proof.note = [proof.note, `not loaded: ${left.join(', ')}`].filter((one) => one !== '').join('; ')
    context.progress(`dumps that were not loaded: ${left.join(', ')}`)
  }
  const base = { folder, service: service.name, seconds, end, ...assert }
  const dataOnly = (reason: string): Play => {
    proof.note = `only the data was restored: ${reason}`
    context.progress(proof.note)
    leave(rehearsedDumps(settings.dumps, undefined, dumpsIn(stage)).left)
    return { ...base, enter: enterData(context, snapshot, { folder, data, variables }) }
  }
  if (start === false) return dataOnly('the config says `start: false`')
  const release = releaseOf(context, snapshot)
  if (typeof release === 'string') return dataOnly(release)
  const { stdout } = await context.probe`${freePort}`
  const scratch: Scratch = {
    folder,
    data,
    release,
    environment,
    port: Number(stdout.trim()),
    variables: { SRV_DUMPS: dumpsIn(stage), SRV_SNAPSHOT: snapshot.id, ...variables },
    limitSeconds: seconds,
    ...(start === undefined ? {} : { start }),
    ...(state.release?.id === release.id && state.directory !== undefined ? { directory: state.directory } : {}),
  }
  const texts = context.rehearsal(scratch)
  if (typeof texts === 'string') return dataOnly(texts)
  proof.release = release.id
  const dumps = rehearsedDumps(settings.dumps, texts.parts, dumpsIn(stage))
  leave(dumps.left)
  context.progress(`starting ${release.id} next to the running service`)
  const limit = seconds + (dumps.play.dumps === undefined ? 0 : loadSeconds)
  return { ...base, ...dumps.play, seconds: limit, release: texts, enter: texts.enter }
}

async function play(stage: Stage): Promise<void> {
  const { context, proof } = stage
  const played = await playOf(stage)
  if (played.dumps === undefined && context.settings.dumps.some(isFile)) proof.checked.push('dumps')
  const parts: Part[] = [
    ...(played.dumps === undefined ? [] : (['dumps'] as const)),
    ...(played.release === undefined ? [] : (['release', 'health'] as const)),
    ...(played.assert === undefined ? [] : (['assert'] as const)),
  ]
  try {
    await context.run`${playScript(played)}`
    proof.checked.push(...parts)
  } catch (thrown) {
    if (!isSrvError(thrown)) throw thrown
    const { part, problem, output } = partOf(thrown, proof.release)
    const at = parts.findIndex((one) => one === part)
    proof.checked.push(...parts.slice(0, Math.max(0, at)))
    throw failed(stage, problem, output)
  }
}

/** Writes the proof next to the snapshots. A proof that cannot be written does not count: then the rehearsal has failed. */
async function record(stage: Stage, at: Date, problem?: string): Promise<RehearsalRecord> {
  const { context, vault, snapshot, proof } = stage
  const { checked, release, note } = proof
  const seconds = Math.round((Date.now() - at.getTime()) / 100) / 10
  const found: RehearsalRecord = {
    schema: 'srv.rehearsal/1',
    id: snapshot.id,
    at: at.toISOString(),
    host: context.host.name,
    seconds,
    ok: problem === undefined,
    release,
    checked,
    note: problem ?? note,
  }
  try {
    await keeperIn(context, vault).run`${recordScript(vault, found)}`
  } catch (thrown) {
    if (!isSrvError(thrown)) throw thrown
    throw failed(stage, `its proof could not be written, ${problemOf(thrown)}`, thrown.output)
  }
  return found
}

/** Restores, starts and checks in scratch, and then removes everything there, including what a dead run left. */
async function rehearse(context: Context): Promise<RehearsalRecord | undefined> {
  const vault = sourceOf(context, context.flags)
  const snapshot = await chosenIn(context, vault, context.flags)
  if (context.dryRun) {
    context.progress(`the snapshot ${snapshot.id}: ${String(snapshot.files)} files`)
    return undefined
  }
  const folder = scratchOf(context.paths)
  const { data } = restoredIn(folder, snapshot.id)
  const clear = async (): Promise<void> => {
    await context.run`${clearScript(folder, context.endRehearsal({ folder, data }))}`
  }
  const stage: Stage = { context, vault, snapshot, folder, data, proof: { checked: [], release: '', note: '' } }
  const at = new Date()
  await clear()
  // After an interrupt nothing more can be sent from here, except by an undo.
  context.onRollback(clear)
  try {
    await bring(stage)
    await play(stage)
  } catch (thrown) {
    if (!context.signal.aborted) {
      await afterFailure(context, () => record(stage, at, thrown instanceof Error ? thrown.message : 'unknown'))
      await afterFailure(context, clear)
    }
    throw thrown
  }
  const found = await record(stage, at)
  await clear()
  context.done(`${snapshot.id}: ${found.checked.join(', ')} in ${String(found.seconds)} s`)
  return found
}

/** Rehearses a restore: the proof is written next to the snapshots, and what serves is not touched. */
export function rehearseTask(task: TaskMaker<Options, Settings>, options: Options) {
  return task({
    title: 'Rehearse a restore',
    on: 'instance',
    othersGoOn: true,
    applies: speaks,
    also: (placement, _settings, said) => sourcesIn(options, placement, said),
    flags,
    describe: (context) =>
      `restore the ${plannedText(context.flags)} in ${where(sourceOf(context, context.flags))} into ${scratchOf(context.paths)}, start its release there, and remove it all`,
    run: rehearse,
  })
}
