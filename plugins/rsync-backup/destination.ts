import * as z from 'zod'
import type { Host } from '../../src/index.ts'

const absolute = z
  .string()
  .regex(/^\/[^\0\n]+$/, { error: 'must be an absolute path' })
  .refine((path) => !path.split('/').includes('..'), { error: 'must not have .. in it' })

const remote = z.string().regex(/^(?:[\w][\w.@+-]*@)?[A-Za-z0-9][\w.-]*:\/[^\0\n]+$/, {
  error:
    'is where snapshots go: "user@host:/folder", "/folder" on the host itself, { laptop: "folder" }, or { folder, mountpoint }',
})

const mounted = z.union([z.literal('/'), absolute])

/** The disk has to be one that has the folder: any other would be mounted and prove nothing. */
const aboveFolder = {
  error: 'must be a folder above the one where snapshots go, or that one',
  path: ['mountpoint'],
}

function isAbove(mountpoint: string | undefined, folder: string): boolean {
  return mountpoint === undefined || `${trimmed(folder)}/`.startsWith(`${trimmed(mountpoint)}/`)
}

/** Where the snapshots of a host go: another machine, a folder of the host itself, or one of the operator's machine. */
export const destinationSchema = z.union([
  absolute,
  remote,
  z
    .strictObject({ folder: z.union([absolute, remote]), mountpoint: mounted })
    .refine(({ folder, mountpoint }) => isAbove(mountpoint, folder.slice(folder.indexOf('/'))), aboveFolder),
  z
    .strictObject({
      laptop: z.string().regex(/^[^\0\n]+$/, { error: 'must be a folder' }),
      mountpoint: mounted.optional(),
    })
    .refine(({ laptop, mountpoint }) => isAbove(mountpoint, laptop), aboveFolder),
])

/** As it stands in the config. */
export type DestinationInput = z.output<typeof destinationSchema>

/** A machine that keeps snapshots, as a task names it, and the folder there. */
export interface Keeper {
  /** Name of a host, or `local` for the operator's machine. */
  readonly on: string
  readonly folder: string
  /** Where a disk has to be mounted before anything is written. */
  readonly mountpoint?: string
  /** `user@host`, when it is a machine that the plugin brings along. */
  readonly address?: string
}

/** Who keeps what a destination says, for a host; a destination without a machine is a folder of that host itself. */
export function keeperOf(to: DestinationInput, host: Pick<Host, 'name'>, projectRoot: string): Keeper {
  if (typeof to === 'string') return placedOn(to, host)
  const disk = to.mountpoint === undefined ? {} : { mountpoint: to.mountpoint }
  if ('folder' in to) return { ...placedOn(to.folder, host), ...disk }
  const { laptop } = to
  return { on: 'local', folder: laptop.startsWith('/') ? laptop : `${projectRoot}/${laptop}`, ...disk }
}

function placedOn(where: string, host: Pick<Host, 'name'>): Keeper {
  if (where.startsWith('/')) return { on: host.name, folder: trimmed(where) }
  const at = where.indexOf(':')
  const address = where.slice(0, at)
  return { on: nameOf(address), folder: trimmed(where.slice(at + 1)), address }
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
