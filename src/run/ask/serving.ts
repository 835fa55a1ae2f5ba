import type { Placement } from '../../config/resolved.ts'
import type { InstanceState } from '../../plugin/state.ts'
import type { Serving } from '../event.ts'
import type { RunState } from '../run-state.ts'

/** Where an instance answers, seen from the laptop: its first HTTP check on the address of its host. */
export function urlOf({ host, instance }: Placement): string | undefined {
  const http = instance.health.find((health) => health.kind === 'http')
  if (http === undefined) return undefined
  const rest = http.url.startsWith(':') ? http.url : undefined
  if (rest === undefined) return http.url
  const { port, pathname } = new URL(`http://localhost${rest}`)
  // The path of a health check is not where people look; the site is at the root, unless the check says otherwise.
  const address = host.kind === 'ssh' ? host.address : host.loopback
  return `http://${address}${port === '' ? '' : `:${port}`}${pathname.endsWith('/') ? pathname : '/'}`
}

function isDown({ healthy, running, release }: InstanceState): boolean {
  return release !== undefined && (healthy === 'no' || (healthy !== 'yes' && running === 'no'))
}

/** What serves on a placement, from what its host said last and what it said before the run. */
export function servingOf(placement: Placement, now: InstanceState | undefined, state: RunState): Serving {
  const url = urlOf(placement)
  const at = url === undefined ? {} : { url }
  if (now === undefined) return { release: null, state: 'unknown', ...at }
  const release = now.release?.id ?? null
  if (isDown(now)) return { release, state: 'down', ...at }
  const { release: releaseBefore, running } = state.before(placement)
  const before = releaseBefore?.id ?? null
  if (!state.touched.has(placement.id)) return { release, state: 'unchanged', ...at }
  const next = state.next(placement)?.release.id
  // A restart puts nothing new in place: what serves afterwards is what served before.
  if (next === undefined) return { release, state: release === before ? 'unchanged' : 'unknown', ...at }
  // A first deploy that failed. What ran before without srv runs again; where nothing did, "old" would wrongly say that something serves.
  if (release === null && !state.activated.has(placement.id)) {
    const ranBefore = before === null && running === 'yes' && now.running === 'yes'
    return { release, state: ranBefore ? 'old' : 'down', ...at }
  }
  // What could not be put back still has the new release's name, and nothing proved that it serves.
  if (release === next && state.activated.has(placement.id)) return { release, state: 'new', ...at }
  return { release, state: release === before ? 'old' : 'unknown', ...at }
}
