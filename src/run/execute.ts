import type { Host } from '../config/resolved.ts'
import type { PlanNode, PlanRolling, PlanSeries, PlanStep } from '../plan/plan.ts'
import { runChain } from './chain.ts'
import { runAlone, runPipelineHooks } from './function-job.ts'
import { onceJob } from './job.ts'
import type { Piece } from './pieces.ts'
import { putBack } from './put-back.ts'
import { chainsOf, segmentsOf, type Chain } from './segments.ts'
import type { Session } from './session.ts'

/** The part of a run that a node is run for. */
export interface Scope {
  readonly hosts: readonly Host[]
  /** Inside a rolling group an instance that fails is put back at once, before anything else begins. */
  readonly isRolling: boolean
  /** Looked at once the last step of a target is through, in the same command. */
  readonly tail: (chain: Chain) => readonly Piece[]
}

const noTail = (): readonly Piece[] => []

async function walkChain(session: Session, host: Host, chain: Chain, scope: Scope): Promise<boolean> {
  const ok = await runChain(session, host, chain, scope.tail(chain))
  const [first] = chain
  const placement = first?.placement
  if (ok) {
    const isActivated = chain.some(({ step }) => step.task.activates === true)
    if (placement !== undefined && isActivated) session.state.activated.add(placement.id)
    return true
  }
  if (scope.isRolling && first !== undefined) {
    const again = chain.filter(({ step, target }) => step.task.reapply === true && session.state.hasBegun(step, target))
    await putBack(session, { target: first.target, host, again, ...(placement === undefined ? {} : { placement }) })
  }
  return false
}

/**
 * The chains of one host's group. Inside a rolling group they run at the same time, as most of their time is waiting for
 * health; outside they take turns, since two builds at once are too much for a small server.
 */
async function walkGroup(session: Session, host: Host, chains: readonly Chain[], scope: Scope): Promise<boolean> {
  if (scope.isRolling)
    return (await Promise.all(chains.map((chain) => walkChain(session, host, chain, scope)))).every(Boolean)
  for (const chain of chains) if (!(await walkChain(session, host, chain, scope))) return false
  return true
}

/** Each host walks through the steps by itself; a host stops at its first failure, the others finish theirs. */
async function walk(session: Session, steps: readonly PlanStep[], scope: Scope): Promise<boolean> {
  const walkHost = async (host: Host): Promise<boolean> => {
    for (const chains of chainsOf(steps, host)) if (!(await walkGroup(session, host, chains, scope))) return false
    return true
  }
  return (await Promise.all(scope.hosts.map(walkHost))).every(Boolean)
}

async function series(session: Session, node: PlanSeries, scope: Scope): Promise<boolean> {
  return runPipelineHooks(session, node, async () => {
    const segments = segmentsOf(node.nodes)
    for (const [index, segment] of segments.entries()) {
      if (session.signal.aborted) return false
      const inner = index === segments.length - 1 ? scope : { ...scope, tail: noTail }
      const ok =
        segment.kind === 'walk'
          ? await walk(session, segment.steps, inner)
          : await execute(session, segment.node, inner)
      if (!ok) return false
    }
    return true
  })
}

/** Canary hosts one at a time, then a sliding window: a slot is handed on as soon as its host is done. No host starts after a failure. */
async function rolling(session: Session, node: PlanRolling, scope: Scope): Promise<boolean> {
  const queue = node.hosts.filter((host) => scope.hosts.some(({ name }) => name === host.name))
  let ok = true
  const one = async (host: Host): Promise<void> => {
    const body: PlanSeries = {
      kind: 'series',
      id: node.id,
      nodes: node.nodes,
      hooks: { before: [], after: [], finally: [] },
    }
    ok = (await series(session, body, { hosts: [host], isRolling: true, tail: noTail })) && ok
  }
  for (const host of queue.splice(0, node.canary)) if (ok) await one(host)
  const worker = async (): Promise<void> => {
    for (let host = queue.shift(); ok && host !== undefined && !session.signal.aborted; host = queue.shift())
      await one(host)
  }
  await Promise.all(Array.from({ length: node.window }, worker))
  return ok && !session.signal.aborted
}

/** Runs a part of a plan; it says whether all of it went well. What failed is in the state of the run. */
export async function execute(session: Session, node: PlanNode, scope: Scope): Promise<boolean> {
  switch (node.kind) {
    case 'step':
      return node.task.on === 'once' ? runAlone(session, onceJob(node)) : walk(session, [node], scope)
    case 'series':
      return series(session, node, scope)
    case 'parallel': {
      const inner = { ...scope, tail: noTail }
      return (await Promise.all(node.nodes.map((child) => execute(session, child, inner)))).every(Boolean)
    }
    case 'rolling':
      return rolling(session, node, scope)
  }
}
