import { didYouMean, srvError, type InstanceState, type Release } from '../../src/index.ts'

/** What one host has of an instance. */
export interface Holding {
  readonly host: string
  readonly state: InstanceState
}

function has({ state }: Holding, id: string): boolean {
  return state.releases.some((release) => release.id === id)
}

function listed(holdings: readonly Holding[]): { host: string; releases: readonly string[] }[] {
  return holdings.map(({ host, state }) => ({ host, releases: state.releases.map(({ id }) => id) }))
}

/** The second at which a release was made. An adopted checkout has that of its commit, which may be the same as the first deploy's. */
function madeAt(id: string): string {
  return id.slice(0, id.indexOf('-'))
}

/** Releases that served once and are older than what serves, newest first. Ids sort by time. */
function earlier({ releases, release }: InstanceState, than = release?.id): readonly Release[] {
  const known = releases.some(({ id }) => id === than)
  return releases.filter(
    ({ id, since }) =>
      since !== undefined && id !== than && (!known || than === undefined || madeAt(id) <= madeAt(than)),
  )
}

function newest(ids: Iterable<string>): string | undefined {
  return [...ids].sort().at(-1)
}

/** Hosts that serve the same release go to the newest earlier release of any of them, which all of them must then have. */
function previousOfAll(holdings: readonly Holding[]): string | undefined {
  return newest(
    holdings.flatMap(({ state }) =>
      earlier(state)
        .slice(0, 1)
        .map(({ id }) => id),
    ),
  )
}

/** After a failed deploy hosts differ: they go to the newest release that all of them have, that has served, and that is older than the newest serving one. */
function meetingPoint(holdings: readonly Holding[]): string | undefined {
  const top = newest(holdings.flatMap(({ state }) => (state.release === undefined ? [] : [state.release.id])))
  const served = new Set(holdings.flatMap(({ state }) => earlier(state, top).map(({ id }) => id)))
  return newest([...served].filter((id) => holdings.every((holding) => has(holding, id))))
}

/**
 * What a host has of a release: itself, or the same commit under another id. After a run that was killed half-way, hosts
 * may have the same commit from two deploys.
 */
function ownOf({ state }: Holding, id: string, commit: string | undefined): string | undefined {
  if (state.releases.some((release) => release.id === id)) return id
  if (commit === undefined) return undefined
  return newest(state.releases.filter((one) => one.commit === commit && one.since !== undefined).map((one) => one.id))
}

/**
 * The release that each chosen host of an instance goes back to, by host: the same one, or at least the same commit.
 *
 * @param wanted the release that `--to` names; without it the one before what serves
 * @throws SrvError SRV-331 when a host lacks it, SRV-332 when there is no earlier one, SRV-333 when no host has what was
 * named; nothing was changed then
 */
export function selectRelease(
  instance: string,
  holdings: readonly Holding[],
  wanted: string | undefined,
): ReadonlyMap<string, string> {
  const where = { instance }
  if (wanted !== undefined && !holdings.some((holding) => has(holding, wanted))) {
    const known = new Set(holdings.flatMap(({ state }) => state.releases.map(({ id }) => id)))
    throw srvError('SRV-333', { instance, release: wanted, suggestion: didYouMean(wanted, known) }, { where })
  }
  const serving = new Set(holdings.map(({ state: { release } }) => release?.commit ?? release?.id))
  const id = wanted ?? (serving.size === 1 ? previousOfAll(holdings) : meetingPoint(holdings))
  if (id === undefined) throw srvError('SRV-332', { instance, hosts: listed(holdings) }, { where })
  const commit = holdings.flatMap(({ state }) => state.releases).find((release) => release.id === id)?.commit
  const found = new Map<string, string>()
  for (const holding of holdings) {
    const own = ownOf(holding, id, commit)
    if (own !== undefined) found.set(holding.host, own)
  }
  const lacking = holdings.filter(({ host }) => !found.has(host)).map(({ host }) => host)
  if (lacking.length === 0) return found
  throw srvError('SRV-331', { instance, release: id, lacking, hosts: listed(holdings) }, { where })
}
