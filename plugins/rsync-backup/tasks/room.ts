import { factsIn } from '../facts.ts'
import { takesScript } from '../scripts/room.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Vault } from '../vault.ts'
import { askKeeper, type Place } from './context.ts'

/**
 * Why there is no room for so many bytes where a text said how many KiB are `free`; nothing when there is. What is brought
 * takes less than the sum of its sizes where files are sparse or have several names: where that is too much, or not known,
 * `takes` is asked how much it is.
 */
export async function noRoom(
  said: string,
  bytes: number | undefined,
  takes: () => Promise<string>,
): Promise<string | undefined> {
  const free = factsIn(said).get('free')
  // In a dry run nothing was asked.
  if (free === undefined || (bytes !== undefined && Number(free) * 1024 > bytes)) return undefined
  const needed = factsIn(await takes()).get('takes') ?? '0'
  return Number(free) > Number(needed) ? undefined : `there is room for ${free} KiB, and ${needed} KiB are needed`
}

/** The same of a snapshot, or of one path in its data, which its keeper has on its own disk. */
export async function noRoomFor(
  context: Place,
  vault: Vault,
  { id, bytes }: Pick<Snapshot, 'id' | 'bytes'>,
  said: string,
  path?: string,
): Promise<string | undefined> {
  return noRoom(said, path === undefined ? bytes : undefined, async () => {
    const { stdout } = await askKeeper(context, vault, takesScript(vault, id, path))
    return stdout
  })
}
