import { srvError, type TaskMaker } from '../../../src/index.ts'
import type { Options, Settings } from '../options.ts'
import { roleOf } from '../place.ts'
import { siteOf } from '../scripts/prologue.ts'
import { scaleScript } from '../swarm/scale.ts'

/** @throws SrvError SRV-623 when it is not `service=number`, several with commas */
function countsOf(said: string | undefined): readonly string[] {
  const counts = (said ?? '').split(',')
  if (counts.every((one) => /^[a-zA-Z0-9][a-zA-Z0-9._-]*=\d{1,4}$/.test(one))) return counts
  throw srvError('SRV-623', { said: said ?? '' })
}

const flags = {
  replicas: {
    type: 'string',
    description: 'How many containers each service has',
    value: 'service=number,…',
    check: (said: string | undefined): void => void countsOf(said),
  },
} as const

/**
 * Changes how many containers the services of a stack have; the next deploy goes by the compose files again. A project
 * that runs on one host alone is refused, SRV-627.
 */
export function scaleTask(task: TaskMaker<Options, Settings>) {
  return task({
    title: 'Scale the services',
    on: 'instance',
    kinds: ['docker'],
    applies: (placement) => roleOf(placement) !== 'node',
    activates: true,
    flags,
    describe: ({ flags: { replicas } }) => `scale to ${countsOf(replicas).join(', ')}`,
    script(context) {
      const { instance, host, settings, options, flags: said } = context
      const where = { host: host.name, instance: instance.id }
      if (roleOf(context) === 'alone') throw srvError('SRV-627', { instance: instance.id, host: host.name }, { where })
      return scaleScript(siteOf(context, settings), options, countsOf(said.replicas))
    },
  })
}
