import { factsIn } from '../facts.ts'
import { takesScript } from '../scripts/room.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Vault } from '../vault.ts'
import { askKeeper, type Place } from './context.ts'

/** Each file takes whole blocks, also one of a single byte. */
const block = 4096

/**
 * Why there is no room where a text said how many KiB are `free`; nothing when there is. `most` is how many bytes it can
 * take, which is less where files are sparse or have several names: where there is no room for that, or it is not known,
 * `takes` is asked how much it is.
 */
export async function noRoom(
  said: string,
  most: number | undefined,
  takes: () => Promise<string>,
): Promise<string | undefined> {
  const free = factsIn(said).get('free')
  // In a dry run nothing was asked.
  if (free === undefined || (most !== undefined && Number(free) * 1024 > most)) return undefined
  const needed = factsIn(await takes()).get('takes') ?? '0'
  return Number(free) > Number(needed) ? undefined : `there is room for ${free} KiB, and ${needed} KiB are needed`
}

/** The same of a snapshot, or of one path in its data, which its keeper has on its own disk. */
export async function noRoomFor(
  context: Place,
  vault: Vault,
  { id, bytes, files }: Pick<Snapshot, 'id' | 'bytes' | 'files'>,
  said: string,
  path?: string,
): Promise<string | undefined> {
  return noRoom(said, path === undefined ? bytes + files * block : undefined, async () => {
    const { stdout } = await askKeeper(context, vault, takesScript(vault, id, path))
    return stdout
  })
}
