import type { Host } from '../../config/resolved.ts'
import { noHooks } from '../../plan/hooks.ts'
import type { PlanNode, PlanRolling, PlanSeries, PlanStep } from '../../plan/plan.ts'
import { runChain } from './chain.ts'
import { putBackHost, putBackTargets } from '../undo/clean-up.ts'
import { runAlone, runPipelineHooks } from './function-job.ts'
import { goesOn, goingOn } from './go-on.ts'
import { onceJob } from './job.ts'
import type { Piece } from './pieces.ts'
import { chainsOf, segmentsOf, type Chain } from './segments.ts'
import type { Session } from '../session.ts'
import { together } from '../together.ts'

/** The part of a run that a node is run for. */
export interface Scope {
  readonly hosts: readonly Host[]
  /** Inside a rolling group the instances of a host take no turns. */
  readonly isRolling: boolean
  /** Whether a target that fails is put back at once: in a rolling group, unless steps of it may still run beside. */
  readonly putsBack: boolean
  /** Questions that are sent in the same command as the last step of a target. */
  readonly tail: (chain: Chain) => readonly Piece[]
}

const noTail = (): readonly Piece[] => []

/** Position of the last step of a chain that puts a release in place or proves it. */
function proofOf(chain: Chain): number {
  return chain.findLastIndex(({ step }) => step.task.activates === true || step.task.reapply === true)
}

/**
 * Whether a chain failed only after the last step that puts a release in place or proves it: a README that could not be
 * written is no reason to undo a release that serves well.
 */
function failedBehindProof(session: Session, chain: Chain): boolean {
  const failed = chain.findIndex(({ step, target }) => session.state.hasFailed(step, target))
  return failed > proofOf(chain)
}

async function walkChain(session: Session, host: Host, chain: Chain, scope: Scope): Promise<boolean> {
  const target = chain[0]?.target ?? host.name
  const { activated, failed } = session.state
  let ok = false
  try {
    ok = await runChain(session, host, chain, scope.tail(chain))
  } finally {
    const last = chain.findLast(({ step }) => step.task.activates === true)?.step.task
    const isKept = ok || (!scope.isRolling && failedBehindProof(session, chain))
    if (isKept && last?.stops === true) activated.delete(target)
    else if (isKept && last !== undefined) activated.add(target)
    if (!ok) {
      if (!isKept) activated.delete(target)
      failed.add(target)
      if (scope.putsBack) await putBackTargets(session, host, [target])
    }
  }
  return ok
}

/**
 * The chains of one service: some act, and others only check the result, such as the health of the other instances after a
 * restore. Each has a vote: nothing after the proof runs until all have checked, and when one of them fails, what can be
 * undone is put back.
 */
async function walkService(session: Session, host: Host, chains: readonly Chain[], scope: Scope): Promise<boolean> {
  const walkAll = async (some: readonly Chain[]): Promise<boolean> =>
    (await together(some.map((chain) => walkChain(session, host, chain, scope)))).every(Boolean)
  const acts = (chain: Chain): boolean => chain.some(({ step }) => step.task.activates === true)
  const [acting, looking] = [chains.filter(acts), chains.filter((chain) => !acts(chain))]
  if (looking.length === 0) return walkAll(acting)
  if (!(await walkAll(acting.map((chain) => chain.slice(0, proofOf(chain) + 1))))) return false
  if (await walkAll(looking)) {
    return walkAll(acting.map((chain) => chain.slice(proofOf(chain) + 1)).filter((rest) => rest.length > 0))
  }
  const { activated, failed } = session.state
  const canUndo = (chain: Chain): boolean => chain.some(({ step }) => step.task.undo !== undefined)
  for (const target of acting.filter(canUndo).flatMap(([job]) => (job === undefined ? [] : [job.target]))) {
    activated.delete(target)
    failed.add(target)
    if (scope.putsBack) await putBackTargets(session, host, [target])
  }
  return false
}

function serviceOf([job]: Chain): string | undefined {
  return job?.placement?.service.name
}

