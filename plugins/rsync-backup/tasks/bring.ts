import {
  isSrvError,
  lines,
  raw,
  sh,
  srvError,
  type ExecResult,
  type InstanceContext,
  type Script,
  type SrvError,
} from '../../../src/index.ts'
import { fileOf, isFile, nameOf, type Dump } from '../dumps/kinds.ts'
import type { Options, Settings } from '../options.ts'
import { progressReader } from '../progress.ts'
import { notIntact } from '../scripts/checked.ts'
import { notThere } from '../scripts/reading.ts'
import { isBroken, meaningBack } from '../scripts/meaning.ts'
import { bridged } from '../scripts/pass.ts'
import {
  dropAsideScript,
  lacksScript,
  ledOutScript,
  onItself,
  prepareScript,
  sendScript,
  setAsideScript,
  type Sending,
} from '../scripts/restore.ts'
import { pendingScript } from '../scripts/sqlite.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Vault } from '../vault.ts'
import { isDumped } from '../wanted-part.ts'
import { awaitScript } from '../way/brought.ts'
import { overLink } from '../way/near.ts'
import { askKeeper, endWords, gone, kept, problemOf, saidBy, type Place } from './context.ts'
import type { Linking } from './link.ts'
import { assertOwners } from './owners.ts'
import { noRoomFor } from './room.ts'
import { assertIntact, differs } from './verify.ts'
import { giveUpWay, passageBack, passageText } from './way.ts'

/** What a task that brings a snapshot to its host works with. */
type Bringing = Linking & Pick<InstanceContext<Options, Record<never, never>, Settings>, 'bridge' | 'follow' | 'warn'>

/** Runs a part of a restore on the host, and returns its output. @throws SrvError SRV-645 */
export async function here(context: Bringing, script: Script): Promise<string> {
  try {
    return (await context.run`${script}`).stdout
  } catch (thrown) {
    if (!isSrvError(thrown)) throw thrown
    throw unrestored(context, { problem: problemOf(thrown), output: thrown.output })
  }
}

/** Those of some paths that a snapshot does not have. */
export async function lacking(
  context: Bringing,
  vault: Vault,
  { id }: Snapshot,
  paths: readonly string[],
): Promise<readonly string[]> {
  if (paths.length === 0) return []
  const { stdout } = await askKeeper(context, vault, lacksScript(vault, id, paths))
  return stdout.split('\n').filter((line) => line !== '')
}

async function lacks(context: Bringing, vault: Vault, snapshot: Snapshot, path: string): Promise<boolean> {
  return (await lacking(context, vault, snapshot, [`data/${path}`])).length > 0
}

/** @throws SrvError SRV-643 for a path that the snapshot does not have */
export async function assertHas(context: Bringing, vault: Vault, snapshot: Snapshot, path: string): Promise<void> {
  if (!(await lacks(context, vault, snapshot, path))) return
  const details = { ...kept(context, vault), wanted: `${path} in the snapshot ${snapshot.id}` }
  throw srvError('SRV-643', details, { where: { host: context.host.name } })
}

/** @throws SrvError SRV-645 for the file of a database that is damaged without what SQLite wrote beside it */
export async function assertWhole(context: Bringing, vault: Vault, { id }: Snapshot, path: string): Promise<void> {
  const [first = ''] = (await askKeeper(context, vault, pendingScript(vault, id, path))).stdout.split('\n')
  if (first === '') return
  const problem = `in the snapshot ${id} the SQLite database ${path} is damaged without ${first} beside it: restore the folder that both are in, or to another folder with --to`
  throw unrestored(context, { problem, output: [] })
}

/** @throws SrvError SRV-651 for a dump that the snapshot does not have */
export async function assertHasDumps(
  context: Bringing,
  vault: Vault,
  snapshot: Snapshot,
  dumps: readonly Dump[],
): Promise<void> {
  const pathOf = (one: Dump): string => `dumps/${fileOf(one)}`
  const missing = await lacking(context, vault, snapshot, dumps.map(pathOf))
  const one = dumps.find((dump) => missing.includes(pathOf(dump)))
  if (one === undefined) return
  throw srvError('SRV-651', { dump: nameOf(one), reason: `the snapshot ${snapshot.id} has no ${pathOf(one)}` })
}

