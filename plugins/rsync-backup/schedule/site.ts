import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import type { Host, Paths, Service } from '../../../src/index.ts'
import type { Vault } from '../vault.ts'

/** What the schedule of one service on one keeper is called, there and on the host of the service. */
export interface Site {
  readonly vault: Vault
  readonly host: string
  readonly service: string
  /** The keeper's name, for people and for the lease: `nas`. */
  readonly keeper: string
  /** Whether data and snapshots are on one machine. */
  readonly isSame: boolean
  /** Folder of the schedule on the keeper: `<to>/.srv/<host>/<service>`. */
  readonly home: string
  /** Name of units, of the block in a crontab, and the comment of the key: unlike any other on the machine. */
  readonly unit: string
  /** Folder of the gate on the service's host: `/srv/<service>/.srv/schedule/<keeper>-<hash>`. */
  readonly gate: string
}

/** What is needed to say where a schedule is; the service may be one that the config has no longer. */
export interface Placed {
  readonly host: Pick<Host, 'name' | 'kind'>
  readonly service: Pick<Service, 'name'>
  readonly paths: Pick<Paths, 'state'>
}

/** Where the schedule of a service on a host is, for one of its vaults. */
export function siteOf({ host, service, paths }: Placed, vault: Vault): Site {
  const keeper = vault.on === 'local' ? hostname() : vault.on
  const hash = createHash('sha256').update(`${keeper} ${vault.base}`).digest('hex').slice(0, 8)
  return {
    vault,
    host: host.name,
    service: service.name,
    keeper,
    isSame: vault.on === host.name || (vault.on === 'local' && host.kind === 'local'),
    home: `${vault.folder}/.srv/${host.name}/${service.name}`,
    unit: `srv-backup-${service.name}-${host.name}-${hash}`,
    gate: `${paths.state}/schedule/${keeper.replaceAll(/[^\w.-]/g, '-')}-${hash}`,
  }
}
