import type { Host } from '../../config/resolved.ts'
import { hasHooks } from '../../plan/hooks.ts'
import type { PlanNode, PlanStep } from '../../plan/plan.ts'
import { hostJob, instanceJob, type Job } from './job.ts'

/** Neighbouring steps that each host can walk through by itself, or a node that has to be run as a whole. */
export type Segment =
  { readonly kind: 'walk'; readonly steps: readonly PlanStep[] } | { readonly kind: 'node'; readonly node: PlanNode }

/** A series without hooks is the same as its steps. */
function unfold(nodes: readonly PlanNode[]): readonly PlanNode[] {
  return nodes.flatMap((node) => (node.kind === 'series' && !hasHooks(node.hooks) ? unfold(node.nodes) : [node]))
}

/**
 * Cuts a series where hosts have to wait for each other: at a step that acts once, at a group, and, where there are
 * others to wait for, before the first step that changes what serves. So a host that cannot be prepared stops all.
 */
export function segmentsOf(nodes: readonly PlanNode[], hasOthers = false): readonly Segment[] {
  const segments: Segment[] = []
  let steps: PlanStep[] = []
  const close = (): void => {
    if (steps.length > 0) segments.push({ kind: 'walk', steps })
    steps = []
  }
  for (const node of unfold(nodes)) {
    if (node.kind === 'step' && node.task.on !== 'once') {
      const isFirst = node.task.activates === true && steps.every(({ task }) => task.activates !== true)
      if (hasOthers && isFirst) close()
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

function hostChain(run: readonly PlanStep[], host: Host): Chain {
  return run.filter(({ hosts }) => hosts.some(({ name }) => name === host.name)).map((step) => hostJob(step, host))
}

function instanceChains(run: readonly PlanStep[], host: Host): readonly Chain[] {
  const own = run.flatMap(({ placements }) => placements.filter((one) => one.host.name === host.name))
  const placements = new Map(own.map((one) => [one.id, one]))
  return [...placements.values()].map((placement) =>
    run
      .filter((step) => step.placements.some(({ id }) => id === placement.id))
      .map((step) => instanceJob(step, placement)),
  )
}

/**
 * What a host does in one segment: groups of chains, one group after another. The chains of a group are about one
 * instance each and have nothing to do with each other; neighbouring steps about the host as a whole are one chain.
 */
export function chainsOf(steps: readonly PlanStep[], host: Host): readonly (readonly Chain[])[] {
  const runs: PlanStep[][] = []
  for (const step of steps) {
    const last = runs.at(-1)
    if (last?.[0]?.task.on === step.task.on) last?.push(step)
    else runs.push([step])
  }
  const groups = runs.map((run) =>
    run[0]?.task.on === 'instance' ? instanceChains(run, host) : [hostChain(run, host)],
  )
  return groups.map((chains) => chains.filter((chain) => chain.length > 0)).filter((chains) => chains.length > 0)
}