/**
 * Why one of the dumps that are files cannot be loaded into what is brought of a snapshot: it would go to where a link leads,
 * which is the file that the service works with. The host looks once more before it loads, as no keeper knows where relative
 * links lead.
 */
export async function ledOut(
  context: Place,
  vault: Vault,
  { id }: Snapshot,
  dumps: readonly Dump[],
): Promise<{ readonly dump: string; readonly reason: string } | undefined> {
  const files = dumps.filter(isFile)
  if (files.length === 0) return undefined
  const script = ledOutScript(
    vault,
    id,
    files.map(({ file }) => file),
  )
  const found = (await askKeeper(context, vault, script)).stdout.split('\n')
  const one = files.find(({ file }) => found.includes(file))
  if (one === undefined) return undefined
  const reason = `in the snapshot ${id} the way to data/${one.file} is a link that leads out of the data, and loading it there would replace a file that is in use`
  return { dump: nameOf(one), reason }
}

/** @throws SrvError SRV-651 for a dump that would be loaded out of the data */
export async function assertWithin(
  context: Place,
  vault: Vault,
  snapshot: Snapshot,
  dumps: readonly Dump[],
): Promise<void> {
  const found = await ledOut(context, vault, snapshot, dumps)
  if (found !== undefined) throw srvError('SRV-651', found, { where: { host: context.host.name } })
}

/** Which part of a snapshot is copied, and where to. */
interface Brought {
  readonly staging: string
  /** Below the data. @default all of them */
  readonly path: string | undefined
  readonly hasDumps: boolean
  /** Those that are loaded. @default none */
  readonly dumps?: readonly Dump[]
  /** Into a separate folder, where owners may be lost as long as that is reported. @default false */
  readonly isBeside?: boolean
  /** Asked on the host before the folder is made there. */
  readonly before?: Script
}

/**
 * Copies the wanted part of a snapshot to a folder on its host, and verifies it by the checksums that rsync makes of what it
 * sends, so that it is read only once. Where rsync cannot do that, the whole snapshot is verified at the same time. Nothing is
 * put in place before both have succeeded; the undo of the step removes what was copied of a snapshot that is not intact.
 *
 * @throws SrvError SRV-642, SRV-645, SRV-659, SRV-665
 */
export async function bringVerified(
  context: Bringing,
  vault: Vault,
  snapshot: Snapshot,
  { staging, path, hasDumps, dumps = [], isBeside = false, before }: Brought,
): Promise<void> {
  const { id, files, checksum } = snapshot
  const prepare = prepareScript(staging)
  const said = await here(context, before === undefined ? prepare : lines(before, prepare))
  const lack = await noRoomFor(context, vault, snapshot, said, path)
  if (lack !== undefined) throw unrestored(context, { problem: lack, output: [] })
  await assertOwners(context, vault, snapshot, said, { path, dumps, isBeside })
  // In a dry run nothing was asked, and nothing will be sent: the snapshot that would be restored is verified.
  const isChecked = said.split('\n').includes(checksum)
  const doing = context.dryRun ? 'verifying' : 'copying and verifying'
  context.progress(`${doing} ${path ?? `${String(files)} files`} of ${id}`)
  const bring = async (): Promise<void> => {
    const isLeftOut = path !== undefined && isDumped(path, dumps) && (await lacks(context, vault, snapshot, path))
    if (isLeftOut) await here(context, sh`(umask 077 && mkdir ${`${staging}/data`})`)
    else await send(context, vault, id, { kind: 'data', path, folder: `${staging}/data`, isChecked })
    // Beside one file, those of servers are not wanted, and may be large.
    const [only, ...others] = path === undefined ? [] : dumps.map(fileOf)
    const one = others.length === 0 ? only : undefined
    if (hasDumps) await send(context, vault, id, { kind: 'dumps', path: one, folder: `${staging}/dumps`, isChecked })
  }
  // Beside a copy, that of the copy is what is told.
  const told = context.dryRun ? context : undefined
  const part = { path: hasDumps ? undefined : path }
  const verify = isChecked ? Promise.resolve() : assertIntact(context, vault, snapshot, 'full', part, told)
  const [verified, brought] = await Promise.allSettled([verify, bring()])
  // Of two failures the first is reported: rsync may well have failed on what the manifest shows as a difference.
  if (verified.status === 'rejected') throw verified.reason
  if (brought.status === 'rejected') throw brought.reason
}

