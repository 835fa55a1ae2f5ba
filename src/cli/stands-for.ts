import { dataPipelineNames } from '../config/stock.ts'
import { srvError } from '../error/srv-error.ts'
import { stepsOf } from '../plan/flatten.ts'
import type { Plan } from '../plan/plan.ts'

/** The instances of a service share its data. */
const aboutData: ReadonlySet<string> = new Set(dataPipelineNames)

/** The instances that tasks of plugins act on, each once. */
function actedOn({ root }: Plan): readonly string[] {
  const steps = stepsOf(root).filter(({ plugin }) => plugin !== undefined)
  return [...new Set(steps.flatMap(({ placements }) => placements.map(({ instance }) => instance.id)))]
}

/**
 * Data tasks act on one instance on behalf of the whole service. For another instance they would report that there is
 * nothing to do, which a reader could mistake for a backup that was made.
 *
 * @param named services and instances, as the command line says them
 * @param whole the same pipeline for the whole environment
 * @throws SrvError SRV-124
 */
export function assertStandsForItself(named: readonly string[], plan: Plan, whole: Plan): void {
  if (!aboutData.has(plan.pipeline)) return
  const acted = actedOn(plan)
  const all = actedOn(whole)
  for (const name of named) {
    const [service = '', instance] = name.split('/')
    const isOfIt = (id: string): boolean => id.startsWith(`${service}/`)
    const first = all.find(isOfIt)
    if (instance === undefined || first === undefined || acted.some(isOfIt)) continue
    throw srvError('SRV-124', { name, service, first })
  }
}
