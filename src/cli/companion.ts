import type { Host, Placement } from '../config/resolved.ts'
import type { Transport } from '../transport/transport.ts'
import type { TargetOptions } from './global-options.ts'
import { withSandboxAddresses } from './project.ts'
import type { Query } from './query.ts'

/** A machine by the name that a plugin gives; nothing for the operator's own. */
async function hostOf(
  { project }: Query<TargetOptions>,
  { host: own }: Placement,
  name: string,
): Promise<Host | undefined> {
  const { hosts, companions, projectRoot } = project.config
  if (name === own.name) return own
  const known = [...hosts, ...companions].filter((host) => host.name === name)
  return (await withSandboxAddresses(projectRoot, known))[0]
}

/** The connection to a machine that a plugin names for a placement; `local` is the operator's. @throws SrvError 2xx */
export async function transportTo(query: Query<TargetOptions>, placement: Placement, name: string): Promise<Transport> {
  const host = name === 'local' ? undefined : await hostOf(query, placement, name)
  return host === undefined ? query.pool.local() : query.pool.get(host)
}
