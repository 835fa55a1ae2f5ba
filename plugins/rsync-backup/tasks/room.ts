import { factsIn } from '../facts.ts'
import { takesScript } from '../scripts/room.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Vault } from '../vault.ts'
import { askKeeper, type Place } from './context.ts'

/**
 * Why this many bytes do not fit where a text printed how many KiB are `free`; `undefined` when they do. Sparse files and
 * hard links take less than the sum of the sizes: where that sum is too large, or unknown, `takes` is asked for the real need.
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
