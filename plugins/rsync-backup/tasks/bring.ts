import { isSrvError, srvError, type InstanceContext, type Script } from '../../../src/index.ts'
import { fileOf, nameOf, type Dump } from '../dumps/kinds.ts'
import type { Options, Settings } from '../options.ts'
import { lacksScript, sendScript, type Sending } from '../scripts/restore.ts'
import type { Snapshot } from '../snapshot.ts'
import { vaultsOf, type Vault } from '../vault.ts'
import { askKeeper, kept, onKeeper, vaultsIn, type Place } from './context.ts'

/** What a task that brings a snapshot to its host works with. */
export type Bringing = Place &
  Pick<InstanceContext<Options, Record<never, never>, Settings>, 'bridge' | 'progress' | 'paths' | 'runId'>

/**
 * Where the snapshot is that is brought: in the first destination, the others are copies for when it is lost. Snapshots
 * of another host are where this one can get at them: not in a folder of that host.
 *
 * @throws SrvError SRV-654 when that host's are on itself alone
 */
export function sourceOf(context: Place, from?: string): Vault {
  const { options, service, projectRoot } = context
  const vaults =
    from === undefined ? vaultsIn(context) : vaultsOf(options, { host: { name: from }, service }, projectRoot)
  const found = vaults.find(({ on, address }) => from === undefined || address !== undefined || on !== from)
  if (found !== undefined) return found
  throw srvError('SRV-654', { flag: 'from', said: from ?? '', problem: 'its snapshots are on that host alone' })
}

/** Runs a part of a restore on the host. @throws SrvError SRV-645 */
export async function here(context: Bringing, script: Script): Promise<void> {
  try {
    await context.run`${script}`
  } catch (thrown) {
    if (!isSrvError(thrown)) throw thrown
    const { service, host } = context
    const problem = (thrown.output.findLast((line) => line.trim() !== '') ?? thrown.message).replace(/\.$/, '')
    const details = { service: service.name, host: host.name, problem }
    throw srvError('SRV-645', details, { where: { host: host.name }, output: thrown.output })
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

/** @throws SrvError SRV-643 for a path that the snapshot does not have */
export async function assertHas(context: Bringing, vault: Vault, snapshot: Snapshot, path: string): Promise<void> {
  const missing = await lacking(context, vault, snapshot, [`data/${path}`])
  if (missing.length === 0) return
  const details = { ...kept(context, vault), wanted: `${path} in the snapshot ${snapshot.id}` }
  throw srvError('SRV-643', details, { where: { host: context.host.name } })
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

/** Brings data of a snapshot to the host. @throws SrvError SRV-645 */
export async function sendData(
  context: Bringing,
  vault: Vault,
  { id }: Snapshot,
  { staging, path }: { readonly staging: string; readonly path: string | undefined },
): Promise<void> {
  await send(context, vault, id, { kind: 'data', path, folder: `${staging}/data` })
}

/** Brings the dumps of a snapshot to the host. @throws SrvError SRV-645 */
export async function sendDumps(context: Bringing, vault: Vault, { id }: Snapshot, staging: string): Promise<void> {
  await send(context, vault, id, { kind: 'dumps', folder: `${staging}/dumps` })
}

async function send(context: Bringing, vault: Vault, id: string, what: Omit<Sending, 'isRemote'>): Promise<void> {
  const { host, options } = context
  const sending = { ...what, isRemote: vault.on !== host.name }
  const script = sendScript(vault, id, options, sending)
  if (!sending.isRemote) {
    await onKeeper(context, vault, script)
    return
  }
  const { end, stderr } = await context.bridge({ on: vault.on, script })
  if (end.kind === 'exit' && end.code === 0) return
  const problem = end.kind === 'exit' ? `rsync ended with exit code ${String(end.code)}` : `it was ${end.kind}`
  const details = { service: context.service.name, host: host.name, problem }
  throw srvError('SRV-645', details, { where: { host: host.name }, output: stderr.split('\n').slice(-20) })
}
