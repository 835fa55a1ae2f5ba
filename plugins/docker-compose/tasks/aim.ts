import { srvError, type TaskMaker, type TaskWithResult } from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import { roleOf } from '../place.ts'
import { strangersOf, type Strangers } from '../swarm/nodes.ts'

/** What a run finds out about a swarm: nodes that are not among its hosts, and whether one of its hosts needs a release: then all of them do. */
export interface Found extends Strangers {
  readonly isUneven: boolean
}

/** By instance. */
export type Aimed = Readonly<Record<string, Found>>

/**
 * Refuses a run that leaves out the manager of a swarm: nothing could tell the swarm what to run. Finds the nodes that get
 * no images, and warns of those that may come back.
 */
export function aimTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Look for the manager of the swarm',
    on: 'once',
    kinds: ['docker'],
    applies: (placement) => roleOf(placement) !== 'alone',
    changes: false,
    run(context): Aimed {
      const { placements, environment } = context
      const aimed: Record<string, Found> = {}
      const instances = new Map(placements.map((placement) => [placement.instance.id, placement]))
      for (const [instance, { service }] of instances) {
        const isThere = placements.some((one) => one.instance.id === instance && roleOf(one) === 'manager')
        const manager = service.orchestrator?.manager ?? ''
        if (!isThere) throw srvError('SRV-622', { instance, manager, environment }, { where: { instance } })
        const own = placements.filter((one) => one.instance.id === instance)
        const states = own.map((one) => context.state(one))
        const strangers = strangersOf(states)
        const differs = states.some(({ drift, running }) => drift.length > 0 || running === 'no')
        const isUneven = differs || new Set(states.map(({ release }) => release?.id)).size > 1
        aimed[instance] = { ...strangers, isUneven }
        if (strangers.away.length > 0)
          context.warn(
            `${strangers.away.join(' ')} is away from the swarm: when it is back, deploy again, so that it gets the images`,
          )
      }
      return aimed
    },
  })
}

/**
 * Has all nodes of a swarm get a release again when one of them missed it, although it serves: the images that this node
 * lacks belong to a release that the manager makes.
 */
export function evenTask(task: TaskMaker<Options, Settings>, aim: TaskWithResult<Aimed>) {
  return task({
    title: 'Look for nodes that missed a release',
    on: 'instance',
    kinds: ['docker'],
    applies: (placement) => roleOf(placement) !== 'alone',
    changes: false,
    evenIfUnchanged: true,
    skip: ({ isUnchanged }) => (isUnchanged ? undefined : 'a release is put in place in any case'),
    run(context) {
      if (context.output(aim)?.[context.instance.id]?.isUneven === true) context.anew()
    },
  })
}
