import { hasHooks } from '../../plan/hooks.ts'
import type { PlanNode, PlanStep } from '../../plan/plan.ts'
import { contextOf } from './context.ts'
import { onceJob } from './job.ts'
import type { Session } from '../session.ts'
import { dryCommands } from './target.ts'

/** The first step of a part of a plan, unless a hook comes before it: that may change what the step looks at. */
function firstOf(node: PlanNode | undefined): PlanStep | undefined {
  if (node === undefined) return undefined
  if (node.kind === 'step') return hasHooks(node.hooks) || node.override !== undefined ? undefined : node
  if (node.kind === 'series') return hasHooks(node.hooks) ? undefined : firstOf(node.nodes[0])
  return undefined
}

/** Work that was begun before its step. */
export interface Ahead {
  /** Resolves when it has ended, whether it succeeded or failed. */
  readonly settled: Promise<unknown>
  /** Cancels it, for when the step never comes. */
  readonly drop: () => Promise<void>
}

/**
 * Begins what the first step of a run can do while hosts are still being connected to and asked; for a deploy that is
 * resolving the commit. If it throws, the step itself does the work again and throws in its turn.
 */
export function beginAhead(session: Session): Ahead {
  const step = firstOf(session.plan.root)
  const nothing: Ahead = { settled: Promise.resolve(), drop: () => Promise.resolve() }
  if (session.dryRun || step?.task.on !== 'once' || step.task.ahead === undefined) return nothing
  const { ahead } = step.task
  const ending = new AbortController()
  const signal = AbortSignal.any([session.signal, ending.signal])
  const context = contextOf(
    { ...session, signal },
    onceJob(step),
    dryCommands(() => undefined),
  )
  const call = async (): Promise<unknown> => {
    const found: unknown = await ahead(context)
    return found
  }
  const work = session.openWork.track(`what ${step.taskId} does ahead`, call()).catch(() => undefined)
  session.state.setAhead(step, work)
  return {
    settled: work,
    async drop() {
      ending.abort()
      await work
    },
  }
}
