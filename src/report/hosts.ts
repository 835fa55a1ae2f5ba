import type { ShowOptions } from './status.ts'
import { styleOf, wantsColour } from './style.ts'
import { table } from './table.ts'

/** The document of `srv hosts list --json`. */
export interface HostsDocument {
  readonly schema: 'srv.hosts/1'
  readonly environment: string
  readonly hosts: readonly {
    readonly name: string
    readonly kind: 'ssh' | 'local' | 'sandbox'
    readonly address: string
    readonly user: string | null
    readonly port: number | null
    /** The folder that holds the service folders. */
    readonly root: string
    readonly tags: readonly string[]
  }[]
}

/** The table of `srv hosts list`. */
export function hostLines({ hosts }: HostsDocument, { stream, env }: Omit<ShowOptions, 'now'>): readonly string[] {
  const style = styleOf(wantsColour({ env, isTTY: stream.isTTY === true }))
  const rows = hosts.map(({ name, kind, address, user, port, root, tags }) => [
    name,
    kind,
    `${user === null ? '' : `${user}@`}${address}${port === null ? '' : `:${port}`}`,
    // A sandbox host has its address and folder once it was started: srv sandbox status shows them.
    kind === 'sandbox' ? '' : root,
    tags.join(', '),
  ])
  return table(['HOST', 'KIND', 'ADDRESS', 'ROOT', 'TAGS'], rows, { style, width: stream.columns })
}
