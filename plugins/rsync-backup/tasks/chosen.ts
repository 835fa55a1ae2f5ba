import { srvError, type InstanceContext, type SrvError } from '../../../src/index.ts'
import { choose, limitOf, wantedText, type Wanted } from '../choose.ts'
import { factsIn } from '../facts.ts'
import { soughtScript, type Sought } from '../scripts/sought.ts'
import { readListed, readSnapshots, unreadableIn, type Snapshot, type Unreadable } from '../snapshot.ts'
import type { Vault } from '../vault.ts'
import { askKeeper, kept, where, type Place } from './context.ts'

/** What was chosen in a vault. */
interface Chosen {
  readonly snapshot: Snapshot
  /** Newer ones of which nobody can say whether they are what was meant. */
  readonly unreadable: readonly Unreadable[]
}

/** What chooses a snapshot to be restored. */
type Choosing = Place & Pick<InstanceContext, 'warn'>

/** The error of a snapshot whose description is lost, or was changed. */
export function unreadable(context: Place, vault: Vault, { id, isChanged }: Unreadable): SrvError {
  return srvError('SRV-666', { ...kept(context, vault), id, isChanged }, { where: { host: context.host.name } })
}

/** @throws SrvError SRV-666 where a vault has a snapshot, but not what it should say of it */
export async function isIn(context: Place, vault: Vault, id: string): Promise<boolean> {
  const { stdout } = await askKeeper(context, vault, soughtScript(vault, { snapshot: id }))
  const found = readListed(stdout).find((one) => one.id === id)
  if (found?.state === 'unreadable') throw unreadable(context, vault, found)
  return found !== undefined
}

async function chosen(
  context: Place,
  vault: Vault,
  wanted: string,
  sought: Sought,
  choice: (snapshots: readonly Snapshot[], latest?: string) => Snapshot | undefined,
): Promise<Chosen> {
  const { stdout } = await askKeeper(context, vault, soughtScript(vault, sought))
  const snapshots = readSnapshots(stdout)
  const lost = unreadableIn(stdout)
  const snapshot = choice(snapshots, factsIn(stdout).get('latest'))
  if (snapshot !== undefined) return { snapshot, unreadable: lost.filter(({ id }) => id > snapshot.id) }
  const [first] = lost
  if (first !== undefined) throw unreadable(context, vault, first)
  const later = choice(snapshots)
  const text = wanted + (later === undefined ? '' : ` except ${later.id}, which is dated in the future,`)
  throw srvError('SRV-643', { ...kept(context, vault), wanted: text }, { where: { host: context.host.name } })
}

/** The snapshot that is meant in a vault. @throws SrvError SRV-643 when there is none, SRV-666 when nobody can tell */
export async function meantIn(context: Place, vault: Vault, wanted: Wanted): Promise<Chosen> {
  const { snapshot } = wanted
  const sought = snapshot === undefined ? { until: limitOf(wanted) } : { snapshot }
  return chosen(context, vault, wantedText(wanted), sought, (snapshots, latest) => choose(snapshots, wanted, latest))
}

function warned(context: Choosing, vault: Vault, { snapshot, unreadable: lost }: Chosen): Snapshot {
  for (const { id, isChanged } of lost) {
    const why = isChanged ? 'was changed after it was written' : 'cannot be read'
    context.warn(
      `The snapshot ${id} in ${where(vault)} is newer than ${snapshot.id}, which is taken, but its snapshot.json ${why}.`,
    )
  }
  return snapshot
}

/** The same, with a warning for each newer one whose description is lost or was changed. */
export async function chosenIn(context: Choosing, vault: Vault, wanted: Wanted): Promise<Snapshot> {
  return warned(context, vault, await meantIn(context, vault, wanted))
}

/**
 * Chooses from the snapshots in a vault, newest first; those after `latest` were made with a wrong clock.
 *
 * @throws SrvError SRV-643 when there is none, SRV-666 when nobody can tell
 */
export async function chosenBy(
  context: Choosing,
  vault: Vault,
  wanted: string,
  sought: Sought,
  choice: (snapshots: readonly Snapshot[], latest?: string) => Snapshot | undefined,
): Promise<Snapshot> {
  return warned(context, vault, await chosen(context, vault, wanted, sought, choice))
}