/**
 * The chains of one host's group. Inside a rolling group they run at the same time, as most of their time is waiting for
 * health; outside they take turns, because two builds at once are too much for a small server.
 */
async function walkGroup(session: Session, host: Host, chains: readonly Chain[], scope: Scope): Promise<boolean> {
  if (scope.isRolling) {
    const services = [...new Set(chains.map(serviceOf))]
    const chainsOfOne = services.map((name) => chains.filter((chain) => serviceOf(chain) === name))
    return (await together(chainsOfOne.map((own) => walkService(session, host, own, scope)))).every(Boolean)
  }
  let ok = true
  for (const chain of chains) {
    const left = ok ? chain : goingOn(session, chain)
    if (left.length === 0 || (await walkChain(session, host, left, ok ? scope : { ...scope, tail: noTail }))) continue
    ok = false
    if (!goesOn(session, [left])) return false
  }
  return ok
}

/**
 * Each host walks through the steps by itself. A host stops at its first failure, unless that concerns no other target; the
 * others finish theirs.
 */
async function walk(session: Session, steps: readonly PlanStep[], scope: Scope): Promise<boolean> {
  const walkHost = async (host: Host): Promise<boolean> => {
    let ok = true
    for (const chains of chainsOf(steps, host)) {
      const left = ok ? chains : chains.map((chain) => goingOn(session, chain)).filter((chain) => chain.length > 0)
      if (left.length === 0) return false
      if (await walkGroup(session, host, left, ok ? scope : { ...scope, tail: noTail })) continue
      ok = false
      if (scope.isRolling || !goesOn(session, left)) return false
    }
    return ok
  }
  const results = await together(scope.hosts.map(walkHost))
  return results.every(Boolean)
}

async function series(session: Session, node: PlanSeries, scope: Scope): Promise<boolean> {
  return runPipelineHooks(session, node, async () => {
    const segments = segmentsOf(node.nodes, scope.hosts.length > 1)
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

/** One host of a rolling group: when it fails, it is put back at once, before any other host begins. */
async function turn(session: Session, node: PlanRolling, host: Host): Promise<boolean> {
  const body: PlanSeries = { kind: 'series', id: node.id, nodes: node.nodes, hooks: noHooks }
  let ok = false
  try {
    ok = await series(session, body, { hosts: [host], isRolling: true, putsBack: true, tail: noTail })
  } finally {
    if (!ok) await putBackHost(session, host)
  }
  return ok
}

/** Canary hosts one at a time, then a sliding window: the next host starts as soon as one is done. No host starts after a failure. */
async function rolling(session: Session, node: PlanRolling, scope: Scope): Promise<boolean> {
  const queue = node.hosts.filter((host) => scope.hosts.some(({ name }) => name === host.name))
  const all = { ok: true }
  const next = (): Host | undefined => (all.ok && !session.signal.aborted ? queue.shift() : undefined)
  const one = async (host: Host): Promise<void> => {
    let isDone = false
    try {
      isDone = await turn(session, node, host)
    } finally {
      all.ok &&= isDone
    }
  }
  for (let left = node.canary; left > 0; left--) {
    const host = next()
    if (host !== undefined) await one(host)
  }
  const worker = async (): Promise<void> => {
    for (let host = next(); host !== undefined; host = next()) await one(host)
  }
  await together(Array.from({ length: node.window }, worker))
  return all.ok && !session.signal.aborted
}

/** Runs a part of a plan, and says whether all of it succeeded. What failed is in the state of the run. */
export async function execute(session: Session, node: PlanNode, scope: Scope): Promise<boolean> {
  switch (node.kind) {
    case 'step':
      // In a rolling group it acts for the first host that comes to it, and the others wait for it.
      if (node.task.on === 'once') return session.state.once(node, () => runAlone(session, onceJob(node)))
      return walk(session, [node], scope)
    case 'series':
      return series(session, node, scope)
    case 'parallel': {
      const inner = { ...scope, putsBack: false, tail: noTail }
      const results = await together(node.nodes.map((child) => execute(session, child, inner)))
      return results.every(Boolean)
    }
    case 'rolling':
      return rolling(session, node, scope)
  }
}
