import { srvError } from '../../src/index.ts'
import type { Snapshot } from './snapshot.ts'

/** What the command line says about which snapshot is meant. */
export interface Wanted {
  /** Its id. */
  readonly snapshot?: string | undefined
  /** The newest good one that is not younger than this. */
  readonly at?: string | undefined
}

/** The id that a time would have. @throws SrvError SRV-646 for what is no time */
function idAt(at: string): string {
  const time = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(at) ? `${at}T23:59:59Z` : at)
  if (Number.isNaN(time)) throw srvError('SRV-646', { said: at })
  return new Date(time).toISOString().replaceAll(/[-:]|\.\d+/g, '')
}

/** The one that is meant among those that a keeper has, newest first: the newest good one when nothing is said. */
export function choose(snapshots: readonly Snapshot[], { snapshot, at }: Wanted): Snapshot | undefined {
  if (snapshot !== undefined) return snapshots.find(({ id }) => id === snapshot)
  const limit = at === undefined ? undefined : idAt(at)
  return snapshots.find(({ id, state }) => state === 'good' && (limit === undefined || id <= limit))
}

/** How a message says what was looked for. */
export function wantedText({ snapshot, at }: Wanted): string {
  if (snapshot !== undefined) return `snapshot ${snapshot}`
  return at === undefined ? 'good snapshot' : `good snapshot from before ${at}`
}
