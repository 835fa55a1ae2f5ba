import { posix } from 'node:path'
import { srvError, type InstanceContext } from '../../../src/index.ts'
import { fileOf, isFile, type Dump } from '../dumps/kinds.ts'
import { factsIn } from '../facts.ts'
import type { Options, Settings } from '../options.ts'
import { strangerScript } from '../scripts/owners.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Vault } from '../vault.ts'
import { askKeeper, type Place } from './context.ts'

type Telling = Place & Pick<InstanceContext<Options, Record<never, never>, Settings>, 'warn'>

/** What is brought. */
interface Wanted {
  /** Below the data. @default all of them */
  readonly path: string | undefined
  /** Those that are loaded. */
  readonly dumps: readonly Dump[]
  readonly isBeside: boolean
}

/** The topmost part of a path that is copied with it; the host printed its depth as `taken`. */
function topOf(path: string | undefined, taken: string | undefined): string | undefined {
  return path
    ?.split('/')
    .slice(0, Number(taken ?? 0) + 1)
    .join('/')
}

/**
 * Looks, before anything is copied, for files that a user who is not root cannot give back to their owner: rsync would
 * silently make them that user's own. Root keeps all owners, so nothing has to be checked then.
 *
 * @throws SrvError SRV-659 for data that is to be live; for a separate folder it is only a warning
 */
export async function assertOwners(
  context: Telling,
  vault: Vault,
  { id }: Pick<Snapshot, 'id'>,
  said: string,
  { path, dumps, isBeside }: Wanted,
): Promise<void> {
  const facts = factsIn(said)
  const [user, groups = ''] = [facts.get('user'), facts.get('groups')]
  // In a dry run nothing was asked.
  if (user === undefined || user === '0') return
  const part = {
    path,
    top: topOf(path, facts.get('taken')),
    dumps: dumps.filter(isFile).map((one) => ({ dump: fileOf(one), file: one.file })),
  }
  const { stdout } = await askKeeper(context, vault, strangerScript(vault, id, { user, groups }, part))
  const [, owner, name] = /^stranger (\S+) (.*)$/m.exec(stdout) ?? []
  if (owner === undefined || name === undefined) return
  const { service, host } = context
  const found = posix.join('data', name).replace(/\/$/, '')
  const details = { service: service.name, host: host.name, id, path: found, owner, user }
  if (!isBeside) throw srvError('SRV-659', details, { where: { host: host.name } })
  context.warn(
    `owners are not kept: ${user} on ${host.name} is not root, so everything restored belongs to that user, even ${found}, which belongs to ${owner} in the snapshot`,
  )
}
