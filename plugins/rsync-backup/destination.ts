import * as z from 'zod'
import type { Host } from '../../src/index.ts'

const absolute = z
  .string()
  .regex(/^\/[^\0\n]+$/, { error: 'must be an absolute path' })
  .refine((path) => !path.split('/').includes('..'), { error: 'must not have .. in it' })

const remote = z.string().regex(/^(?:[\w][\w.@+-]*@)?[A-Za-z0-9][\w.-]*:\/[^\0\n]+$/, {
  error: 'is where snapshots go: "user@host:/folder", "/folder" on the host itself, or { laptop: "folder" }',
})

/** Where the snapshots of a host go: another machine, a folder of the host itself, or one of the operator's machine. */
export const destinationSchema = z.union([
  absolute,
  remote,
  z.strictObject({ laptop: z.string().regex(/^[^\0\n]+$/, { error: 'must be a folder' }) }),
])

/** As it stands in the config. */
export type DestinationInput = z.output<typeof destinationSchema>

/** A machine that keeps snapshots, as a task names it, and the folder there. */
export interface Keeper {
  /** Name of a host, or `local` for the operator's machine. */
  readonly on: string
  readonly folder: string
  /** `user@host`, when it is a machine that the plugin brings along. */
  readonly address?: string
}

/** Who keeps what a destination says, for a host; a destination without a machine is a folder of that host itself. */
export function keeperOf(to: DestinationInput, host: Pick<Host, 'name'>, projectRoot: string): Keeper {
  if (typeof to !== 'string')
    return { on: 'local', folder: to.laptop.startsWith('/') ? to.laptop : `${projectRoot}/${to.laptop}` }
  if (to.startsWith('/')) return { on: host.name, folder: trimmed(to) }
  const at = to.indexOf(':')
  const address = to.slice(0, at)
  return { on: nameOf(address), folder: trimmed(to.slice(at + 1)), address }
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
    if (typeof to !== 'string' || to.startsWith('/')) return []
    const address = to.slice(0, to.indexOf(':'))
    return [[nameOf(address), address] as const]
  })
  return Object.fromEntries(found)
}
