import { srvError } from '../../../src/index.ts'
import type { Options } from '../options.ts'
import { vaultsOf, type Vault } from '../vault.ts'

/** Whose snapshots are meant. */
export const fromFlag = {
  type: 'string',
  description: 'Use a snapshot of another host',
  value: 'host',
  check: (said: string | undefined): void => {
    assertHostName(said)
  },
} as const

/** It becomes a part of a path. @throws SrvError SRV-654 for what no host can be called */
function assertHostName(said: string | undefined): void {
  if (said === undefined || (/^[a-z0-9][a-z0-9._-]*$/.test(said) && !said.includes('..'))) return
  const problem = 'it must be the name of a host, as the config has it. Nothing was contacted'
  throw srvError('SRV-654', { flag: 'from', said, problem })
}

/** Which destination is read. */
export const sourceFlag = {
  type: 'string',
  description: 'Take the snapshot from this keeper instead of the first one',
  value: 'keeper',
} as const

/** What the command line says about where a snapshot is. */
export interface Said {
  readonly from?: string | undefined
  readonly source?: string | undefined
}

/** Whose data it is about, and on which host. */
interface Place {
  readonly options: Pick<Options, 'to'>
  readonly host: { readonly name: string }
  readonly service: { readonly name: string }
  readonly projectRoot: string
}

/**
 * The destinations that a task on a host can reach; with another host's snapshots that excludes a folder on that host itself.
 * A host's own name stands for its earlier self: a machine that was reinstalled.
 */
function withinReach({ options, host, service, projectRoot }: Place, { from }: Said): readonly Vault[] {
  const vaults = vaultsOf(options, { host: { name: from ?? host.name }, service }, projectRoot)
  return vaults.filter(
    ({ on, address }) => from === undefined || from === host.name || address !== undefined || on !== from,
  )
}

/** The one that is named, by its machine or, where two are on one, by the folder as well: `nas:/tank/srv`. */
function named(vaults: readonly Vault[], { source }: Said): Vault | undefined {
  return vaults.find(({ on, folder }) => source === undefined || source === on || source === `${on}:${folder}`)
}

/**
 * Where the snapshot to restore is: in the first destination; the others are copies for when that is lost, and are chosen
 * by name then.
 *
 * @throws SrvError SRV-654 when those of another host are on itself alone, or none is on the machine that is named
 */
export function sourceOf(place: Place, said: Said): Vault {
  const vaults = withinReach(place, said)
  const found = named(vaults, said)
  if (found !== undefined) return found
  const { from, source } = said
  if (source === undefined || vaults.length === 0) {
    throw srvError('SRV-654', {
      flag: 'from',
      said: from ?? '',
      problem: 'its snapshots are only on that host. Nothing was changed',
    })
  }
  const keepers = [...new Set(vaults.map(({ on }) => on))].join(', ')
  throw srvError('SRV-654', {
    flag: 'source',
    said: source,
    problem: `in the config, snapshots are kept by ${keepers}. Nothing was changed`,
  })
}

/** The machine that a snapshot comes from, to be logged in to: no other keeper has to be reachable for it. */
export function sourcesIn(
  options: Pick<Options, 'to'>,
  { host, service }: Pick<Place, 'host' | 'service'>,
  said: Said,
) {
  const found = named(withinReach({ options, host, service, projectRoot: '' }, said), said)
  return found === undefined ? [] : [found.on]
}
