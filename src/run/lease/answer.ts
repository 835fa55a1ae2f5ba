import type { HeldBy } from '../../error/catalog/lease.ts'

/** Somebody else's lease, as `acquire` found it. */
export interface Conflict extends HeldBy {
  /** `taking` while its holder has not got all of its leases yet. */
  readonly phase: 'taking' | 'held'
}

function field(owner: unknown, name: string): string {
  if (typeof owner !== 'object' || owner === null) return 'unknown'
  const value: unknown = Object.entries(owner).find(([key]) => key === name)?.[1]
  return typeof value === 'string' ? value : 'unknown'
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    // Half a file, on a host that lost power: then its owner is unknown.
    return undefined
  }
}

/** Who holds a lease, from `<age> <owner>`. */
export function heldBy(host: string, ageSeconds: number, json: string): HeldBy {
  const owner = parse(json)
  return {
    host,
    ageSeconds,
    service: field(owner, 'service'),
    actor: field(owner, 'actor'),
    run: field(owner, 'run'),
    pipeline: field(owner, 'pipeline'),
    since: field(owner, 'since'),
  }
}

/** What `acquire` said about a lease that it could not take. */
export function conflictOf(host: string, stdout: string): Conflict | undefined {
  const match = /^locked (\d+) (\w*) (.*)$/m.exec(stdout)
  if (match === null) return undefined
  const [, age = '0', phase = '', json = ''] = match
  return { ...heldBy(host, Number(age), json), phase: phase === 'taking' ? 'taking' : 'held' }
}

/** What `look` said: the leases that are alive on a host. */
export function leasesOf(host: string, stdout: string): readonly HeldBy[] {
  return [...stdout.matchAll(/^(\d+) (.*)$/gm)].map(([, age = '0', json = '']) => heldBy(host, Number(age), json))
}
