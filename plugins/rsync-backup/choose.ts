import { srvError } from '../../src/index.ts'
import type { Snapshot } from './snapshot.ts'

/** What the command line says about which snapshot is meant. */
export interface Wanted {
  /** Its id. */
  readonly snapshot?: string | undefined
  /** The newest good one that is not younger than this. */
  readonly at?: string | undefined
}

/** The id that a time would have: of a day its end. Other notations would mean another moment in another time zone. @throws SrvError SRV-646 */
function idAt(at: string): string {
  const [, day, clock = '23:59:59'] = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.\d+)?Z)?$/.exec(at) ?? []
  const time = new Date(`${day ?? ''}T${clock}Z`)
  const isTime = !Number.isNaN(time.getTime()) && time.toISOString() === `${day ?? ''}T${clock}.000Z`
  if (!isTime) throw srvError('SRV-646', { said: at })
  return time.toISOString().replaceAll(/[-:]|\.\d+/g, '')
}

/** The newest id that the one that is meant may have; nothing where no time is said. @throws SrvError SRV-646 */
export function limitOf({ at }: Pick<Wanted, 'at'>): string | undefined {
  return at === undefined ? undefined : idAt(at)
}

/**
 * A time and a name at once would leave open which of them counts.
 *
 * @throws SrvError SRV-646 for what is no time, SRV-654 for both
 */
export function assertOneOf({ snapshot, at }: Wanted): void {
  if (limitOf({ at }) === undefined || snapshot === undefined) return
  const problem = `it means the newest one up to a time, and --snapshot ${snapshot} means that one: give one of the two. Nothing was contacted`
  throw srvError('SRV-654', { flag: 'at', said: at ?? '', problem })
}

/**
 * The one that is meant among those that a keeper has, newest first: the newest good one when nothing is said. One that is
 * dated after `latest` was made with a wrong clock, and says nothing about which data is the newest: it is chosen only by
 * its name.
 */
export function choose(
  snapshots: readonly Snapshot[],
  { snapshot, at }: Wanted,
  latest?: string,
): Snapshot | undefined {
  if (snapshot !== undefined) return snapshots.find(({ id }) => id === snapshot)
  const limits = [latest, limitOf({ at })].filter((limit) => limit !== undefined)
  return snapshots.find(({ id, state }) => state === 'good' && limits.every((limit) => id <= limit))
}

/** A way back to a release, with data that it can read. */
export interface Back {
  readonly release: string
  /** The release that serves; nothing where none does. */
  readonly serving?: string | undefined
}

/**
 * The newest good one of the data as a release left them: it was made for the deploy of another release, while this one
 * served. A release that never left any, as it was gone back from, takes those from before the deploy of what serves, as it
 * once did, if an older release left them; those of a newer one are not for it. The same goes for one that is dated after
 * `latest`.
 */
export function chooseLeft(
  snapshots: readonly Snapshot[],
  { release, serving }: Back,
  latest?: string,
): Snapshot | undefined {
  const left = snapshots.filter(
    ({ id, state, before }) => state === 'good' && before !== '' && (latest === undefined || id <= latest),
  )
  return (
    left.find((one) => one.release === release) ??
    left.find((one) => one.before === serving && one.release !== '' && one.release < release)
  )
}

/** How a message says what was looked for. */
export function wantedText({ snapshot, at }: Wanted): string {
  if (snapshot !== undefined) return `snapshot ${snapshot}`
  return at === undefined ? 'good snapshot' : `good snapshot from before ${at}`
}

/** How a plan names what will be looked for: `newest good snapshot`. */
export function plannedText(wanted: Wanted): string {
  return wanted.snapshot === undefined ? `newest ${wantedText(wanted)}` : wantedText(wanted)
}
