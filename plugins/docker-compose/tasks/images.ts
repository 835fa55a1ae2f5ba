import { existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  quote,
  sh,
  srvError,
  type OnceContext,
  type Placement,
  type TaskMaker,
  type TaskWithResult,
} from '../../../src/index.ts'
import { readArchive, type ArchivedImage } from '../images/archive.ts'
import { lacking, readHeld } from '../images/lacking.ts'
import { settingsSchema, type Options, type Settings } from '../options.ts'
import { receivesOn, sendsFrom } from '../place.ts'
import { heldScript, noteTags, packScript, pullScript, tagScript } from '../scripts/images.ts'
import { siteOf, type Site } from '../scripts/prologue.ts'
import { chosen, skip } from './build.ts'
import { plainDocker, sendFiles, unpackInto } from './relays.ts'

const dayMs = 24 * 60 * 60 * 1000

/** The images that travel, by instance, with the folder that holds them on the operator's machine. */
export type Packed = Readonly<Record<string, { readonly folder: string; readonly images: readonly ArchivedImage[] }>>

interface Run {
  readonly projectRoot: string
  readonly runId: string
}

/** Where runs keep images on the operator's machine. */
function shelfOf({ projectRoot }: Pick<Run, 'projectRoot'>): string {
  return join(projectRoot, '.srv', 'images')
}

/** A folder of this run's own on the operator's machine. */
function folderOf(run: Run): string {
  return join(shelfOf(run), run.runId)
}

/** Removes what killed runs left there: what is a day old is no other run's that goes on. */
async function removeOld({ projectRoot, startedAt, dryRun }: OnceContext): Promise<void> {
  const shelf = shelfOf({ projectRoot })
  if (dryRun || !existsSync(shelf)) return
  for (const name of await readdir(shelf)) {
    const folder = join(shelf, name)
    const { mtimeMs } = await stat(folder)
    if (Date.parse(startedAt) - mtimeMs > dayMs) await rm(folder, { recursive: true, force: true })
  }
}

/** A folder for the service with one for the instance in it: `a-b/c` and `a/b-c` are two places. */
function workplace(run: Run, instance: string): string {
  return join(folderOf(run), instance)
}

/** The site of an instance on the operator's machine, where nothing of its host is. */
function siteHere(context: OnceContext, placement: Placement, settings: Settings): Site {
  const site = siteOf(placement, settings)
  const folder = workplace(context, placement.instance.id)
  return { ...site, layout: { ...site.layout, instance: `${folder}/code`, compose: folder }, isHere: true }
}

/** Saves what the manager of a swarm built, and brings it to the operator's machine. */
export function collectTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Fetch the images that were built',
    on: 'instance',
    kinds: ['docker'],
    applies: (placement, settings: Settings) => sendsFrom(placement, settings) && settings.registry === undefined,
    skip,
    async run(context) {
      const { id } = chosen(context).release
      const site = siteOf(context, context.settings)
      const list = quote(`${site.layout.compose}/.new-${id}/tags`)
      await unpackInto(
        context,
        join(workplace(context, context.instance.id), 'images'),
        noteTags(site, id),
        `[ ! -s ${list} ] || ${plainDocker} save $(cat ${list})`,
      )
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
    describe: () => 'build the images that are built here, and pack what hosts lack',
    undo: (context) => sh`rm -rf ${folderOf(context)}`,
    async run(context): Promise<Packed> {
      await removeOld(context)
      const packed: Record<string, Packed[string]> = {}
      const instances = new Map(
        context.placements.filter((one) => isNew(context, one)).map((one) => [one.instance.id, one]),
      )
      for (const [id, placement] of instances) {
        const settings = settingsSchema.parse(context.settings(placement.instance))
        const next = context.next(placement)
        if (next === undefined) continue
        if (settings.build === 'laptop') {
          if (next.code === undefined) throw srvError('SRV-620', { instance: id }, { where: { instance: id } })
          const site = siteHere(context, placement, settings)
          await context.run`${packScript(site, next.release.id, placement.instance, next.code)}`
        }
        const folder = join(workplace(context, id), 'images')
        if (settings.registry === undefined) packed[id] = { folder, images: await readArchive(folder) }
      }
      return packed
    },
  })
}

/** Brings to a host what it lacks of the images that were built elsewhere. */
export function spreadTask(task: TaskMaker<Options, Settings>, pack: TaskWithResult<Packed>) {
  return task({
    title: 'Bring the images',
    on: 'instance',
    kinds: ['docker'],
    applies: (placement, settings: Settings) => receivesOn(placement, settings),
    skip,
    describe: ({ settings: { registry } }) =>
      `get the images from ${registry ?? 'this machine, but for layers that are there'}`,
    async run(context) {
      const { id } = chosen(context).release
      const site = siteOf(context, context.settings)
      if (context.settings.registry !== undefined) {
        await context.run`${pullScript(site, id)}`
        return
      }
      const packed = context.output(pack)?.[context.instance.id]
      if (packed === undefined || packed.images.length === 0) return
      const held = readHeld((await context.probe`${heldScript(site)}`).stdout)
      const { images, held: leftOut } = lacking(packed.images, held)
      const layers = packed.images.flatMap((image) => image.layers).length
      // What is sent brings all tags along, and only what is there goes by an id that both engines know.
      if (images.length === 0) {
        await context.run`${tagScript(site, tagsOf(packed.images))}`
        return
      }
      context.progress(`sending ${String(layers - leftOut.length)} of ${String(layers)} layers`)
      await sendFiles(context, packed.folder, leftOut)
    },
  })
}

function tagsOf(images: readonly ArchivedImage[]): (readonly [string, string])[] {
  return images.flatMap(({ id, tags }) => tags.map((tag) => [id, tag] as const))
}

/** Removes what was packed from the operator's machine. */
export function clearTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Remove what was packed',
    on: 'once',
    kinds: ['docker'],
    applies: (placement, settings: Settings) => receivesOn(placement, settings) && settings.registry === undefined,
    skip: nothingNew,
    changes: false,
    async run(context) {
      await rm(folderOf(context), { recursive: true, force: true })
    },
  })
}