async function send(context: Bringing, vault: Vault, id: string, what: Omit<Sending, 'shell'>): Promise<void> {
  const failed = await sendAll(context, vault, id, what)
  if (failed?.code === notIntact) throw differs(context, vault, id, failed.output)
  if (failed?.code === notThere) throw gone(context, vault, failed.output.join('\n'))
  if (failed !== undefined) throw unrestored(context, failed)
}

/** The output of a text that compares with a manifest. */
const difference = /^(?:missing |new |differs in |the manifest )/

/** Why something was not done, and the output. */
interface Failed {
  /** Exit status, when it is known. */
  readonly code?: number
  readonly problem: string
  readonly output: readonly string[]
}

/** The error of a restore that was given up before anything was put in place. */
export function unrestored({ service, host }: Place, { problem, output }: Failed): SrvError {
  return srvError(
    'SRV-645',
    { service: service.name, host: host.name, problem },
    { where: { host: host.name }, output },
  )
}

/** Sends something of a snapshot over whatever way there is from its keeper to the host. */
async function sent(context: Bringing, vault: Vault, id: string, what: Omit<Sending, 'shell'>): Promise<ExecResult> {
  const { folder } = what
  const text = (shell: Script, more: Partial<Sending> = {}): Script =>
    sendScript(vault, id, context.options, { ...what, shell, ...more })
  const strict = (script: Script): Script => lines(raw('set -eu'), script)
  const onOutput = progressReader((now) => context.progress(now))
  if (vault.on === context.host.name) return context.follow(strict(text(onItself, { inPlace: true })), onOutput)
  const taken = await passageBack(context, vault)
  const said = passageText(context, vault, taken, true)
  if (said !== '' && what.kind !== 'dumps') context.progress(said)
  // A host never fetches from its keeper: where hosts push, a restore goes through this machine.
  if (taken.by !== 'pull') return context.bridge({ on: vault.on, script: text(bridged, { inPlace: true }), onOutput })
  const { before, shell } = overLink(taken.tag)
  const name = `${context.service.name}.${what.kind}`
  await context.run`${awaitScript({ tag: taken.tag, name, folder })}`
  const result = await context.at(vault.on).follow(strict(lines(before, text(shell, { folder: name }))), onOutput)
  if (result.end.kind === 'exit' && [0, notIntact, notThere].includes(result.end.code)) return result
  if (result.end.kind !== 'exit' || !isBroken(result.end.code)) {
    const hint = `${vault.on} sent it directly; with way: 'laptop' for this destination it goes through the machine that runs srv`
    return { ...result, stderr: `${result.stderr}\n${hint}\n` }
  }
  const problem = `the connection broke: rsync ended with exit code ${String(result.end.code)}`
  context.progress(`what ${vault.on} has not sent to ${context.host.name} goes through this machine: ${problem}`)
  await giveUpWay(context, vault, problem)
  await here(context, strict(setAsideScript(folder)))
  const sentAgain = await context.bridge({ on: vault.on, script: text(bridged, { again: true }), onOutput })
  await here(context, strict(dropAsideScript(folder)))
  return sentAgain
}

/** Sends a part of a snapshot to the host. Returns why it did not get there; `undefined` when it did. */
export async function sendAll(
  context: Bringing,
  vault: Vault,
  id: string,
  what: Omit<Sending, 'shell'>,
): Promise<Failed | undefined> {
  const { end, stdout, stderr } = await sent(context, vault, id, what)
  if (end.kind === 'exit' && end.code === 0) return undefined
  if (end.kind === 'exit' && end.code === notIntact) {
    // Over a bridge all output comes through stderr.
    const output = `${stdout}\n${stderr}`.split('\n').filter((line) => difference.test(line))
    return { code: notIntact, problem: 'it differs from its manifest', output }
  }
  if (end.kind === 'exit' && end.code === notThere) {
    return {
      code: notThere,
      problem: 'since it was removed after it was chosen, as a prune does',
      output: saidBy(stderr),
    }
  }
  return { problem: end.kind === 'exit' ? meaningBack(end.code, stderr) : endWords(end), output: saidBy(stderr) }
}
