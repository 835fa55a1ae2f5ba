import { createHash } from 'node:crypto'
import type { Reached } from '../../../src/index.ts'
import type { Vault } from '../vault.ts'

/**
 * A connection of one machine to another for as long as a run lasts. Names are the same in all commands of a run, so
 * that whoever comes next finds it, and of the next run of the service, which removes what a dead one left.
 */
export interface Link {
  readonly way: 'pull' | 'push'
  /** `srv-link-<hash>`: of two machines, and who goes to whom. */
  readonly machines: string
  /** `srv-link-<hash>-<hash>`: and of the service whose lease is held while it is opened. */
  readonly own: string
  /** `srv-link-<hash>-<hash>-<run>`: folders on both machines, and the comment of the key. */
  readonly tag: string
  readonly run: string
}

/** What tells the connections of a run apart. */
export interface Linked {
  readonly runId: string
  readonly host: { readonly name: string; readonly root: string }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}

/** The connection between a host and a keeper in a run; `reached` is how srv got to the host. */
export function linkOf(
  { runId, host }: Linked,
  { on, way = 'laptop' }: Pick<Vault, 'on' | 'way'>,
  reached: Reached | undefined,
  service = '',
): Link | undefined {
  if (way === 'laptop') return undefined
  const direction = way === 'push' ? 'push' : 'pull'
  const machines = `srv-link-${hash([direction, host.name, host.root, reached?.hostKey ?? '', on].join('\n'))}`
  const own = `${machines}-${hash(service)}`
  return { way: direction, machines, own, tag: `${own}-${runId}`, run: runId }
}
