import { posix } from 'node:path'
import * as z from 'zod'
import type { Host } from '../../src/index.ts'
import { addressSchema } from './schedule/reach.ts'

const absolute = z
  .string()
  .regex(/^\/[^\0\n]+$/, { error: 'must be an absolute path' })
  .refine((path) => !path.split('/').includes('..'), { error: 'must not contain ..' })

/** The message for an invalid destination. */
export const form =
  'is where snapshots go: write "user@host:/folder", "/folder" on the host itself, { laptop: "folder" }, or { folder } with mountpoint, way or bwlimit'

/** How the bytes get from a host to its keeper: `auto`, the default, is to pull where that works, else through the operator's machine. */
const ways = ['laptop', 'pull', 'push', 'auto'] as const

/** A URL, which has two slashes behind its colon, is none: its scheme would be a machine. */
const remote = z.string().regex(/^(?:[\w][\w.@+-]*@)?[A-Za-z0-9][\w.-]*:\/(?!\/)[^\0\n]+$/, { error: form })

const mounted = z.union([z.literal('/'), absolute])

/** The mount point has to contain the folder: any other mounted disk would prove nothing. */
const aboveFolder = {
  error: 'must be the folder where snapshots go, or one above it',
  path: ['mountpoint'],
}

function isAbove(mountpoint: string | undefined, folder: string): boolean {
  return mountpoint === undefined || `${trimmed(folder)}/`.startsWith(`${trimmed(mountpoint)}/`)
}

/** Units that every rsync from 3.1.3 on reads, as rsync(1) has them under `--bwlimit`: `10m`, `10mib` and `10mb`. */
const rate = /^(\d{1,10}(?:\.\d{1,3})?)(?:([kmg])(b|ib)?)?$/i

/** rsync rounds to whole KiB, and counts them in 32 bits. */
function isRate(said: unknown): boolean {
  if (typeof said !== 'number' && typeof said !== 'string') return false
  const [, count = '', unit = 'k', suffix = ''] = rate.exec(String(said).toLowerCase()) ?? []
  const bytes = Number(count) * (suffix === 'b' ? 1000 : 1024) ** ' kmg'.indexOf(unit)
  return bytes >= 1024 && bytes < 2 ** 41
}

const bandwidth = z.custom<number | string>(isRate, {
  // Otherwise the message would be the one for all forms of a destination.
  abort: false,
  error: 'must be a rate as rsync reads it: a number of KiB per second from 1 on, or "800k", "10m" or "1.5m"',
})

/** A folder on the host itself or on another machine, with further settings. */
const placed = z
  .strictObject({
    folder: z.union([absolute, remote], { error: form }),
    mountpoint: mounted.optional(),
    /** @default auto: pulled by the keeper where that works, else through the machine that runs srv */
    way: z.enum(ways).optional(),
    /** How the keeper reaches hosts when not as this machine does: `{ web1: 'deploy@10.0.0.5:22' }`. @default as schedules do */
    from: z.record(z.string(), addressSchema).optional(),
    /** How hosts reach the keeper when not as this machine does: `backup@10.0.0.9:22`. */
    at: addressSchema.optional(),
    /** Most that one copy takes, also of a restore, as rsync's --bwlimit reads it: KiB per second, or `10m`. @default no limit */
    bwlimit: bandwidth.optional(),
  })
  .refine(({ folder, mountpoint }) => isAbove(mountpoint, folder.slice(folder.indexOf('/'))), aboveFolder)
  .refine(({ folder, way }) => way === undefined || !folder.startsWith('/'), {
    path: ['way'],
    error: 'is only for a folder on another machine',
  })
  .refine(({ way, from }) => from === undefined || way === undefined || way === 'pull' || way === 'auto', {
    path: ['from'],
    error: 'is only for the ways "pull" and "auto"',
  })
  .refine(({ way, at }) => at === undefined || way === 'push', { path: ['at'], error: 'is only for the way "push"' })

