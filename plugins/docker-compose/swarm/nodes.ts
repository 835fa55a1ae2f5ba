import * as z from 'zod'
import { lines, raw, type InstanceState, type Script } from '../../../src/index.ts'

/**
 * Prints which node of its swarm a host is, and on a manager all nodes of it: also before anything was deployed. `node`
 * then has the state of this one and its id.
 */
export function nodeFacts(isManager: boolean): Script {
  return lines(
    raw(String.raw`node=$(engine info -f '{{.Swarm.LocalNodeState}} {{.Swarm.NodeID}}')
case $node in 'active '?*) printf 'self %s\n' "${'$'}{node#* }" ;; esac`),
    isManager
      ? raw(`engine node ls --format 'member {{.ID}} {{.Hostname}} {{.Status}} {{.Availability}}' 2>/dev/null || :`)
      : raw(''),
  )
}

/**
 * Refuses a release with images that no registry has, `bare` being their services, while the swarm may run these on a node
 * that does not get the images. A placement constraint says where a service may run.
 */
export const unknownNodes = raw(
  `[ -z "$strangers" ] || [ -z "$bare" ] || fail "The swarm may run$bare on $strangers: that is not a host of this run, and does not get the images of the release. Add it to the hosts, drain it, set a registry, or say with a placement constraint where the services run."`,
)

/** One node of a swarm, as its manager says. */
export interface Member {
  readonly id: string
  readonly name: string
  readonly isReady: boolean
  /** Whether the swarm may run something on it. */
  readonly isOpen: boolean
}

/** Reads a line of `docker node ls`. */
export function readMember(text: string): Member {
  const [id = '', name = '', status = '', availability = ''] = text.split(' ')
  return { id, name, isReady: status === 'Ready', isOpen: availability === 'Active' }
}

const detailsSchema = z.object({
  compose: z.object({
    self: z.string().optional(),
    members: z.array(z.object({ id: z.string(), name: z.string(), isReady: z.boolean(), isOpen: z.boolean() })),
  }),
})

/** Nodes of a swarm that are not hosts of a run: they do not get what the hosts get. */
export interface Strangers {
  /** Those on which the swarm may run something now. */
  readonly ready: readonly string[]
  /** Those on which it may once they are back. */
  readonly away: readonly string[]
}

/** Finds the nodes of a swarm that none of these states is of. */
export function strangersOf(states: readonly InstanceState[]): Strangers {
  const known = states.flatMap(({ details }) => {
    const parsed = detailsSchema.safeParse(details)
    return parsed.success ? [parsed.data.compose] : []
  })
  const ours = new Set(known.map(({ self }) => self))
  const open = known.flatMap(({ members }) => members).filter(({ id, isOpen }) => isOpen && !ours.has(id))
  return {
    ready: open.filter(({ isReady }) => isReady).map(({ name }) => name),
    away: open.filter(({ isReady }) => !isReady).map(({ name }) => name),
  }
}
