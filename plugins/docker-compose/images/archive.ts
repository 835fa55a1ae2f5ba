import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { join, relative } from 'node:path'
import * as z from 'zod'

/** One layer of an image as `docker save` writes it. */
export interface ArchivedLayer {
  /** Path of its file in the archive. */
  readonly file: string
  /** Ids of this layer and of all below it, joined: an engine that has this chain has the layer. */
  readonly chain: string
}

/** One image of an archive. */
export interface ArchivedImage {
  readonly id: string
  readonly tags: readonly string[]
  readonly layers: readonly ArchivedLayer[]
}

const manifestSchema = z.array(
  z.object({ Config: z.string(), RepoTags: z.array(z.string()).nullish(), Layers: z.array(z.string()) }),
)

const configSchema = z.object({ rootfs: z.object({ diff_ids: z.array(z.string()).nullish() }) })

/** What makes two lists of layers alike. */
export function chainOf(diffIds: readonly string[]): string {
  return diffIds.join(' ')
}

async function readImage(
  folder: string,
  { Config, RepoTags, Layers }: z.output<typeof manifestSchema>[number],
): Promise<ArchivedImage> {
  const text = await readFile(join(folder, Config))
  const diffIds = configSchema.parse(JSON.parse(text.toString('utf8'))).rootfs.diff_ids ?? []
  // A layer that two images share is a link in the archives of engines before 25.
  const files = await Promise.all(Layers.map(async (layer) => relative(folder, await realpath(join(folder, layer)))))
  return {
    id: `sha256:${createHash('sha256').update(text).digest('hex')}`,
    tags: RepoTags ?? [],
    layers: files.map((file, at) => ({ file, chain: chainOf(diffIds.slice(0, at + 1)) })),
  }
}

/**
 * Reads what `docker save` wrote and `tar` unpacked into a folder: the manifest of the image specification v1.2, which
 * archives of all engines have. A folder without one holds no images.
 *
 * @throws Error when what it holds is no such archive
 */
export async function readArchive(folder: string): Promise<readonly ArchivedImage[]> {
  if (!existsSync(join(folder, 'manifest.json'))) return []
  const whole = await realpath(folder)
  const manifest = manifestSchema.parse(JSON.parse(await readFile(join(whole, 'manifest.json'), 'utf8')))
  return Promise.all(manifest.map((one) => readImage(whole, one)))
}
