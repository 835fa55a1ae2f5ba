import { placeOn } from '../config/paths.ts'
import type { Host, Instance, Orchestrator, Placement } from '../config/resolved.ts'

/** What a test says about an instance and its host; everything else has a plain default. */
export interface PlacementInput {
  /** @default web1 */
  readonly host?: string | (Partial<Host> & { readonly name: string })
  /** @default blog */
  readonly service?: string
  /** What runs the service's containers across hosts. @default nothing: each host runs its own */
  readonly orchestrator?: Orchestrator
  /** @default a native instance with the name native */
  readonly instance?: Partial<Omit<Instance, 'id' | 'service'>>
}

function hostOf(input: PlacementInput['host'] = 'web1'): Host {
  const given = typeof input === 'string' ? { name: input } : input
  const defaults = { kind: 'ssh', hostKeys: [], root: '/srv', tags: [], loopback: '127.0.0.1' } as const
  return { ...defaults, address: `${given.name}.example.org`, ...given }
}

/** A placement for tests: `blog/native@web1` below `/srv`. */
export function testPlacement(input: PlacementInput = {}): Placement {
  const { service: name = 'blog', instance: given = {}, orchestrator } = input
  const host = hostOf(input.host)
  const instance: Instance = {
    name: 'native',
    kind: 'native',
    build: [],
    health: [],
    env: {},
    settings: {},
    ...given,
    service: name,
    id: `${name}/${given.name ?? 'native'}`,
  }
  const swarm = orchestrator === undefined ? {} : { orchestrator }
  return placeOn(host, { name, hosts: [host], instances: [instance], ...swarm }, instance)
}
