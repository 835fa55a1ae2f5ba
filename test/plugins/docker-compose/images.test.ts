import { createHash } from 'node:crypto'
import { symlink } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { readArchive } from '../../../plugins/docker-compose/images/archive.ts'
import { lacking, readHeld } from '../../../plugins/docker-compose/images/lacking.ts'
import { folder, write } from '../git/machine.ts'

const config = (...layers: readonly string[]): string => JSON.stringify({ rootfs: { diff_ids: layers } })
const idOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`

const [web, worker] = [config('base', 'web'), config('base', 'worker')]

/** What `docker save` of two images with a layer in common unpacks to: that of the second is a link to the first. */
async function archive(): Promise<string> {
  const made = await folder()
  await write(made, {
    'manifest.json': JSON.stringify([
      { Config: 'web.json', RepoTags: ['srv/shop-web:1'], Layers: ['base/layer.tar', 'web/layer.tar'] },
      { Config: 'worker.json', RepoTags: null, Layers: ['other/layer.tar', 'worker/layer.tar'] },
    ]),
    'web.json': web,
    'worker.json': worker,
    'base/layer.tar': 'b',
    'web/layer.tar': 'w',
    'worker/layer.tar': 'x',
    'other/json': '{}',
  })
  await symlink('../base/layer.tar', `${made}/other/layer.tar`)
  return made
}

test('reads an archive', async () => {
  expect(await readArchive(await archive())).toEqual([
    {
      id: idOf(web),
      tags: ['srv/shop-web:1'],
      layers: [
        { file: 'base/layer.tar', chain: 'base' },
        { file: 'web/layer.tar', chain: 'base web' },
      ],
    },
    {
      id: idOf(worker),
      tags: [],
      layers: [
        { file: 'base/layer.tar', chain: 'base' },
        { file: 'worker/layer.tar', chain: 'base worker' },
      ],
    },
  ])
  expect(await readArchive(await folder())).toEqual([])
})

test('leaves out what an engine has, and nothing where the engine wants all of it', async () => {
  const images = await readArchive(await archive())
  const ask = (...lines: readonly string[]) => {
    const { images: missing, held } = lacking(images, readHeld(`${lines.join('\n')}\n`))
    return { images: missing.map(({ id }) => id), held }
  }
  const store = 'store [["Backing Filesystem","extfs"]]'
  const both = [idOf(web), idOf(worker)]
  expect(ask(store)).toEqual({ images: both, held: [] })
  expect(ask(store, 'image sha256:o base other')).toEqual({ images: both, held: ['base/layer.tar'] })
  // The same layer on top of another one is another chain.
  expect(ask(store, 'image sha256:o other base')).toEqual({ images: both, held: [] })
  expect(ask(store, `image ${idOf(web)} base web`)).toEqual({
    images: [idOf(worker)],
    held: ['base/layer.tar', 'web/layer.tar'],
  })
  const containerd = 'store [["driver-type","io.containerd.snapshotter.v1"]]'
  expect(ask(containerd, 'image sha256:o base other')).toEqual({ images: both, held: [] })
  expect(ask(containerd, `image ${idOf(web)} base web`)).toEqual({ images: both, held: [] })
})
