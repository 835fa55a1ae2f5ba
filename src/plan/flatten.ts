import { factsOf } from '../plugin/contract.ts'
import type { Host } from '../config/resolved.ts'
import type { PlanNode, PlanStep } from './plan.ts'

/** Every step of a part of a plan, in the order in which it is written. */
export function stepsOf(node: PlanNode): readonly PlanStep[] {
  return node.kind === 'step' ? [node] : node.nodes.flatMap((child) => stepsOf(child))
}

/** What a step acts on, as events name it: placement ids, host names, or `local`. */
export function targetsOf(step: PlanStep): readonly string[] {
  switch (factsOf(step.task).on) {
    case 'once':
      return ['local']
    case 'host':
      return step.hosts.map(({ name }) => name)
    case 'instance':
      return step.placements.map(({ id }) => id)
  }
}

/** The hosts that steps work with beside those they act on, each once. */
export function companionsOf(node: PlanNode): readonly Host[] {
  const found = stepsOf(node).flatMap(({ companions }) => companions)
  return [...new Map(found.map((host) => [host.name, host])).values()]
}

/** Those of them that some step cannot do without. */
export function neededCompanions(node: PlanNode): ReadonlySet<string> {
  const steps = stepsOf(node).filter(({ task }) => task.alsoMayFail !== true)
  return new Set(steps.flatMap(({ companions }) => companions.map(({ name }) => name)))
}

/** Whether a part of a plan may change something: by a step, or by what a config adds, of which nobody knows what it does. */
export function mayChange(node: PlanNode): boolean {
  if ('hooks' in node && [node.hooks.before, node.hooks.after, node.hooks.finally].some(({ length }) => length > 0))
    return true
  if (node.kind === 'step') return node.task.changes !== false || node.override !== undefined
  return node.nodes.some((child) => mayChange(child))
}

/** Whether a pipeline changes what serves: then the run ends by asking each host what does. */
export function activates(node: PlanNode): boolean {
  return stepsOf(node).some((step) => step.task.activates === true)
}