/** Where the snapshots of a host go: another machine, a folder of the host itself, or one of the operator's machine. */
export const destinationSchema = z.union(
  [
    absolute,
    remote,
    placed,
    z
      .strictObject({
        laptop: z.string().regex(/^[^\0\n]+$/, { error: 'must be a folder' }),
        mountpoint: mounted.optional(),
        bwlimit: bandwidth.optional(),
      })
      .refine(({ laptop, mountpoint }) => isAbove(mountpoint, laptop), aboveFolder),
  ],
  { error: form },
)

/** As written in the config. */
export type DestinationInput = z.output<typeof destinationSchema>

/** A machine that keeps snapshots, as a task names it, and the folder there. */
export interface Keeper {
  /** Name of a host, or `local` for the operator's machine. */
  readonly on: string
  readonly folder: string
  /** Where a disk has to be mounted before anything is written. */
  readonly mountpoint?: string | undefined
  /** `user@host`, when it is a machine that the plugin brings along. */
  readonly address?: string
  /** Nothing for a folder of the host itself or of the operator's machine. */
  readonly way?: (typeof ways)[number] | undefined
  /** How it reaches hosts, by name. */
  readonly from?: Readonly<Record<string, string>> | undefined
  /** How hosts reach it. */
  readonly at?: string | undefined
  /** Most that one copy takes, as rsync's --bwlimit reads it. */
  readonly bwlimit?: number | string | undefined
}

/** The keeper that a destination means for a host; a destination without a machine is a folder on that host itself. */
export function keeperOf(to: DestinationInput, host: Pick<Host, 'name'>, projectRoot: string): Keeper {
  if (typeof to === 'string') return placedOn(to, host)
  if ('folder' in to) {
    const { folder, way, ...said } = to
    const placed = placedOn(folder, host)
    return { ...said, ...placed, way: way ?? placed.way }
  }
  const { laptop, ...said } = to
  return { ...said, on: 'local', folder: laptop.startsWith('/') ? laptop : `${projectRoot}/${laptop}` }
}

function placedOn(where: string, host: Pick<Host, 'name'>): Keeper {
  if (where.startsWith('/')) return { on: host.name, folder: trimmed(where) }
  const at = where.indexOf(':')
  const address = where.slice(0, at)
  return { on: nameOf(address), folder: trimmed(where.slice(at + 1)), address, way: 'auto' }
}

/** Whether the two machines may connect to each other. */
export function isDirect(to: DestinationInput): boolean {
  const { way = 'laptop' } = keeperOf(to, { name: '' }, '')
  return way !== 'laptop'
}

/** The name under which the plugin brings a machine along: its address. One that the environment has under this name is that one. */
function nameOf(address: string): string {
  return address.slice(address.indexOf('@') + 1)
}

function trimmed(folder: string): string {
  return folder.replace(/\/+$/, '')
}

/** The machines that destinations name, by name. */
export function hostsOf(destinations: readonly DestinationInput[]): Readonly<Record<string, string>> {
  const found = destinations.flatMap((to) => {
    const where = typeof to === 'string' ? to : 'folder' in to ? to.folder : '/'
    if (where.startsWith('/')) return []
    const address = where.slice(0, where.indexOf(':'))
    return [[nameOf(address), address] as const]
  })
  return Object.fromEntries(found)
}

/** A folder by its machine, in one spelling: `nas:/tank`. One of the host itself is on none, and one of the operator's may be relative. */
function spelled(to: DestinationInput): string {
  const { on, folder } = keeperOf(to, { name: '' }, '.')
  return `${on}:${posix.normalize(`${folder}/`)}`
}

/** The first of some destinations that is the same folder as another one, even in another spelling. */
export function saidTwice(destinations: readonly DestinationInput[]): number | undefined {
  const all = destinations.map(spelled)
  const at = all.findIndex((one, index) => all.indexOf(one) !== index)
  return at === -1 ? undefined : at
}
