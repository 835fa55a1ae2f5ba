import { chainOf, type ArchivedImage } from './archive.ts'

/** What an engine already has. */
export interface Held {
  readonly images: ReadonlySet<string>
  /** Chains of layers, joined as in an archive. */
  readonly chains: ReadonlySet<string>
  /** Whether it accepts an archive without the layers that it already has. The containerd image store needs all of them, and has other ids. */
  readonly takesParts: boolean
}

/** The part of the id of an image or layer that `heldScript` prints: 64 bits are enough to tell those of a host apart. */
function beginningOf(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 16)
}

/**
 * Reads what `heldScript` printed: `store` with the driver's state, and for each image its id and the ids of its layers, or
 * the beginnings of them.
 */
export function readHeld(stdout: string): Held {
  const rows = stdout.split('\n')
  const images = rows.flatMap((row) => (row.startsWith('image ') ? [row.split(' ').slice(1).map(beginningOf)] : []))
  const chains = images.flatMap(([, ...layers]) => layers.map((_layer, at) => chainOf(layers.slice(0, at + 1))))
  return {
    images: new Set(images.flatMap(([id]) => id ?? [])),
    chains: new Set(chains),
    takesParts: !rows.some((row) => row.startsWith('store ') && row.includes('io.containerd.snapshotter')),
  }
}

/** Which of an archive's images an engine lacks, and which files of the archive it can do without. */
export function lacking(
  images: readonly ArchivedImage[],
  held: Held,
): { readonly images: readonly ArchivedImage[]; readonly held: readonly string[] } {
  const missing = images.filter(({ id }) => !held.takesParts || !held.images.has(beginningOf(id)))
  const layers = images.flatMap((image) => image.layers)
  const needed = new Set(
    layers.filter(({ chain }) => !held.chains.has(chain.split(' ').map(beginningOf).join(' '))).map(({ file }) => file),
  )
  const files = held.takesParts ? [...new Set(layers.map(({ file }) => file))].filter((file) => !needed.has(file)) : []
  return { images: missing, held: files.sort() }
}
