import { srvError, type TaskMaker } from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import { roleOf } from '../place.ts'

/** Refuses a run that leaves out the manager of a swarm: nobody would be told what to run. */
export function aimTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Look for the manager of the swarm',
    on: 'once',
    kinds: ['docker'],
    applies: (placement) => roleOf(placement) !== 'alone',
    changes: false,
    run({ placements, environment }) {
      const instances = new Map(placements.map((placement) => [placement.instance.id, placement]))
      for (const [instance, { service }] of instances) {
        const isThere = placements.some((one) => one.instance.id === instance && roleOf(one) === 'manager')
        const manager = service.orchestrator?.manager ?? ''
        if (!isThere) throw srvError('SRV-622', { instance, manager, environment }, { where: { instance } })
      }
    },
  })
}
