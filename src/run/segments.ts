import type { Host } from '../config/resolved.ts'
import { hasHooks } from '../plan/hooks.ts'
import type { PlanNode, PlanStep } from '../plan/plan.ts'
import { hostJob, instanceJob, type Job } from './job.ts'

/** Neighbouring steps that each host can walk through by itself, or a node that has to be run as a whole. */
export type Segment =
  { readonly kind: 'walk'; readonly steps: readonly PlanStep[] } | { readonly kind: 'node'; readonly node: PlanNode }

/** A series without hooks is the same as its steps. */
function unfold(nodes: readonly PlanNode[]): readonly PlanNode[] {
  return nodes.flatMap((node) => (node.kind === 'series' && !hasHooks(node.hooks) ? unfold(node.nodes) : [node]))
}

/** Cuts a series where hosts have to wait for each other: at a step that acts once, and at a group. */
export function segmentsOf(nodes: readonly PlanNode[]): readonly Segment[] {
  const segments: Segment[] = []
  let steps: PlanStep[] = []
  const close = (): void => {
    if (steps.length > 0) segments.push({ kind: 'walk', steps })
    steps = []
  }
  for (const node of unfold(nodes)) {
    if (node.kind === 'step' && node.task.on !== 'once') {
      steps.push(node)
      continue
    }
    close()
    segments.push({ kind: 'node', node })
  }
  close()
  return segments
}

/** What one target does, one step after another. */
export type Chain = readonly Job[]

/**
 * What a host does in one segment: groups of chains, one group after another. The chains of a group are about one
 * instance each and have nothing to do with each other; a step about the host as a whole is a group of its own.
 */
export function chainsOf(steps: readonly PlanStep[], host: Host): readonly (readonly Chain[])[] {
  const groups: Chain[][] = []
  let run: PlanStep[] = []
  const close = (): void => {
    const placements = new Map(
      run
        .flatMap(({ placements }) => placements.filter((one) => one.host.name === host.name))
        .map((one) => [one.id, one]),
    )
    const chains = [...placements.values()].map((placement) => {
      const own = run.filter((step) => step.placements.some(({ id }) => id === placement.id))
      return own.map((step) => instanceJob(step, placement))
    })
    if (chains.length > 0) groups.push(chains)
    run = []
  }
  for (const step of steps) {
    if (step.task.on === 'instance') {
      run.push(step)
      continue
    }
    close()
    if (step.hosts.some(({ name }) => name === host.name)) groups.push([[hostJob(step, host)]])
  }
  close()
  return groups
}
