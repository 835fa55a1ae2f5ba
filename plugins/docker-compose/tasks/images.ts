import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  sh,
  srvError,
  type OnceContext,
  type Placement,
  type Script,
  type TaskMaker,
  type TaskWithResult,
} from '../../../src/index.ts'
import { readArchive, type ArchivedImage } from '../images/archive.ts'
import { lacking, readHeld, type Held } from '../images/lacking.ts'
import { folderOf, removeOld, workplace } from '../images/shelf.ts'
import { settingsSchema, type Options, type Settings } from '../options.ts'
import { isSentTo, receivesOn, sendsFrom } from '../place.ts'
import { noteTags, packScript, pullScript, tagScript } from '../scripts/images.ts'
import { siteOf, type Site } from '../scripts/prologue.ts'
import type { Aimed } from './aim.ts'
import { chosen, freezing, skip, type Context } from './build.ts'
import { fetchImages, sendImages } from './relays.ts'

/** The images of an instance that travel. */
export interface Parcel {
  /** Holds them on the operator's machine. */
  readonly folder: string
  readonly images: readonly ArchivedImage[]
}

/** The images that travel. */
export interface Packed {
  /** By instance. */
  readonly parcels: Readonly<Record<string, Parcel>>
  /** Placements that have not got theirs yet: after the last one, everything is removed from the operator's machine. */
  readonly waiting: Set<string>
}

/** What was done with the images of a release on a host. */
export interface Sent {
  /** Whether the release was frozen with them. */
  readonly isFrozen: boolean
  /** Images that are already there, with the tags that they have to get. */
  readonly tags: readonly (readonly [id: string, tag: string])[]
}

const nothing: Sent = { isFrozen: false, tags: [] }

/** The site of an instance on the operator's machine, where nothing of its host is. */
function siteHere(context: OnceContext, placement: Placement, settings: Settings): Site {
  const site = siteOf(placement, settings)
  const folder = workplace(context, placement.instance.id)
  return { ...site, layout: { ...site.layout, instance: `${folder}/code`, compose: folder }, isHere: true }
}

/** Freezes the release on the manager of a swarm, saves what was built there, and brings it to the operator's machine. */
export function collectTask(task: TaskMaker<Options, Settings>, aim: TaskWithResult<Aimed>) {
  return task({
    title: 'Fetch the images that were built',
    on: 'instance',
    kinds: ['docker'],
    applies: (placement, settings: Settings) => sendsFrom(placement, settings) && settings.registry === undefined,
    skip,
    async run(context) {
      const { id } = chosen(context).release
      const site = siteOf(context, context.settings)
      const folder = join(workplace(context, context.instance.id), 'images')
      const list = `${site.layout.compose}/.new-${id}/tags`
      await fetchImages(context, folder, list, { before: noteTags(site, id), after: freezing(context, aim) })
      return { isFrozen: true }
    },
  })
}

function isNew(context: OnceContext, placement: Placement): boolean {
  const next = context.next(placement)
  return next !== undefined && !context.state(placement).releases.some(({ id }) => id === next.release.id)
}

/** Why there is nothing to pack. */
function nothingNew(context: OnceContext): string | undefined {
  return context.placements.some((one) => isNew(context, one)) ? undefined : 'there is no new release'
}

/** Builds on the operator's machine what is built there, and reads which images are to be brought to the hosts. */
export function packTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Pack the images',
    on: 'once',
    kinds: ['docker'],
    applies: (placement, settings: Settings) => receivesOn(placement, settings),
    skip: nothingNew,
    changes: false,
    describe: () => 'build the images on this machine, and pack what hosts lack',
    undo: (context) => sh`rm -rf ${folderOf(context)}`,
    async run(context): Promise<Packed> {
      await removeOld(context)
      const parcels: Record<string, Parcel> = {}
      const fresh = context.placements.filter((one) => isNew(context, one))
      for (const [id, placement] of new Map(fresh.map((one) => [one.instance.id, one]))) {
        const settings = settingsSchema.parse(context.settings(placement.instance))
        const next = context.next(placement)
        if (next === undefined) continue
        if (settings.build === 'laptop') {
          if (next.code === undefined) throw srvError('SRV-620', { instance: id }, { where: { instance: id } })
          const site = siteHere(context, placement, settings)
          await context.run`${packScript(site, next.release.id, placement.instance, next.code)}`
        }
        const folder = join(workplace(context, id), 'images')
        if (settings.registry === undefined) parcels[id] = { folder, images: await readArchive(folder) }
      }
      const waiting = new Set(fresh.filter(({ instance }) => instance.id in parcels).map(({ id }) => id))
      if (waiting.size === 0) await rm(folderOf(context), { recursive: true, force: true })
      return { parcels, waiting }
    },
  })
}

function tagsOf(images: readonly ArchivedImage[]): Sent['tags'] {
  return images.flatMap(({ id, tags }) => tags.map((tag) => [id, tag] as const))
}

async function send(context: Context, { folder, images: all }: Parcel, known: Held, freeze: Script): Promise<Sent> {
  const { images, held } = lacking(all, known)
  // Images that are sent bring all of their tags; those that are already there are tagged by an id that both engines know.
  if (images.length === 0) return { isFrozen: false, tags: tagsOf(all) }
  const layers = all.flatMap((image) => image.layers).length
  context.progress(`sending ${String(layers - held.length)} of ${String(layers)} layers`)
  await sendImages(context, folder, held, freeze)
  return { isFrozen: true, tags: [] }
}

/** Sends to a host what it lacks of the images that were built elsewhere, and freezes the release in the same command. */
export function spreadTask(
  task: TaskMaker<Options, Settings>,
  pack: TaskWithResult<Packed>,
  build: TaskWithResult<Held>,
  aim: TaskWithResult<Aimed>,
) {
  return task({
    title: 'Send the images',
    on: 'instance',
    kinds: ['docker'],
    applies: (placement, settings: Settings) => isSentTo(placement, settings),
    skip,
    describe: () => 'send the images from this machine, except layers that are already there',
    async run(context): Promise<Sent> {
      const packed = context.output(pack)
      const parcel = packed?.parcels[context.instance.id]
      const isNeeded = parcel !== undefined && parcel.images.length > 0
      const freeze = freezing(context, aim)
      const sent = isNeeded ? await send(context, parcel, context.output(build) ?? readHeld(''), freeze) : nothing
      packed?.waiting.delete(`${context.instance.id}@${context.host.name}`)
      if (packed?.waiting.size === 0) await rm(folderOf(context), { recursive: true, force: true })
      return sent
    },
  })
}

/** Pulls from the registry what was built elsewhere; images that are already there get the tags of the release. */
export function getTask(task: TaskMaker<Options, Settings>, spread: TaskWithResult<Sent>) {
  return task({
    title: 'Pull the images',
    on: 'instance',
    kinds: ['docker'],
    applies: (placement, settings: Settings) => receivesOn(placement, settings),
    skip,
    describe: ({ settings: { registry } }) =>
      registry === undefined ? 'name the images that are there' : `pull the images from ${registry}`,
    script(context) {
      const site = siteOf(context, context.settings)
      if (context.settings.registry !== undefined) return pullScript(site, chosen(context).release.id)
      const tags = context.output(spread)?.tags ?? []
      return tags.length === 0 ? undefined : tagScript(site, tags)
    },
  })
}
