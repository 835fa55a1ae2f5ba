import type { Host, Placement } from '../../src/index.ts'
import { keeperOf, type DestinationInput, type Keeper } from './destination.ts'
import type { Options } from './options.ts'

/** The snapshots of one service of one host, on the machine that keeps them. */
export interface Vault extends Keeper {
  /** `<to>/<host>/<service>` */
  readonly base: string
}

/** The destinations of a config as a list. */
export function destinationsOf({ to }: Pick<Options, 'to'>): readonly DestinationInput[] {
  return isList(to) ? to : [to]
}

/** `Array.isArray` does not narrow a readonly array. */
function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value)
}

/** Where the snapshots of a placement's service are, one for each destination. */
export function vaultsOf(
  options: Pick<Options, 'to'>,
  { host, service }: { readonly host: Pick<Host, 'name'>; readonly service: Pick<Placement['service'], 'name'> },
  projectRoot: string,
): readonly Vault[] {
  return destinationsOf(options).map((to) => {
    const keeper = keeperOf(to, host, projectRoot)
    return { ...keeper, base: `${keeper.folder}/${host.name}/${service.name}` }
  })
}

/** Names of the machines that keep the snapshots of a host, for tasks that work with them. */
export function keepersOf(options: Pick<Options, 'to'>, host: Placement['host']): readonly string[] {
  return destinationsOf(options).map((to) => keeperOf(to, host, '').on)
}

/** Data belongs to a service: its first instance acts for all of them. */
export function speaks({ service, instance }: Pick<Placement, 'service' | 'instance'>): boolean {
  return service.instances[0]?.id === instance.id
}
