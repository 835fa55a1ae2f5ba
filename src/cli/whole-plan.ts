import { srvError } from '../error/srv-error.ts'
import { didYouMean } from '../error/suggest.ts'
import { buildPlan } from '../plan/build.ts'
import type { Plan } from '../plan/plan.ts'
import { commandNames } from './commands.ts'
import type { Project } from './project.ts'

/** A plan over the whole environment: it tells which flags there are. @throws SrvError SRV-116 for a pipeline that does not exist */
export function wholePlan(project: Project, pipeline: string): Plan {
  const { environment, placements, hosts, companions } = project.config
  if (!project.vocabulary.pipelines.has(pipeline)) {
    const known = new Set([...commandNames, ...project.vocabulary.pipelines.keys()])
    throw srvError('SRV-116', { pipeline, suggestion: didYouMean(pipeline, known) })
  }
  return buildPlan(project.vocabulary, {
    pipeline,
    environment,
    placements,
    flags: {},
    hosts: [...hosts, ...companions],
  })
}
